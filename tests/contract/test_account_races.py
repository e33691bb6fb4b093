"""
Several who change one account at once, on a real database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import frozen
from sqlalchemy.ext.asyncio import AsyncEngine

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
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.core import Core
from todo_core.errors import DomainError, InvalidToken, Unavailable
from todo_core.model.email import EmailAddress
from todo_core.model.limit import Limit
from todo_core.model.link import Frontend
from todo_core.model.password import Password
from todo_core.model.policy import Limits, Policy
from todo_core.model.session import Caller
from todo_core.model.user import User
from todo_core.ports import Ports

HERE = "192.0.2.1"
PASSWORD = Password("a quiet old password")
OTHER = Password("a brand new password")
OFTEN = Limit("often", 10_000, timedelta(days=1))
ROUNDS = 10


@frozen
class Scene:
    """
    The use cases on PostgreSQL, at a clock that stands, and the mail they send.
    """

    core: Core
    ports: Ports
    post: RecordingEmailService
    clock: FakeClock

    async def enrol(self, email: EmailAddress) -> None:
        """
        Open an account whose address is verified.
        """
        await self.core.create_user(email=email, password=PASSWORD)

    async def caller(self, email: EmailAddress) -> Caller:
        """
        Log in.
        """
        return (await self.core.log_in(email=email, password=PASSWORD, client=HERE)).caller

    async def deliver(self) -> None:
        """
        Send all that waits.
        """
        while await self.core.deliver_mail():
            pass

    def token(self, email: EmailAddress, kind: str) -> str:
        """
        Return the token in the latest mail of this kind to an address.
        """
        letter = [letter for letter in self.post.sent if (letter.to, letter.subject) == (email, kind)][-1]
        link = letter.text.partition("link: ")[2].splitlines()[0]
        return parse_qs(urlsplit(link).query)["token"][0]

    async def ask(self, caller: Caller, new_email: EmailAddress) -> None:
        """
        Ask for another address.
        """
        await self.core.request_email_change(caller=caller, new_email=new_email, password=PASSWORD, client=HERE)

    async def confirm(self, token: str) -> None:
        """
        Redeem the link to a new address.
        """
        await self.core.confirm_email_change(token=token, client=HERE)

    async def undo(self, token: str) -> None:
        """
        Redeem the link to an old address.
        """
        await self.core.undo_email_change(token=token, client=HERE)

    async def user(self, email: EmailAddress) -> User | None:
        """
        Return whose an address is.
        """
        async with self.ports.unit_of_work.begin() as work:
            return await work.users.by_email(email)


@pytest.fixture
def scene(engine: AsyncEngine) -> Scene:
    """
    Return the scene, without limits.
    """
    clock, post = FakeClock(), RecordingEmailService()
    ports = Ports(
        clock=clock,
        randomness=FakeRandomness(),
        hasher=PlainPasswordHasher(),
        common_passwords=FewCommonPasswords(),
        breached_passwords=FewBreachedPasswords(),
        email=post,
        mail_hooks={},
        renderer=PlainMessageRenderer(),
        link_signer=PlainLinkSigner(),
        access_tokens=PlainAccessTokens(),
        rate_limiter=MemoryRateLimiter(clock),
        unit_of_work=PostgresUnitOfWork(engine),
    )
    limits = Limits(log_in=OFTEN, log_in_day=OFTEN, verify=OFTEN, bad_tokens=OFTEN)
    return Scene(Core.build(ports, Policy(Frontend("https://todo.example"), limits=limits)), ports, post, clock)


async def outcome(doing: Awaitable[None]) -> type[DomainError] | None:
    """
    Return how it failed, if it did.
    """
    try:
        await doing
    except DomainError as error:
        return type(error)
    return None


async def test_of_many_who_follow_one_link_one_is_served(scene: Scene) -> None:
    """
    Twenty at once, on either link: one changes the account, the others are told that the link does not work.
    """
    ann, new = EmailAddress("ann@example.org"), EmailAddress("ann@new.example.net")
    await scene.enrol(ann)
    await scene.ask(await scene.caller(ann), new)
    await scene.deliver()
    for email, kind, use in ((new, "change_email", scene.confirm), (ann, "email_changed", scene.undo)):
        token = scene.token(email, kind)
        outcomes = await asyncio.gather(*(outcome(use(token)) for _ in range(20)))
        assert sorted(map(str, outcomes)) == sorted(map(str, [None] + [InvalidToken] * 19))
        await scene.deliver()


async def test_whatever_a_thief_does_at_that_moment_the_owner_has_the_account_back(scene: Scene) -> None:
    """
    While Ann takes the change back, the thief moves on, asks for another address, and sets another password.

    Afterwards the account is Ann's, has no password, and no link that the thief got leads anywhere.
    """
    for number in range(ROUNDS):
        ann, eve, evil, far = (EmailAddress(f"{name}{number}@example.org") for name in ("ann", "eve", "evil", "far"))
        await scene.enrol(ann)
        await scene.ask(await scene.caller(ann), eve)
        await scene.deliver()
        await scene.confirm(scene.token(eve, "change_email"))
        thief = await scene.caller(eve)
        scene.clock.pass_time(timedelta(seconds=1))
        await scene.ask(thief, evil)
        await scene.deliver()
        back, on = scene.token(ann, "email_changed"), scene.token(evil, "change_email")
        outcomes = await asyncio.gather(
            outcome(scene.confirm(on)),
            outcome(scene.ask(thief, far)),
            outcome(scene.undo(back)),
            outcome(
                scene.core.change_password(caller=thief, current_password=PASSWORD, new_password=OTHER, client=HERE)
            ),
        )
        assert Unavailable not in outcomes
        assert outcomes[2] is None
        await scene.deliver()
        restored = await scene.user(ann)
        assert restored is not None
        assert restored.password_hash == ""
        assert [await scene.user(email) for email in (eve, evil, far)] == [None] * 3
        kinds = {(letter.to, letter.subject) for letter in scene.post.sent}
        for email, kind, use in (
            (evil, "change_email", scene.confirm),
            (far, "change_email", scene.confirm),
            (eve, "email_changed", scene.undo),
        ):
            if (email, kind) in kinds:
                assert await outcome(use(scene.token(email, kind))) is InvalidToken
