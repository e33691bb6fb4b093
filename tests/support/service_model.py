"""
The service on a stage, and what a model of it remembers: for ``tests.support.service_machine``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

from attrs import define, field

from todo_adapters.fakes import (
    FakeClock,
    FakeRandomness,
    FewBreachedPasswords,
    FewCommonPasswords,
    PlainAccessTokens,
    PlainLinkSigner,
    PlainMessageRenderer,
    PlainPasswordHasher,
    RecordingEmailService,
)
from todo_adapters.memory import MemoryRateLimiter
from todo_core.core import Core
from todo_core.errors import DomainError
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.model.ids import SessionId, UserId
from todo_core.model.password import Password
from todo_core.model.policy import Policy
from todo_core.model.token import Purpose
from todo_core.ports import Ports, UnitOfWork, Work


class Killed(Exception):
    """
    The courier's process ended in the midst of a delivery.
    """


@define
class Provider(RecordingEmailService):
    """
    A mail provider that sees every message and accepts it, or fails with ``answer``.

    ``accepted`` tells to which address the messages with these ids went.
    """

    answer: Exception | None = None
    seen: list[EmailMessage] = field(factory=list[EmailMessage])
    accepted: dict[str, EmailAddress] = field(factory=dict[str, EmailAddress])

    async def send(self, message: EmailMessage) -> None:
        """
        Do so.
        """
        self.seen.append(message)
        if self.answer is not None:
            raise self.answer
        self.accepted[message.message_id] = message.to


@define
class Stage:
    """
    The service around one adapter of its stores; *run* drives a coroutine to its end. All else is played.

    Two stages that are told the same do the same, so what they answer can be compared.
    """

    clock: FakeClock
    policy: Policy
    unit_of_work: UnitOfWork
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    hasher: PlainPasswordHasher = field(factory=PlainPasswordHasher)
    provider: Provider = field(factory=Provider, init=False)
    core: Core = field(init=False)

    def __attrs_post_init__(self) -> None:
        ports = Ports(
            clock=self.clock,
            randomness=FakeRandomness(),
            hasher=self.hasher,
            common_passwords=FewCommonPasswords(),
            breached_passwords=FewBreachedPasswords(),
            email=self.provider,
            mail_hooks={},
            renderer=PlainMessageRenderer(),
            link_signer=PlainLinkSigner(),
            access_tokens=PlainAccessTokens(),
            rate_limiter=MemoryRateLimiter(self.clock),
            unit_of_work=self.unit_of_work,
        )
        self.core = Core.build(ports, self.policy)

    def told(self, use: Callable[[Core], Coroutine[Any, Any, Any]]) -> Any:
        """
        Return what a use case returns, or the type of what it raises.
        """
        try:
            return self.run(use(self.core))
        except (DomainError, Killed) as error:
            return type(error)

    def seen(self, question: Callable[[Work], Awaitable[Any]]) -> Any:
        """
        Return what the stores answer behind the core's back.
        """

        async def ask() -> Any:
            async with self.unit_of_work.begin() as work:
                return await question(work)

        return self.run(ask())


@define(eq=False)
class Account:
    """
    What the model knows of an account; it has no password after a change of its address was taken back.
    """

    id: UserId
    email: EmailAddress
    password: Password | None
    verified: bool = False
    disabled: bool = False
    erase_at: datetime | None = None


@define(eq=False)
class Session:
    """
    What the model knows of a session.
    """

    id: SessionId
    account: Account
    access_token: str
    expires_at: datetime
    ended: bool = False


@define(eq=False)
class Link:
    """
    What the model knows of a link; *email* is where it was sent.
    """

    account: Account
    purpose: Purpose
    token: str
    email: EmailAddress
    made_at: datetime
    expires_at: datetime
    ended: bool = False
