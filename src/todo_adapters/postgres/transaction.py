"""
Statements and the transaction they run in.

SQLAlchemy writes the statements, once, when a module is imported, and keeps the connections. psycopg runs
them: going through SQLAlchemy's execution for each would take most of a small request's time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from attrs import define, field, frozen
from psycopg import AsyncConnection, AsyncCursor
from sqlalchemy import ClauseElement, Column, ColumnElement, Dialect, Integer, bindparam, delete, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from todo_adapters.postgres.errors import translated

Row = tuple[Any, ...]

_DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy has left it untyped


@frozen
class Statement:
    """
    SQL ready for psycopg, and whether it changes or locks something.
    """

    sql: bytes
    changes: bool


def question(statement: ClauseElement) -> Statement:
    """
    Return the *statement*, which only reads, compiled.
    """
    return Statement(_compiled(statement), changes=False)


def change(statement: ClauseElement) -> Statement:
    """
    Return the *statement*, which writes or locks rows, compiled.
    """
    return Statement(_compiled(statement), changes=True)


def pruning(key: Column[Any], unwanted: ColumnElement[bool]) -> Statement:
    """
    Return the statement that deletes up to ``:limit`` *unwanted* rows, told apart by their *key*.

    What somebody else has locked is left for another time.
    """
    some = select(key).where(unwanted).limit(bindparam("limit", type_=Integer)).with_for_update(skip_locked=True)
    return change(delete(key.table).where(key.in_(some)))


def _compiled(statement: ClauseElement) -> bytes:
    return str(statement.compile(dialect=_DIALECT)).encode()


@define
class Transaction:
    """
    One connection for one unit of work.

    BEGIN is said before the first change. What is read earlier is read in autocommit, which under READ
    COMMITTED sees the same as inside, and a unit of work that only reads saves two round trips.
    """

    _connection: AsyncConnection[Row]
    _begun: bool = False
    _afterwards: list[Callable[[], None]] = field(factory=list[Callable[[], None]])

    async def all(self, statement: Statement, values: Mapping[str, object]) -> Sequence[Row]:
        """
        Return the rows that *statement* yields.
        """
        with translated():
            return await (await self._run(statement, values)).fetchall()

    async def first(self, statement: Statement, values: Mapping[str, object]) -> Row | None:
        """
        Return the first row that *statement* yields, if there is one.
        """
        with translated():
            return await (await self._run(statement, values)).fetchone()

    async def count(self, statement: Statement, values: Mapping[str, object]) -> int:
        """
        Return how many rows *statement* changed.
        """
        with translated():
            return (await self._run(statement, values)).rowcount

    def afterwards(self, call: Callable[[], None]) -> None:
        """
        Have *call* called once everything is committed.
        """
        self._afterwards.append(call)

    async def commit(self) -> None:
        """
        Keep the changes.
        """
        if self._begun:
            with translated():
                await self._connection.execute(b"COMMIT")
        for call in self._afterwards:
            call()

    async def _run(self, statement: Statement, values: Mapping[str, object]) -> AsyncCursor[Row]:
        if statement.changes and not self._begun:
            await self._connection.execute(b"BEGIN")
            self._begun = True
        return await self._connection.execute(statement.sql, values, binary=True)


@asynccontextmanager
async def borrowed(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection[Row]]:
    """
    Lend one of the engine's connections; the pool undoes what was not committed when it comes back.

    Raises:
        Unavailable: none can be had in time.
    """
    with translated():
        lent = await engine.raw_connection()
    try:
        yield cast("AsyncConnection[Row]", lent.driver_connection)
    finally:
        await asyncio.shield(greenlet_spawn(_give_back, lent))


def _give_back(lent: PoolProxiedConnection) -> None:
    if cast("AsyncConnection[Row]", lent.driver_connection).closed:
        lent.invalidate()
    else:
        lent.close()
