from __future__ import annotations

import asyncio
from collections.abc import Generator
from urllib.parse import quote

import anyio
import psycopg
import pytest
from attrs import evolve
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text

from tests.support.postgres import EmbeddedServer
from todo_adapters.postgres.engine import conninfo, create_engine, normalised
from todo_adapters.postgres.errors import StatementRefused
from todo_adapters.postgres.readiness import check_database
from todo_adapters.postgres.transaction import Transaction, borrowed, question
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import a_user
from todo_core.errors import Conflict, Unavailable

HOST = "ann:s%40cret@db.example.org:5433/todo"


@pytest.fixture
def outage(server_folder) -> Generator[EmbeddedServer]:
    """
    Yield a running server that a test may stop.
    """
    server = EmbeddedServer(server_folder)
    with server.running():
        yield server


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_every_spelling_of_a_url(scheme):
    """
    However a provider spells the URL, it is read as psycopg's.
    """
    url = normalised(f"{scheme}://{HOST}")
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port) == ("ann", "s@cret", "db.example.org", 5433)
    assert conninfo(f"{scheme}://{HOST}") == "host=db.example.org dbname=todo user=ann password=s@cret port=5433"


def test_the_encryption_of_other_drivers():
    """
    What asyncpg calls ``ssl`` is ``sslmode``.
    """
    assert conninfo_to_dict(conninfo(f"postgresql+asyncpg://{HOST}?ssl=require"))["sslmode"] == "require"


def test_a_password_of_any_letters():
    """
    What a URL must escape reaches libpq as it is.
    """
    password = "a b'c\\d@/?%ä"
    written = quote(password, safe="")
    assert conninfo_to_dict(conninfo(f"postgresql://ann:{written}@db/todo"))["password"] == password


@pytest.mark.parametrize("url", ["mysql://ann:secret@db/todo", "sqlite:///secret", "secret", ""])
def test_other_databases_are_refused(url):
    """
    Whatever is not PostgreSQL's is refused, without being quoted.
    """
    with pytest.raises(ValueError, match="begins with postgresql://") as refused:
        normalised(url)
    assert "secret" not in str(refused.value)


async def test_every_wait_is_bounded(engine):
    """
    A session has limits for statements, locks and idleness, and speaks of time in UTC.
    """
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone", "application_name")
    async with engine.connect() as connection:
        shown = [await connection.scalar(text(f"SHOW {name}")) for name in names]
    assert shown == ["10s", "5s", "20s", "UTC", "todo"]


async def test_a_statement_that_takes_too_long(database_url):
    """
    It is ended, and the connection is good for the next.
    """
    engine = create_engine(database_url, statement_timeout=0.05, pool_size=1, max_overflow=0)
    async with borrowed(engine) as connection:
        with raises(Unavailable):
            await Transaction(connection).all(question(text("SELECT pg_sleep(5)")), {})
    await check_database(engine)
    await engine.dispose()


async def test_the_pool_is_exhausted(database_url):
    """
    Whoever finds no connection free is told so soon, and everything goes on when some are given back.
    """
    engine = create_engine(database_url, pool_size=2, max_overflow=1, pool_timeout=0.1)
    unit_of_work = PostgresUnitOfWork(engine)

    async def busy() -> None:
        async with unit_of_work.begin() as work:
            await work.users.by_id(a_user().id)
            await asyncio.sleep(0.5)

    async with asyncio.timeout(3):
        answers = await asyncio.gather(*(busy() for _ in range(10)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType"] * 3 + ["Unavailable"] * 7
    await check_database(engine)
    await engine.dispose()


async def test_a_request_is_given_up(engine):
    """
    A unit of work that is cancelled, by whichever means, leaves no connection behind.
    """
    unit_of_work = PostgresUnitOfWork(engine)
    for hundredths in range(10):
        with anyio.move_on_after(hundredths / 100):
            async with unit_of_work.begin() as work:
                await work.users.add(a_user())
                await anyio.sleep_forever()
    await anyio.sleep(0.1)
    assert engine.pool.checkedout() == 0
    await check_database(engine)


async def test_no_value_shows_in_an_error(engine):
    """
    PostgreSQL quotes the values of a broken constraint, and text it cannot read; our errors do not.
    """
    user = a_user("ann.secret@example.org")
    unit_of_work = PostgresUnitOfWork(engine)
    async with unit_of_work.begin() as work:
        await work.users.add(user)
    with pytest.raises(Conflict) as conflict:
        async with unit_of_work.begin() as work:
            await work.users.add(evolve(user, email=a_user().email))
    async with borrowed(engine) as connection:
        with pytest.raises(StatementRefused) as refused:
            await Transaction(connection).all(question(text("SELECT CAST('ann.secret' AS integer)")), {})
    assert str(refused.value) == "InvalidTextRepresentation (SQLSTATE 22P02)"
    for raised in (conflict.value, refused.value):
        assert "secret" not in f"{raised!r}"
        assert raised.__cause__ is None
        assert raised.__suppress_context__


async def test_the_database_goes_away(outage):
    """
    Without a database nothing can begin or go on; when it is back, so are we, without one more failure.
    """
    engine = create_engine(outage.url, pool_size=5)
    unit_of_work = PostgresUnitOfWork(engine)
    await asyncio.gather(*(check_database(engine) for _ in range(5)))

    with raises(Unavailable):
        async with unit_of_work.begin() as work:
            outage.stop()
            await work.users.by_id(a_user().id)
    with raises(Unavailable):
        async with unit_of_work.begin():
            pass
    with raises(Unavailable):
        await check_database(engine)

    outage.start()
    await asyncio.gather(*(check_database(engine) for _ in range(5)))
    await engine.dispose()


async def test_a_connection_is_lost_before_the_end(engine, database_url):
    """
    A unit of work that cannot be committed is unavailable, and nothing of it is kept.
    """
    user = a_user()
    unit_of_work = PostgresUnitOfWork(engine)
    with raises(Unavailable):
        async with unit_of_work.begin() as work:
            await work.users.add(user)
            hang_up(database_url)
    async with unit_of_work.begin() as work:
        assert await work.users.by_id(user.id) is None


async def test_idle_connections_are_lost(engine, database_url):
    """
    Connections that the server closed while nobody used them are replaced, and nobody notices.
    """
    for _ in range(3):
        await asyncio.gather(*(check_database(engine) for _ in range(5)))
        hang_up(database_url)


def hang_up(database_url: str) -> None:
    """
    Have the server close every connection to the database.
    """
    everybody = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(database_url) as connection:
        connection.execute(f"{everybody} AND pid <> pg_backend_pid()".encode())
