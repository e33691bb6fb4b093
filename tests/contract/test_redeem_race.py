"""
R11: many redeem one link in the same moment, on the real database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import define, field
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.service_model import Stage
from tests.support.service_world import POLICY
from todo_adapters.fakes import FakeClock, PlainPasswordHasher
from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.core import Core
from todo_core.errors import InvalidToken
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password

TOKENS, TAKERS = 200, 50


@define
class GatheringHasher(PlainPasswordHasher):
    """
    Hashes a new password when all takers have brought theirs, so that each has seen the link alive.
    """

    gate: asyncio.Barrier | None = field(default=None, kw_only=True)

    async def hash(self, password: Password) -> str:
        """
        Wait for the others.
        """
        if self.gate is not None:
            await self.gate.wait()
        return await super().hash(password)


@pytest.fixture
async def stage(engine: AsyncEngine) -> AsyncGenerator[Stage]:
    """
    Yield the service on empty tables, with a connection for each taker.
    """
    url = engine.url.render_as_string(hide_password=False)
    wide = create_engine(url, pool_size=TAKERS, max_overflow=0)
    yield Stage(FakeClock(), POLICY, PostgresUnitOfWork(wide), asyncio.run, hasher=GatheringHasher())
    await wide.dispose()


async def redeem(core: Core, token: str, password: Password) -> Password | None:
    """
    Return the *password* if it was set.
    """
    try:
        await core.confirm_password_reset(token=token, new_password=password, client="c")
    except InvalidToken:
        return None
    return password


async def test_of_many_who_redeem_a_link_at_once_one_succeeds(stage: Stage):
    """
    Each of 200 links is redeemed by 50 at once, who have all seen it alive: 200 succeed, and their passwords work.
    """
    successes = 0
    for number in range(TOKENS):
        email = EmailAddress(f"user{number}@example.org")
        stage.hasher.gate = None
        await stage.core.create_user(email=email, password=Password("a quiet old password"))
        token = parse_qs(urlsplit(await stage.core.make_reset_link(email=email)).query)["token"][0]
        stage.hasher.gate = asyncio.Barrier(TAKERS)
        passwords = [Password(f"the password of taker {taker}") for taker in range(TAKERS)]
        told = await asyncio.gather(*(redeem(stage.core, token, password) for password in passwords))
        winners = [password for password in told if password is not None]
        assert len(winners) == 1
        logged_in = await stage.core.log_in(email=email, password=winners[0], client="c")
        assert logged_in.caller.user.email == email
        successes += len(winners)
    assert successes == TOKENS
