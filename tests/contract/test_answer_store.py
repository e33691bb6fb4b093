from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.memory import MemoryUnitOfWork
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.answers import AnswerStoreContract


class TestMemoryAnswerStore(AnswerStoreContract):
    @pytest.fixture
    def unit_of_work(self) -> MemoryUnitOfWork:
        return MemoryUnitOfWork()


class TestPostgresAnswerStore(AnswerStoreContract):
    @pytest.fixture
    def unit_of_work(self, engine: AsyncEngine) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(engine)


class TestPostgresAnswerStoreWithoutIndexes(TestPostgresAnswerStore):
    @pytest.fixture
    def engine(self, unindexed_engine: AsyncEngine) -> AsyncEngine:
        return unindexed_engine
