"""
Connections: how many, how long to wait for one, and how long a statement may take.
"""

from __future__ import annotations

from selectors import EVENT_READ, DefaultSelector

from psycopg import AsyncConnection
from sqlalchemy import URL, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2"}

KEEPALIVE = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""A peer that has silently gone is noticed within half a minute."""


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
    return normalised(url).set(drivername="postgresql").render_as_string(hide_password=False)


def create_engine(
    url: str,
    *,
    pool_size: int = 5,
    max_overflow: int = 10,
    pool_timeout: float = 3.0,
    connect_timeout: int = 3,
    statement_timeout: float = 10.0,
    prepared_statements: bool = True,
) -> AsyncEngine:
    """
    Return an engine whose every wait is bounded; all times are in seconds.

    Its connections are in autocommit: ``Transaction`` says BEGIN where it is needed.
    Behind a pooler that shares connections between transactions, *prepared_statements* must be off.
    """
    engine = create_async_engine(
        normalised(url),
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=pool_timeout,
        hide_parameters=True,
        use_native_hstore=False,
        connect_args={
            "application_name": "todo",
            "connect_timeout": connect_timeout,
            "prepare_threshold": 5 if prepared_statements else None,
            "options": _session_options(statement_timeout),
            **KEEPALIVE,
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_the_dead)
    return engine


def _session_options(statement_timeout: float) -> str:
    milliseconds = round(statement_timeout * 1000)
    settings = {
        "timezone": "UTC",
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds // 2,
        "idle_in_transaction_session_timeout": milliseconds * 2,
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


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
