"""
A pooler that shares connections between transactions stands before the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.fleet import launched
from tests.support.outages import log_in, restart_under_load
from tests.support.pgbouncer import pooled
from tests.support.post_office import PostOffice
from tests.support.postgres import EmbeddedServer, fresh_database
from tests.support.under_fire import latencies
from todo_adapters.postgres import migrate
from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.mail_signal import PostgresMailSignal

CALLERS = 12
"""More than the pooler has connections to the database."""

LIVE_IN_TOKYO = b"""
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database());
    END $$
"""


@pytest.fixture
def pooled_url(database_url: str, tmp_path: Path) -> Generator[str]:
    """
    Yield its URL through the pooler.
    """
    with pooled(database_url, tmp_path) as url:
        yield url


async def test_time_is_utc_through_a_pooler(database_url: str, pooled_url: str) -> None:
    """
    Whatever the database's own time zone, and whichever of its connections the pooler lends.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(LIVE_IN_TOKYO)
    engine = create_engine(pooled_url, direct=False)
    zones = await asyncio.gather(*(_time_zone(engine) for _ in range(CALLERS)))
    assert set(zones) == {"UTC"}
    await engine.dispose()


async def _time_zone(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(text("SELECT current_setting('timezone') FROM pg_sleep(0.05)")))


async def test_nobody_is_heard_through_a_pooler(database_url: str, pooled_url: str) -> None:
    """
    LISTEN is accepted there, but nothing comes: the courier is told so, and looks more often.
    """
    engine = create_engine(database_url)
    signal = PostgresMailSignal(engine, pooled_url)
    listening = asyncio.create_task(signal.listen())
    await asyncio.sleep(1)
    assert not signal.is_heard
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await signal.close()
    await engine.dispose()


def test_the_service_works_through_a_pooler(database: EmbeddedServer, office: PostOffice, tmp_path: Path) -> None:
    """
    R6, R8: mail is brought by a bell, not by a poll; a restart behind the pooler costs no acknowledged write.
    """
    with ExitStack() as stack:
        direct = stack.enter_context(fresh_database(database.url))
        migrate.upgrade(direct)
        urls = {"DATABASE_URL": stack.enter_context(pooled(direct, tmp_path)), "DATABASE_LISTEN_URL": direct}
        fleet = stack.enter_context(launched(tmp_path, direct, office, OUTBOX_POLL_SECONDS="60", **urls))
        assert max(latencies(fleet, mails=10)) < 2
        seen = restart_under_load(fleet, database, log_in(fleet), mode="fast")
    assert set(seen.statuses) <= {201, 202, 503}
    assert seen.lost == 0
    assert (seen.verdict.lost, seen.verdict.strangers) == (0, 0)
    assert seen.drained_after <= 10
