"""
Databases for the contracts: one migrated for the whole run, emptied before each test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.network import blocked
from tests.support.postgres import fresh_database
from tests.support.redis import RedisServer, running_redis
from tests.support.service_model import Stage
from tests.support.service_world import POLICY
from tests.unit.driving import run
from todo_adapters.fakes import FakeClock
from todo_adapters.memory import MemoryUnitOfWork
from todo_adapters.postgres import migrate
from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.todo_tables import metadata
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork

EMPTY_ALL = text(f"TRUNCATE {', '.join(metadata.tables)} CASCADE")  # the next version's tables refer to these
USE_NO_INDEX = """
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET enable_indexscan = off', current_database());
        EXECUTE format('ALTER DATABASE %I SET enable_bitmapscan = off', current_database());
    END $$
"""


@asynccontextmanager
async def emptied(url: str) -> AsyncGenerator[AsyncEngine]:
    """
    Yield an engine on the empty tables of the database at *url*.
    """
    engine = create_engine(url)
    async with engine.connect() as connection:
        await connection.execute(EMPTY_ALL)
    yield engine
    await engine.dispose()


@pytest.fixture
def blocked_port() -> Generator[int]:
    """
    Yield a port that leaves whoever calls without any answer, as a firewall does: its queue is full.
    """
    with blocked() as port:
        yield port


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Generator[RedisServer]:
    """
    Yield a Redis for the whole run.
    """
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def database_url(postgres_server: str) -> Generator[str]:
    """
    Yield the URL of a migrated database.
    """
    with fresh_database(postgres_server) as url:
        migrate.upgrade(url)
        yield url


@pytest.fixture
async def engine(database_url: str) -> AsyncGenerator[AsyncEngine]:
    """
    Yield an engine on empty tables.
    """
    async with emptied(database_url) as engine:
        yield engine


@pytest.fixture(scope="session")
def unindexed_database_url(postgres_server: str) -> Generator[str]:
    """
    Yield the URL of a migrated database that makes no use of its indexes.
    """
    with fresh_database(postgres_server) as url:
        migrate.upgrade(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(USE_NO_INDEX)
        yield url


@pytest.fixture
async def unindexed_engine(unindexed_database_url: str) -> AsyncGenerator[AsyncEngine]:
    """
    Yield an engine on empty tables, whose rows come in another order than an index gives them by luck.
    """
    async with emptied(unindexed_database_url) as engine:
        yield engine


@pytest.fixture
def set_up(database_url: str) -> Generator[Callable[[FakeClock], Sequence[Stage]]]:
    """
    Yield what sets up two stages: one in memory, one on PostgreSQL, both empty.
    """
    engine = create_engine(database_url)

    async def empty() -> None:
        async with engine.connect() as connection:
            await connection.execute(EMPTY_ALL)

    with asyncio.Runner() as runner:

        def stages(clock: FakeClock) -> Sequence[Stage]:
            runner.run(empty())
            return [
                Stage(clock, POLICY, MemoryUnitOfWork(), run),
                Stage(clock, POLICY, PostgresUnitOfWork(engine), runner.run),
            ]

        yield stages
        runner.run(engine.dispose())
