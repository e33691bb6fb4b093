"""
The core on its feet: every port played by an adapter that needs neither network nor event loop.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import asdict, define, evolve, frozen

from tests.unit.driving import run
from todo_adapters.fakes import (
    FakeClock,
    FakeRandomness,
    FewBreachedPasswords,
    FewCommonPasswords,
    PlainAccessTokens,
    PlainLinkSigner,
    PlainMailHook,
    PlainMessageRenderer,
    PlainPasswordHasher,
    RecordingEmailService,
)
from todo_adapters.memory import MemoryRateLimiter, MemoryUnitOfWork
from todo_core.core import Core
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.model.ids import UserId, uuid7
from todo_core.model.link import Frontend
from todo_core.model.password import Password
from todo_core.model.policy import Policy
from todo_core.model.user import User
from todo_core.ports import Ports, UnitOfWork, Work
from todo_core.use_cases.courier import Delivery


@pytest.fixture(autouse=True)
def _no_network(socket_disabled):
    """
    Let every attempt to open a socket fail.
    """


@pytest.fixture
def clock():
    """
    Return a clock that stands at noon.
    """
    return FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC))


@pytest.fixture
def hasher():
    """
    Return a hasher that tells what it was asked.
    """
    return PlainPasswordHasher()


@pytest.fixture
def post():
    """
    Return a mail provider that keeps what it accepted.
    """
    return RecordingEmailService()


@pytest.fixture
def unit_of_work():
    """
    Return the stores, empty.
    """
    return MemoryUnitOfWork()


@pytest.fixture
def ports(clock, hasher, post, unit_of_work):
    """
    Return one adapter for each port.
    """
    return Ports(
        clock=clock,
        randomness=FakeRandomness(),
        hasher=hasher,
        common_passwords=FewCommonPasswords(),
        breached_passwords=FewBreachedPasswords(),
        email=post,
        mail_hooks={"plain": PlainMailHook()},
        renderer=PlainMessageRenderer(),
        link_signer=PlainLinkSigner(),
        access_tokens=PlainAccessTokens(),
        rate_limiter=MemoryRateLimiter(clock),
        unit_of_work=unit_of_work,
    )


@pytest.fixture
def build_core(ports):
    """
    Return what builds a core with an operator's choices, on the ports of this test or on *others*.
    """

    def build(*, others: Ports = ports, **choices: Any) -> Core:
        return Core.build(others, Policy(Frontend("https://todo.example"), **choices))

    return build


@pytest.fixture
def core(build_core):
    """
    Return a core whose operator chose nothing.
    """
    return build_core()


@pytest.fixture
def in_work(unit_of_work):
    """
    Return what asks or changes the stores behind the core's back, as in ``in_work(lambda work: work.users.add(user))``.
    """

    async def ask(question: Callable[[Work], Awaitable[Any]]) -> Any:
        async with unit_of_work.begin() as work:
            return await question(work)

    return lambda question: run(ask(question))


@pytest.fixture
def enrol(clock, ports, in_work):
    """
    Return what puts a person with an account into the stores.
    """

    def put(
        email: EmailAddress,
        password: Password,
        *,
        verified: bool = True,
        disabled: bool = False,
        locale: str | None = None,
    ) -> User:
        now = clock.now()
        user = User(
            id=UserId(uuid7(now, ports.randomness.draw(10))),
            email=email,
            password_hash=run(ports.hasher.hash(password)),
            created_at=now,
            locale=locale,
            verified_at=now if verified else None,
            disabled_at=now if disabled else None,
        )
        in_work(lambda work: work.users.add(user))
        return user

    return put


@define
class _Traced:
    """
    Something whose every use is noted in *calls*.
    """

    _thing: Any
    _name: str
    _calls: list[str]

    def __getattr__(self, verb: str) -> Any:
        self._calls.append(f"{self._name}.{verb}")
        return getattr(self._thing, verb)


@define
class _TracedUnitOfWork(UnitOfWork):
    _unit_of_work: UnitOfWork
    _calls: list[str]

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Work]:
        self._calls.append("begin")
        async with self._unit_of_work.begin() as work:
            yield _traced(work, self._calls)
        self._calls.append("end")


def _traced(ports: Any, calls: list[str], **others: Any) -> Any:
    return evolve(
        ports, **{name: _Traced(port, name, calls) for name, port in asdict(ports, recurse=False).items()} | others
    )


@pytest.fixture
def trace(ports, build_core):
    """
    Return what lists all that a use case asks of its ports, in order, as in ``trace(lambda core: core.log_in(...))``.
    """

    def listen(use: Callable[[Core], Coroutine[Any, Any, Any]]) -> list[str]:
        calls: list[str] = []
        others = _traced(ports, calls, unit_of_work=_TracedUnitOfWork(ports.unit_of_work, calls))
        run(use(build_core(others=others)))
        return calls

    return listen


@pytest.fixture
def courier(core):
    """
    Return what lets the courier deliver whatever is due, and tells what became of it.
    """

    def deliver() -> list[Delivery]:
        return list(iter(lambda: run(core.deliver_mail()), None))

    return deliver


@frozen
class Letter:
    """
    A mail as its reader sees it.
    """

    to: str
    kind: str
    facts: dict[str, str]

    @property
    def token(self) -> str:
        """
        The token in the letter's link.
        """
        return parse_qs(urlsplit(self.facts["link"]).query)["token"][0]


def _read(message: EmailMessage) -> Letter:
    facts = dict(line.split(": ", 1) for line in message.text.splitlines()[1:])
    return Letter(message.to.text, message.subject, facts)


@pytest.fixture
def inbox(post):
    """
    Return what reads all that was sent, oldest first.
    """
    return lambda: [_read(message) for message in post.sent]
