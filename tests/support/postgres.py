"""
PostgreSQL for tests: a server for the whole run, servers to be stopped and started, databases to be thrown away.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Literal

import psutil
import psycopg
from attrs import define, field
from psycopg import sql
from sqlalchemy import URL, make_url

from todo_adapters.postgres.embedded import embedded_server, ensure_database

_NUMBERS = count(1)
_NEEDLESS_IN_TESTS = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What a throw-away server does not need; autovacuum would change plans that a test reads, whenever it comes by."""
_SHUTDOWN = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@define
class EmbeddedServer:
    """
    A server in a folder.  A test may stop and start it to simulate an outage; its URLs stay the same.
    """

    folder: Path
    _handle: Any = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """
        Start it, or start it again.
        """
        self._handle = embedded_server(self.folder)
        self._handle.start()

    def stop(self) -> None:
        """
        Stop it as an operator does: every connection is told and closed.
        """
        self._handle.stop()

    def shut_down(self, mode: Literal["fast", "immediate"]) -> None:
        """
        Shut it down as ``pg_ctl stop -m`` does: fast is orderly, immediate is a crash.
        """
        postmaster = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        postmaster.send_signal(_SHUTDOWN[mode])
        postmaster.wait(timeout=30)

    @property
    def url(self) -> str:
        """
        Return the URL of its maintenance database.
        """
        return str(self._handle.get_uri())

    @contextmanager
    def running(self, *, needless: tuple[str, ...] = _NEEDLESS_IN_TESTS) -> Generator[str]:
        """
        Run it for the block, careless of what a power failure would cost, and yield ``url``.

        Where a crash of the server itself must lose nothing, ``synchronous_commit`` is not *needless*.
        """
        self.start()
        with self._handle:
            with psycopg.connect(self.url, autocommit=True) as connection:
                for setting in needless:
                    connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
                connection.execute("SELECT pg_reload_conf()")
            yield self.url


@contextmanager
def running_server(folder: Path) -> Generator[str]:
    """
    Yield the URL of the server in TEST_DATABASE_URL, or else of an embedded one in *folder*.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
    else:
        with EmbeddedServer(folder).running() as url:
            yield url


@contextmanager
def fresh_database(server_url: str) -> Generator[str]:
    """
    Yield the URL of an empty database, which is dropped at the end.
    """
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    try:
        yield ensure_database(server_url, name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def copied_database(template_url: str) -> Generator[str]:
    """
    Yield the URL of a copy of the database at *template_url*, which nobody may be using; it is dropped at the end.
    """
    template = make_url(template_url)
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(_maintenance(template), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template.database or "")
            )
        )
        yield template.set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _maintenance(url: URL) -> str:
    return url.set(database="postgres").render_as_string(hide_password=False)
