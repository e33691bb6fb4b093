"""
What keeps a backup from being made or restored.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import psycopg

from todo_core.errors import Unavailable

TOO_LONG = "It took too long: give it more time with --within."


class BackupFailed(Exception):
    """
    It did not work out; the message is a sentence for whoever runs the service, and holds no secret.
    """


@contextmanager
def told_plainly() -> Generator[None]:
    """
    Turn what the database and the disk report into ours; PostgreSQL's messages quote values, so they stay behind.

    Raises:
        BackupFailed: the database will not do it, or a file cannot be read or written.
        Unavailable: the database cannot be reached.
    """
    try:
        yield
    except psycopg.errors.QueryCanceled:
        raise BackupFailed(TOO_LONG) from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Unavailable(f"database: {type(error).__name__}") from None
    except psycopg.Error as error:
        raise BackupFailed(f"The database will not: {type(error).__name__} (SQLSTATE {error.sqlstate}).") from None
    except OSError as error:
        raise BackupFailed(f"{error.strerror}: {error.filename}") from None
