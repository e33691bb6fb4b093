"""
The schema's versions: bringing a database to one, and telling where it stands.

Alembic does the work, with the scripts that are shipped inside the package.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from attrs import frozen
from psycopg.errors import LockNotAvailable
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError

from todo_adapters.postgres.engine import normalised
from todo_core.errors import Unavailable

_SHIPPED = Path(__file__).parent / "migrations"
_IN_THE_REPOSITORY = Path(__file__).parents[3] / "migrations"

_PATIENCE = 4.0
_PAUSE = 0.5
"""Seconds that one try waits for a lock, and that pass before the next."""

_TRIES = 10


@frozen
class SchemaStatus:
    """
    The revision a database is at, None when it is empty, and the one this program expects.
    """

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """
        Tell whether the two are the same.
        """
        return self.current == self.head


def upgrade(url: str, revision: str = "head", *, patience: float = _PATIENCE) -> None:
    """
    Bring the database at *url* up to *revision*; any number of programs may do so at once.

    It waits for a lock for *patience* seconds and then lets those who wait behind it pass, ten times over.

    Raises:
        Unavailable: somebody held a lock all the time, or the database is out of reach.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            command.upgrade(configuration(url, patience), revision)
        except OperationalError as error:
            if attempt == _TRIES or not isinstance(error.orig, LockNotAvailable):
                raise _unavailable(error) from None
            time.sleep(_PAUSE)
        else:
            return


def downgrade(url: str, revision: str) -> None:
    """
    Take the database at *url* back to *revision*; ``base`` is empty.

    Raises:
        Unavailable: somebody holds a lock, or the database is out of reach.
    """
    try:
        command.downgrade(configuration(url), revision)
    except OperationalError as error:
        raise _unavailable(error) from None


def status(url: str) -> SchemaStatus:
    """
    Tell where the database at *url* stands.

    Raises:
        Unavailable: it is out of reach.
    """
    engine = create_engine(normalised(url), poolclass=NullPool, hide_parameters=True)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise _unavailable(error) from None
    return SchemaStatus(current=current, head=head())


@cache
def head() -> str:
    """
    Return the newest revision among the shipped scripts.
    """
    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    if newest is None:
        raise LookupError("there are no migrations beside the program")
    return newest


def knows(revision: str) -> bool:
    """
    Tell whether *revision* is among the shipped scripts.
    """
    return revision in {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}


def configuration(url: str | None = None, patience: float = _PATIENCE) -> Config:
    """
    Return Alembic's settings for the database at *url*.
    """
    folder = _SHIPPED if _SHIPPED.is_dir() else _IN_THE_REPOSITORY
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes.update(url=url, patience=patience)
    return config


def _unavailable(error: OperationalError) -> Unavailable:
    return Unavailable(f"database: {type(error.orig).__name__}")
