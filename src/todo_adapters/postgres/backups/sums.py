"""
What is in the tables, in short: how many rows each has, and a sum over all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from attrs import frozen
from psycopg import sql

from todo_adapters.postgres.backups.deadline import Deadline

_OURS = """
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    )
"""
# What is unlogged is not dumped: it would not survive a crash either.
_TABLES = f"SELECT nspname, relname {_OURS} AND relkind = 'r' AND relpersistence = 'p' ORDER BY 1, 2"
_ANYTHING = f"SELECT EXISTS (SELECT {_OURS} AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f'))"

# A row's text must not depend on who asks.
_PLAINLY = """
    SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';
    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL search_path = pg_catalog
"""
# Sums do not mind the order of the rows, so nothing is sorted and nothing grows with the table.
_SUM = """
    SELECT count(*), md5(concat(
        sum(('x' || left(digest, 16))::bit(64)::bigint), ' ', sum(('x' || right(digest, 16))::bit(64)::bigint)
    )) FROM (SELECT md5(whole_row::text) AS digest FROM {} AS whole_row) AS digests
"""


@frozen
class TableSum:
    """
    How many rows a table has, and the MD5 of the sum of their MD5s, in whatever order they come.
    """

    rows: int
    md5: str


def table_sums(connection: psycopg.Connection[Any], *, deadline: Deadline) -> Mapping[str, TableSum]:
    """
    Return the sum of each table, by its full name, as the connection's transaction sees it.
    """
    connection.execute(_PLAINLY)
    return {f"{schema}.{name}": _sum(connection, schema, name, deadline) for schema, name in _tables(connection)}


def is_empty(connection: psycopg.Connection[Any]) -> bool:
    """
    Tell whether there is neither a table nor anything like one in the database.
    """
    row = connection.execute(_ANYTHING).fetchone()
    return row == (False,)


def _tables(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    return connection.execute(_TABLES).fetchall()


def _sum(connection: psycopg.Connection[Any], schema: str, name: str, deadline: Deadline) -> TableSum:
    connection.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(round(deadline.left * 1000) + 1))
    row = connection.execute(sql.SQL(_SUM).format(sql.Identifier(schema, name))).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always has one row
    return TableSum(*row)
