"""
Whether the database is ready to serve.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, MetaData, Table, Text, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres import migrate
from todo_adapters.postgres.errors import StatementRefused
from todo_adapters.postgres.transaction import Row, Statement, Transaction, borrowed, question
from todo_core.errors import Unavailable

_versions = Table("alembic_version", MetaData(), Column("version_num", Text))

_NOW = question(select(func.clock_timestamp()))
_REVISION = question(select(_versions.c.version_num))


async def check_database(engine: AsyncEngine) -> None:
    """
    Return if the database answers.

    Raises:
        Unavailable: it does not.
    """
    await _ask(engine, _NOW)


async def read_clock(engine: AsyncEngine) -> datetime:
    """
    Return the time that the database's machine has.

    Raises:
        Unavailable: it does not answer.
    """
    row = await _ask(engine, _NOW)
    if row is None:
        raise Unavailable("database: no answer")
    moment: datetime = row[0]
    return moment


async def check_schema(engine: AsyncEngine) -> None:
    """
    Return if the schema is at the revision this program expects.

    Raises:
        Unavailable: it is not, or the database does not answer.
    """
    try:
        row = await _ask(engine, _REVISION)
    except StatementRefused:
        row = None
    current = row[0] if row else "nothing"
    if current != migrate.head():
        raise Unavailable(f"schema: at {current}, not {migrate.head()}")


async def _ask(engine: AsyncEngine, statement: Statement) -> Row | None:
    async with borrowed(engine) as connection:
        return await Transaction(connection).first(statement, {})
