from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.memory import MemoryUnitOfWork
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.changes import ChangeStoreContract


class TestMemoryChangeStore(ChangeStoreContract):
    @pytest.fixture
    def unit_of_work(self) -> MemoryUnitOfWork:
        return MemoryUnitOfWork()


class TestPostgresChangeStore(ChangeStoreContract):
    @pytest.fixture
    def unit_of_work(self, engine: AsyncEngine) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(engine)


class TestPostgresChangeStoreWithoutIndexes(TestPostgresChangeStore):
    @pytest.fixture
    def engine(self, unindexed_engine: AsyncEngine) -> AsyncEngine:
        return unindexed_engine
