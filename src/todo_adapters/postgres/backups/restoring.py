"""
Restoring a backup, and comparing what is there then with what was there when it was made.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from attrs import frozen
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from todo_adapters.postgres.backups.deadline import Deadline
from todo_adapters.postgres.backups.errors import BackupFailed, told_plainly
from todo_adapters.postgres.backups.files import Backup
from todo_adapters.postgres.backups.reach import connected
from todo_adapters.postgres.backups.sums import TableSum, is_empty, table_sums
from todo_adapters.postgres.backups.tools import Tools, fitting_tools
from todo_adapters.postgres.embedded import ensure_database
from todo_adapters.postgres.engine import normalised

_MAY_NOT = (
    "The role may not make a database to try it in: ALTER ROLE … CREATEDB, or DATABASE_URL of a server where it may."
)


@frozen
class Compared:
    """
    A table as it was when the backup was made, and as it is now; None where there was or is none.
    """

    table: str
    made: TableSum | None
    restored: TableSum | None

    @property
    def is_same(self) -> bool:
        """
        Tell whether nothing is missing, added or changed.
        """
        return self.made == self.restored


def restore_backup(backup: Backup, url: str, *, deadline: Deadline) -> Sequence[Compared]:
    """
    Restore *backup* into the empty database at *url*, whole or not at all, and return what came of each table.

    Raises:
        BackupFailed: the files are damaged, the database is not empty, or it did not work out.
        Unavailable: the database is out of reach.
    """
    with told_plainly():
        backup.verify()
        _fitting_tools(url).run(
            "pg_restore",
            "--dbname=",
            "--no-password",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            str(backup.dump),
            url=url,
            deadline=deadline,
        )
        with connected(url) as connection:
            return _compared(backup.manifest.tables, table_sums(connection, deadline=deadline))


def check_backup(backup: Backup, url: str, *, deadline: Deadline) -> Sequence[Compared]:
    """
    Restore *backup* into a database that is made for it on the server of *url* and dropped afterwards; compare.

    Raises:
        BackupFailed: the files are damaged, or it did not work out.
        Unavailable: the database is out of reach.
    """
    with told_plainly():
        backup.verify()
    with _scratch_database(url) as scratch:
        return restore_backup(backup, scratch, deadline=deadline)


def _fitting_tools(url: str) -> Tools:
    with connected(url) as connection:
        if not is_empty(connection):
            raise BackupFailed("The database is not empty: a backup goes into an empty one, so make one for it.")
        return fitting_tools(connection.info.server_version)


@contextmanager
def _scratch_database(url: str) -> Generator[str]:
    name = f"todo_check_{os.getpid()}_{secrets.token_hex(4)}"
    server = normalised(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with told_plainly():
        try:
            scratch = ensure_database(server, name)
        except InsufficientPrivilege:
            raise BackupFailed(_MAY_NOT) from None
    try:
        yield scratch
    finally:
        with told_plainly(), connected(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _compared(made: Mapping[str, TableSum], restored: Mapping[str, TableSum]) -> Sequence[Compared]:
    return [Compared(table, made.get(table), restored.get(table)) for table in sorted({*made, *restored})]
