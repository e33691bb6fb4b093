"""
Databases for the contracts: one migrated for the whole run, emptied before each test.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.network import blocked
from tests.support.postgres import fresh_database
from tests.support.redis import RedisServer, running_redis
from todo_adapters.postgres import migrate
from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.tables import metadata

EMPTY_ALL = text(f"TRUNCATE {', '.join(metadata.tables)}")
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
