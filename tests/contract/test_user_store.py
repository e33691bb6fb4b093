from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.memory import MemoryUnitOfWork
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.samples import NOW, somebody
from todo_core.contracts.users import UserStoreContract


class TestMemoryUserStore(UserStoreContract):
    @pytest.fixture
    def unit_of_work(self) -> MemoryUnitOfWork:
        return MemoryUnitOfWork()


class TestPostgresUserStore(UserStoreContract):
    @pytest.fixture
    def unit_of_work(self, engine: AsyncEngine) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(engine)

    async def test_whoever_is_held_is_erased_another_time(self, unit_of_work: PostgresUnitOfWork) -> None:
        """
        Nobody waits: whoever changes an account that is to go finishes first.
        """
        user = await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.users.set_erase_at(user.id, at=NOW)
        async with unit_of_work.begin() as work:
            assert await work.users.hold(user.id)
            async with unit_of_work.begin() as other:
                assert list(await other.users.erase(now=NOW, limit=10)) == []
        async with unit_of_work.begin() as work:
            assert list(await work.users.erase(now=NOW, limit=10)) == [user.email]
