from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.memory import MemoryUnitOfWork
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.outbox import OutboxContract
from todo_core.contracts.samples import MINUTE, NOW, a_mail, fresh_uuid


@pytest.fixture
def wakings() -> list[None]:
    """
    Return a list that grows by one each time a courier would be woken.
    """
    return []


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture
    def unit_of_work(self, wakings: list[None]) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(on_mail=lambda: wakings.append(None))


class TestPostgresOutbox(OutboxContract):
    @pytest.fixture
    def unit_of_work(self, engine: AsyncEngine, wakings: list[None]) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(engine, on_mail=lambda: wakings.append(None))

    async def test_nobody_waits_for_another_who_claims(self, unit_of_work: PostgresUnitOfWork) -> None:
        """
        Whoever claims while another has not ended gets the next mail at once.
        """
        first, second = a_mail(due_at=NOW - MINUTE), a_mail("bob@example.org")
        async with unit_of_work.begin() as one, unit_of_work.begin() as other, asyncio.timeout(2):
            await one.outbox.add(first)
            await other.outbox.add(second)
        async with unit_of_work.begin() as one, unit_of_work.begin() as other, asyncio.timeout(2):
            claims = [
                await work.outbox.claim(now=NOW, lease=fresh_uuid(), lease_until=NOW + MINUTE)
                for work in (one, other, one)
            ]
        assert [claim and claim.id for claim in claims] == [first.id, second.id, None]


class TestPostgresOutboxWithoutIndexes(TestPostgresOutbox):
    @pytest.fixture
    def engine(self, unindexed_engine: AsyncEngine) -> AsyncEngine:
        return unindexed_engine
