"""
Connections: how many, how long to wait for one, and how long a statement may take.
"""

from __future__ import annotations

from selectors import EVENT_READ, DefaultSelector

from attrs import frozen
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Dialect, event, make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, PoolProxiedConnection

_SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2"}

_DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy has left it untyped

KEEPALIVE = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""A peer that has silently gone is noticed within half a minute."""

_NO_SESSION = {"prepare_threshold": None}


class WatchedPool(AsyncAdaptedQueuePool):
    """
    SQLAlchemy's own pool, which also tells how many wait for a connection, and how many waited in vain.
    """

    __module__ = AsyncAdaptedQueuePool.__module__  # it logs by this name, which nobody hears unless they want to

    awaited = 0
    refused = 0

    def connect(self) -> PoolProxiedConnection:
        """
        Lend a connection.
        """
        self.awaited += 1
        try:
            return super().connect()
        except PoolTimeout:
            self.refused += 1
            raise
        finally:
            self.awaited -= 1


@frozen
class PoolState:
    """
    How full a pool is: connections that are open and in use, those who wait for one, and who waited in vain.
    """

    open: int
    in_use: int
    awaited: int
    refused: int


def pool_state(engine: AsyncEngine) -> PoolState:
    """
    Return how full the pool of *engine* is now.
    """
    pool = engine.pool
    assert isinstance(pool, WatchedPool)  # noqa: S101 - create_engine makes no other
    return PoolState(pool.size() + pool.overflow(), pool.checkedout(), pool.awaited, pool.refused)


def normalised(url: str) -> URL:
    """
    Return *url*, however providers spell it, as SQLAlchemy's URL for psycopg.

    Raises:
        ValueError: it is not the URL of a PostgreSQL database; the message does not quote it.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in _SCHEMES:
        raise ValueError("a database URL begins with postgresql://")
    parsed = make_url(f"postgresql+psycopg://{rest}")
    query = dict(parsed.query)
    if "ssl" in query:
        query["sslmode"] = query.pop("ssl")
    return parsed.set(query=query)


def conninfo(url: str) -> str:
    """
    Return *url* as libpq reads it. It holds the password: never log it.
    """
    _, parameters = _DIALECT.create_connect_args(normalised(url))
    return make_conninfo(**parameters)


def create_engine(
    url: str,
    *,
    pool_size: int = 5,
    max_overflow: int = 10,
    pool_timeout: float = 3.0,
    connect_timeout: int = 3,
    statement_timeout: float = 10.0,
    direct: bool = True,
) -> AsyncEngine:
    """
    Return an engine whose every wait is bounded; all times are in seconds.

    Its connections are in autocommit: ``Transaction`` says BEGIN where it is needed.

    Not *direct* is a pooler that shares connections between transactions. Nothing may stay with a session there:
    no prepared statement, and none of our limits, which poolers refuse at the start or give to others later.
    ``ALTER ROLE`` can set them; only the time zone is kept for each client by poolers too.
    """
    engine = create_async_engine(
        normalised(url),
        isolation_level="AUTOCOMMIT",
        poolclass=WatchedPool,
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=pool_timeout,
        hide_parameters=True,
        use_native_hstore=False,
        connect_args={
            "application_name": "todo",
            "connect_timeout": connect_timeout,
            **(_session(statement_timeout) if direct else _NO_SESSION),
            **KEEPALIVE,
        },
    )
    if not direct:
        event.listen(engine.sync_engine, "connect", _speak_of_time_in_utc)
    event.listen(engine.sync_engine, "checkout", _refuse_the_dead)
    return engine


def _session(statement_timeout: float) -> dict[str, object]:
    milliseconds = round(statement_timeout * 1000)
    settings = {
        "timezone": "UTC",
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds // 2,
        "idle_in_transaction_session_timeout": milliseconds * 2,
    }
    return {"options": " ".join(f"-c {name}={value}" for name, value in settings.items())}


def _speak_of_time_in_utc(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("SET timezone TO 'UTC'")
    cursor.close()


def _refuse_the_dead(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """
    Have the pool replace a connection, and all as old, when the server has hung up.

    An idle connection has nothing to say, so something to read is its end. This asks the kernel,
    not the server: it finds after a restart what ``pool_pre_ping`` finds, without the round trip.
    """
    driver_connection: AsyncConnection = connection.driver_connection
    if driver_connection.closed or _is_readable(driver_connection.fileno()):
        raise InvalidatePoolError


def _is_readable(descriptor: int) -> bool:
    with DefaultSelector() as selector:
        selector.register(descriptor, EVENT_READ)
        return bool(selector.select(0))
