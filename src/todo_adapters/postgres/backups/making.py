"""
Making a backup: dump and sums of one and the same snapshot.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg import IsolationLevel

from todo_adapters.postgres.backups.deadline import Deadline
from todo_adapters.postgres.backups.errors import BackupFailed, told_plainly
from todo_adapters.postgres.backups.files import UNFINISHED, Backup, Manifest
from todo_adapters.postgres.backups.reach import connected
from todo_adapters.postgres.backups.sums import table_sums
from todo_adapters.postgres.backups.tools import fitting_tools

_NEVER_IDLE = "SET LOCAL idle_in_transaction_session_timeout = 0"  # while pg_dump reads, nothing is asked here
_SNAPSHOT = "SELECT pg_export_snapshot()"
_HAS_SCHEMA = "SELECT to_regclass('public.alembic_version') IS NOT NULL"
_REVISION = "SELECT version_num FROM public.alembic_version"


def make_backup(url: str, folder: Path, *, now: datetime, deadline: Deadline) -> Backup:
    """
    Make a backup of the database at *url* in *folder*, whole or not at all.

    Raises:
        BackupFailed: it did not work out, and nothing was written.
        Unavailable: the database is out of reach.
    """
    with told_plainly(), TemporaryDirectory(prefix=UNFINISHED, dir=folder) as place, _snapshot(url) as connection:
        tools = fitting_tools(connection.info.server_version)
        revision = _revision(connection)
        backup = Backup.named(Path(place), made_at=now, revision=revision)
        [snapshot] = connection.execute(_SNAPSHOT).fetchone() or [""]
        tools.run(
            "pg_dump",
            "--format=custom",
            "--no-password",
            "--no-unlogged-table-data",
            f"--snapshot={snapshot}",
            f"--file={backup.dump}",
            url=url,
            deadline=deadline,
        )
        sums = table_sums(connection, deadline=deadline)
        backup.seal(Manifest(now, revision, connection.info.server_version, sums))
        return backup.move(folder)


@contextmanager
def _snapshot(url: str) -> Generator[psycopg.Connection[Any]]:
    with connected(url) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(_NEVER_IDLE)
        yield connection


def _revision(connection: psycopg.Connection[Any]) -> str:
    there = connection.execute(_HAS_SCHEMA).fetchone() == (True,)
    row = connection.execute(_REVISION).fetchone() if there else None
    if row is None:
        raise BackupFailed("There is no schema in this database, so there is nothing to back up.")
    return str(row[0])
