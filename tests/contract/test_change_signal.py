from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from time import perf_counter
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.postgres import EmbeddedServer
from todo_adapters.postgres.change_signal import PostgresChangeSignal
from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.samples import NOW, a_list, a_session, a_todo, a_user
from todo_core.model.ids import UserId
from todo_core.ports import Work

LONG = 20.0
SHORT = 0.3
ANN = UserId(UUID(int=1))
BOB = UserId(UUID(int=2))


async def rings(rung: asyncio.Event, seconds: float = LONG) -> bool:
    """
    Tell whether a follower who waits for so many *seconds* is woken, and let them clear the bell.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await rung.wait()
    found = rung.is_set()
    rung.clear()
    return found


@asynccontextmanager
async def listening(signal: PostgresChangeSignal) -> AsyncGenerator[None]:
    """
    Let *signal* listen for the block, from the moment it hears itself.
    """
    task = asyncio.create_task(signal.listen())
    async with asyncio.timeout(LONG):
        while not signal.is_heard:  # noqa: ASYNC110 - what is looked at has no events
            await asyncio.sleep(0.01)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert not signal.is_heard


@pytest.fixture
async def here(engine: AsyncEngine, database_url: str) -> AsyncGenerator[PostgresChangeSignal]:
    """
    Yield the signal of this process.
    """
    signal = PostgresChangeSignal(engine, database_url)
    yield signal
    await signal.close()


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncGenerator[PostgresChangeSignal]:
    """
    Yield the signal of another process.
    """
    engine = create_engine(database_url)
    signal = PostgresChangeSignal(engine, database_url)
    yield signal
    await signal.close()
    await engine.dispose()


async def test_a_ring_wakes_every_follower_of_that_person_here(here):
    """
    At once, without the database, and nobody else's followers.
    """
    with here.following(ANN) as one, here.following(ANN) as other, here.following(BOB) as bobs:
        here.ring(ANN)
        assert one.is_set()
        assert other.is_set()
        assert not bobs.is_set()


async def test_a_ring_before_the_wait_is_not_lost(here):
    """
    Who is looking while it rings looks once more.
    """
    with here.following(ANN) as rung:
        here.ring(ANN)
        assert await rings(rung, SHORT)
        assert not await rings(rung, SHORT)


async def test_a_ring_is_heard_elsewhere(here, elsewhere):
    """
    A ring in one process wakes that person's followers in the others.
    """
    with elsewhere.following(ANN) as anns, elsewhere.following(BOB) as bobs:
        async with listening(elsewhere):
            await rings(anns, SHORT)
            await rings(bobs, SHORT)
            here.ring(ANN)
            assert await rings(anns)
            assert not await rings(bobs, SHORT)


async def test_one_does_not_wake_oneself_twice(here):
    """
    A process does not take its own ring for another's when it comes back from the database.
    """
    with here.following(ANN) as rung:
        async with listening(here):
            await rings(rung, SHORT)
            here.ring(ANN)
            assert await rings(rung)
            assert not await rings(rung, SHORT)


async def test_who_has_left_is_not_kept(here):
    """
    A follower costs nothing once they are gone, and others of the same person stay.
    """
    with here.following(ANN) as stays:
        with here.following(ANN) as goes:
            pass
        here.ring(ANN)
        assert stays.is_set()
        assert not goes.is_set()
    assert not here._followers


async def test_nobody_listens_before_the_first_follower(here, database_url):
    """
    Until somebody follows, no connection is held.
    """
    task = asyncio.create_task(here.listen())
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        question = b"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'listens to todo_changes'"

        async def listeners() -> int:
            row = await (await connection.execute(question)).fetchone()
            return 0 if row is None else int(row[0])

        await asyncio.sleep(SHORT)
        assert await listeners() == 0
        with here.following(ANN) as rung:
            assert await rings(rung), "it rings when it begins to listen, for it may have missed something"
            assert await listeners() == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_rings_for_many_are_one_message_each(here, database_url):
    """
    However often it rings, the others are told of each person at once, and then once in 50 ms.
    """
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("LISTEN todo_changes")
        began = perf_counter()
        for _ in range(100):
            here.ring(ANN)
            here.ring(BOB)
            await asyncio.sleep(0.001)
        taken = perf_counter() - began
        heard = [notice.payload.rpartition(" ")[2] async for notice in connection.notifies(timeout=0.5)]
    assert set(heard) == {ANN.hex, BOB.hex}
    assert len(heard) <= 2 * (taken / 0.05 + 2)


@pytest.mark.parametrize("write", ["add", "replace", "add list", "replace list", "remove list", "log out", "end all"])
async def test_what_rings(engine, here, write):
    """
    A unit of work that changed a person's todos or lists, or ended a session, wakes their followers, once it is kept.
    """
    owner = a_user()
    todo, todo_list, session = a_todo(owner), a_list(owner), a_session(owner)
    async with PostgresUnitOfWork(engine).begin() as work:
        await work.users.add(owner)
        await work.sessions.add(session)
        if write != "add":
            await work.todos.add(todo)
        if write != "add list":
            await work.lists.add(todo_list)
    writes: dict[str, Callable[[Work], Awaitable[object]]] = {
        "add": lambda work: work.todos.add(todo),
        "replace": lambda work: work.todos.replace(todo),
        "add list": lambda work: work.lists.add(todo_list),
        "replace list": lambda work: work.lists.replace(todo_list),
        "remove list": lambda work: work.lists.remove(todo_list.id, owner_id=owner.id, at=NOW),
        "log out": lambda work: work.sessions.remove(session.id, user_id=owner.id),
        "end all": lambda work: work.sessions.remove_all(owner.id),
    }
    with here.following(owner.id) as rung:
        async with PostgresUnitOfWork(engine, on_change=here.ring).begin() as work:
            await writes[write](work)
            assert not rung.is_set()
        assert rung.is_set()


async def test_what_is_undone_does_not_ring(engine, here):
    """
    Nor does reading.
    """
    owner = a_user()
    unit_of_work = PostgresUnitOfWork(engine, on_change=here.ring)
    async with unit_of_work.begin() as work:
        await work.users.add(owner)
    with here.following(owner.id) as rung:
        with suppress(ZeroDivisionError):
            async with unit_of_work.begin() as work:
                await work.todos.add(a_todo(owner))
                raise ZeroDivisionError
        async with unit_of_work.begin() as work:
            await work.changes.latest(owner.id)
            await work.todos.purge(before=NOW + timedelta(days=1), limit=9)
        assert not rung.is_set()


async def test_a_database_that_goes_away(server_folder):
    """
    A ring without a database harms nobody; when the database is back, rings are heard again within five seconds.
    """
    server = EmbeddedServer(server_folder)
    with server.running():
        engine = create_engine(server.url)
        here, elsewhere = PostgresChangeSignal(engine, server.url), PostgresChangeSignal(engine, server.url)
        with here.following(ANN) as ours, elsewhere.following(ANN) as theirs:
            async with listening(elsewhere):
                await rings(theirs, SHORT)
                server.stop()
                here.ring(ANN)
                assert ours.is_set()
                await asyncio.sleep(1)
                assert not elsewhere.is_heard
                server.start()
                assert await rings(theirs, 5), "it rings when it listens again, for it may have missed something"
                here.ring(ANN)
                assert await rings(theirs, 5)
        await here.close()
        await elsewhere.close()
        await engine.dispose()
