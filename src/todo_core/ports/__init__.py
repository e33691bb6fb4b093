"""
What the core asks of the world.

A port's docstring is its contract, sentence by sentence; ``todo_core.contracts`` holds a test for each.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from todo_core.ports.mail import Outbox, SuppressionStore
from todo_core.ports.people import EventStore, SessionStore, TokenStore, UserStore
from todo_core.ports.services import (
    AccessTokens,
    BreachedPasswords,
    Clock,
    CommonPasswords,
    EmailService,
    LinkSigner,
    MailHook,
    MessageRenderer,
    PasswordHasher,
    Randomness,
    RateLimiter,
)
from todo_core.ports.todos import AnswerStore, CalendarStore, ChangeStore, ListStore, TodoStore
from todo_core.ports.work import UnitOfWork, Work

__all__ = [
    "AccessTokens",
    "AnswerStore",
    "BreachedPasswords",
    "CalendarStore",
    "ChangeStore",
    "Clock",
    "CommonPasswords",
    "EmailService",
    "EventStore",
    "LinkSigner",
    "ListStore",
    "MailHook",
    "MessageRenderer",
    "Outbox",
    "PasswordHasher",
    "Ports",
    "Randomness",
    "RateLimiter",
    "SessionStore",
    "SuppressionStore",
    "TodoStore",
    "TokenStore",
    "UnitOfWork",
    "UserStore",
    "Work",
]


@frozen
class Ports:
    """
    The driven side of the hexagon: one adapter for each port, and one ``MailHook`` for each provider that reports.
    """

    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher
    common_passwords: CommonPasswords
    breached_passwords: BreachedPasswords
    email: EmailService
    mail_hooks: Mapping[str, MailHook]
    renderer: MessageRenderer
    link_signer: LinkSigner
    access_tokens: AccessTokens
    rate_limiter: RateLimiter
    unit_of_work: UnitOfWork
