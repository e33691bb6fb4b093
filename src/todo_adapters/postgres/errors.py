"""
What PostgreSQL, its driver and its pool report, in the domain's words.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from todo_core.errors import Conflict, Unavailable

_OUT_OF_REACH = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
    SQLAlchemyError,
    OSError,
)


class StatementRefused(Exception):
    """
    PostgreSQL did not understand us: a mistake of ours, or a schema of another version.
    """


@contextmanager
def translated() -> Generator[None]:
    """
    Turn the database's errors into ours.

    PostgreSQL quotes values in its messages, e-mail addresses among them, so only the error's name
    and SQLSTATE go on, and the original is not chained.

    Raises:
        Conflict: a constraint does not allow the change.
        Unavailable: the database cannot be reached, or cannot do it now.
        StatementRefused: anything else.
    """
    try:
        yield
    except psycopg.IntegrityError:
        raise Conflict from None
    except _OUT_OF_REACH as error:
        raise Unavailable(f"database: {type(error).__name__}") from None
    except psycopg.Error as error:
        raise StatementRefused(f"{type(error).__name__} (SQLSTATE {error.sqlstate})") from None
