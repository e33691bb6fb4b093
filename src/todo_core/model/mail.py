"""
Mail that waits to be sent: what the outbox holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId, UserId


class MailKind(StrEnum):
    """
    Why a mail is sent; each has a folder of templates of the same name.
    """

    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a message, not a password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a message, not a password
    VERIFY_EMAIL = "verify_email"
    EMAIL_IN_USE = "email_in_use"
    CHANGE_EMAIL = "change_email"
    EMAIL_CHANGE_REQUESTED = "email_change_requested"
    EMAIL_CHANGED = "email_changed"
    ACCOUNT_DELETION = "account_deletion"
    REMINDER = "reminder"


class MailState(StrEnum):
    """
    Where a mail stands.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


NO_ACCOUNT = "no account"
"""Why a mail is dead whose address has no account."""

NOT_WANTED = "not wanted any more"
"""Why a reminder is dead whose todo is done, gone, or to be reminded of at another time."""

MISCONFIGURED = "misconfigured"
"""How the reason begins for which a mail waits that only an operator can help."""


@frozen
class Mail:
    """
    The intent to send somebody something.

    It holds no link and no token: those are made when it is sent. ``facts`` are small, not secret,
    and given to the message's template. ``locale`` is the language that whoever asked for it reads, where
    they said so. ``user_id`` is whom it concerns, where whoever wrote it knew; else the courier looks the address up.
    ``about`` is the thing of theirs that it is about, if it is one of many. After ``expires_at`` it is of no use and
    is never sent.
    """

    id: MailId
    kind: MailKind
    address: EmailAddress
    created_at: datetime
    expires_at: datetime
    due_at: datetime
    facts: Mapping[str, str] = field(factory=dict[str, str])
    locale: str | None = None
    user_id: UserId | None = None
    about: UUID | None = None
    state: MailState = MailState.WAITING
    attempts: int = 0
    lease: UUID | None = None
    lease_until: datetime | None = None
    last_error: str | None = None
    sent_at: datetime | None = None


@frozen
class Backlog:
    """
    What keeps mail from its readers.

    ``oldest_due`` tells since when the mail that has been due longest is due; ``misconfigured`` is the provider's
    latest complaint about us, as long as mail waits because of it.
    """

    oldest_due: datetime | None = None
    misconfigured: str | None = None


@frozen
class RenderedMessage:
    """
    The words of a message. They may hold a live link and are kept out of ``repr``.
    """

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


_STEADY_ATTEMPTS = 5
_LONGEST_DELAY = 300.0


def retry_delay(attempt: int, *, jitter: float) -> timedelta:
    """
    Return how long to wait after *attempt* (1 for the first) failed, before the next.

    The first five waits are 1, 2, 4, 8 and 16 s; later ones are drawn evenly between 16 s and a ceiling
    that doubles up to 300 s, *jitter* (0 to 1) telling where, so that many mails that failed together do
    not return together ("full jitter", M. Brooker, AWS Architecture Blog, 2015).
    """
    doubled = 2.0 ** (min(attempt, 32) - 1)
    if attempt <= _STEADY_ATTEMPTS:
        return timedelta(seconds=doubled)
    shortest = 2.0 ** (_STEADY_ATTEMPTS - 1)
    return timedelta(seconds=shortest + jitter * (min(doubled, _LONGEST_DELAY) - shortest))
