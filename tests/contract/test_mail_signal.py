from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from time import perf_counter

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.postgres import EmbeddedServer
from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.mail_signal import PostgresMailSignal
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.samples import a_mail

LONG = 20.0
SHORT = 0.2


@asynccontextmanager
async def listening(signal: PostgresMailSignal) -> AsyncGenerator[None]:
    """
    Let *signal* listen for the block, from the moment it hears something.
    """
    task = asyncio.create_task(signal.listen())
    assert await wakes(signal, LONG), "it rings once when it begins to listen"
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def wakes(signal: PostgresMailSignal, seconds: float) -> bool:
    """
    Tell whether a courier that rests for so many *seconds* is woken before.
    """
    began = perf_counter()
    await signal.wait(seconds)
    return perf_counter() - began < seconds


@pytest.fixture
async def here(engine: AsyncEngine, database_url: str) -> AsyncGenerator[PostgresMailSignal]:
    """
    Yield the signal of this process.
    """
    signal = PostgresMailSignal(engine, database_url)
    yield signal
    await signal.close()


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncGenerator[PostgresMailSignal]:
    """
    Yield the signal of another process.
    """
    engine = create_engine(database_url)
    signal = PostgresMailSignal(engine, database_url)
    yield signal
    await signal.close()
    await engine.dispose()


async def test_nobody_rings(here):
    """
    Without a ring a rest lasts as long as it was to last.
    """
    assert not await wakes(here, SHORT)


async def test_a_ring_wakes_this_process(here):
    """
    A ring ends the rest at once, without a database.
    """
    asyncio.get_running_loop().call_later(0.05, here.ring)
    assert await wakes(here, LONG)


async def test_a_ring_between_two_rests_is_not_lost(here):
    """
    A ring that nobody waited for ends the next rest, and only that.
    """
    here.ring()
    assert await wakes(here, LONG)
    assert not await wakes(here, SHORT)


async def test_all_who_rest_are_woken(here):
    """
    One ring wakes every courier of the process.
    """
    rests = [asyncio.create_task(wakes(here, LONG)) for _ in range(4)]
    await asyncio.sleep(0)
    here.ring()
    assert await asyncio.gather(*rests) == [True] * 4


async def test_a_ring_is_heard_elsewhere(here, elsewhere):
    """
    A ring in one process ends rests in the others.
    """
    async with listening(elsewhere):
        here.ring()
        assert await wakes(elsewhere, LONG)


async def test_it_knows_whether_it_is_heard(elsewhere):
    """
    From the moment it hears itself, as long as it listens.
    """
    assert not elsewhere.is_heard
    async with listening(elsewhere):
        async with asyncio.timeout(5):
            while not elsewhere.is_heard:  # noqa: ASYNC110 - what is looked at has no events
                await asyncio.sleep(0.01)
    assert not elsewhere.is_heard


async def test_one_does_not_wake_oneself_twice(here):
    """
    A process does not take its own ring for another's when it comes back from the database.
    """
    async with listening(here):
        here.ring()
        assert await wakes(here, LONG)
        assert not await wakes(here, SHORT)


async def test_many_rings_are_few_messages(here, database_url):
    """
    However often it rings in some tens of milliseconds, the others are told once or twice: the last ring is not lost.
    """
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("LISTEN todo_mail")
        for _ in range(50):
            here.ring()
            await asyncio.sleep(0)
        heard = [notice async for notice in connection.notifies(timeout=0.5)]
    assert len(heard) == 2


async def test_added_mail_rings(engine, elsewhere, here):
    """
    A unit of work that put mail into the outbox wakes couriers in every process.
    """
    async with listening(elsewhere):
        async with PostgresUnitOfWork(engine, here.ring).begin() as work:
            await work.outbox.add(a_mail())
        assert await wakes(here, LONG)
        assert await wakes(elsewhere, LONG)


async def test_a_database_that_goes_away(server_folder):
    """
    A ring without a database harms nobody; when the database is back, rings are heard again within five seconds.
    """
    server = EmbeddedServer(server_folder)
    with server.running():
        engine = create_engine(server.url)
        here, elsewhere = PostgresMailSignal(engine, server.url), PostgresMailSignal(engine, server.url)
        async with listening(elsewhere):
            server.stop()
            here.ring()
            assert await wakes(here, LONG)
            await asyncio.sleep(1)
            server.start()
            assert await wakes(elsewhere, 5), "it rings when it listens again, for it may have missed something"
            here.ring()
            assert await wakes(elsewhere, 5)
        await here.close()
        await elsewhere.close()
        await engine.dispose()
