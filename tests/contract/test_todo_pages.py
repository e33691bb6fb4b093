from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.memory import MemoryUnitOfWork
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.todo_pages import TodoPagesContract


class TestMemoryTodoPages(TodoPagesContract):
    @pytest.fixture
    def unit_of_work(self) -> MemoryUnitOfWork:
        return MemoryUnitOfWork()


class TestPostgresTodoPages(TodoPagesContract):
    @pytest.fixture
    def unit_of_work(self, engine: AsyncEngine) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(engine)


class TestPostgresTodoPagesWithoutIndexes(TestPostgresTodoPages):
    @pytest.fixture
    def engine(self, unindexed_engine: AsyncEngine) -> AsyncEngine:
        return unindexed_engine
