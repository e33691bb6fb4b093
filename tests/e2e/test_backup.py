"""
The drill: a backup, a wreck, a restore, and nothing that was over lives again.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Generator, Sequence
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from tests.support.people import Person
from tests.support.postgres import fresh_database
from tests.support.server import TodoServer, eventually, run_todo
from tests.support.smtp import SmtpServer
from todo_adapters.postgres import migrate

NEW_PASSWORD = "a different one, quite long"
CONTENT = ("users", "lists", "todos", "changes", "security_events", "suppressions")
"""Tables that a restore gives back as they were; the rest ends with it."""

UNFINISHED = b"SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')"
REVIVE = b"UPDATE outbox SET state = 'waiting', sent_at = NULL WHERE kind = 'password_reset'"


@pytest.fixture
def empty_url(postgres_server: str) -> Generator[str]:
    """
    Yield the URL of an empty database on the same server.
    """
    with fresh_database(postgres_server) as url:
        yield url


def ask(url: str, statement: bytes) -> Sequence[tuple[object, ...]]:
    """
    Return what the database answers, if anything.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def content(url: str) -> dict[str, Sequence[tuple[object, ...]]]:
    """
    Return every row of the tables that are kept.
    """
    return {table: ask(url, f"SELECT * FROM {table} AS t ORDER BY t::text".encode()) for table in CONTENT}  # noqa: S608 - the names are ours


def test_the_drill(
    server: TodoServer, mail: SmtpServer, settings: dict[str, str], database_url: str, empty_url: str, tmp_path: Path
) -> None:
    """
    What people wrote is back, row by row; sessions, links and mail that were alive in the backup are not.
    """

    def todo(*arguments: str, **other: str) -> CompletedProcess[str]:
        return run_todo("backup", *arguments, settings={**settings, **other}, folder=tmp_path)

    ann = Person(server, mail)
    ann.sign_up()
    session, token = ann.log_in(), ann.forget_password()
    with server.client(session) as client:
        for number in range(20):
            assert client.post("/todos", json={"title": f"todo {number}, ÄΣЖ"}).status_code == 201
        feed = client.post("/me/calendar").json()["url"]
    eventually(lambda: ask(database_url, UNFINISHED) == [(0,)])
    server.stop()
    ask(database_url, REVIVE)  # as it was a moment earlier
    (folder := tmp_path / "backups").mkdir()
    textfile = tmp_path / "todo_backup.prom"
    before = content(database_url)
    made = todo("make", str(folder), "--textfile", str(textfile))
    assert made.returncode == 0, made.stderr
    [dump] = folder.glob("*.dump")
    assert made.stdout == f"{dump} ({dump.stat().st_size:,} bytes)\n"
    assert re.search(r"^todo_backup_made_timestamp_seconds \d{10}$", textfile.read_text(), re.MULTILINE)
    assert stat.S_IMODE(textfile.stat().st_mode) == 0o644
    assert todo("check", str(dump)).returncode == 0

    server.start()
    with server.client() as client:
        body = {"token": token, "new_password": NEW_PASSWORD}
        assert client.post("/auth/password-reset/confirm", json=body).status_code == 204
    eventually(lambda: ask(database_url, UNFINISHED) == [(0,)])
    server.stop()
    ask(database_url, b"DROP TABLE todos, sessions CASCADE")  # the wreck

    restored = todo("restore", str(dump), "--yes", DATABASE_URL=empty_url)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    *tables, schema, settled = restored.stdout.splitlines()
    assert all(line.startswith("same ") for line in tables)
    assert schema == f"The schema is at {migrate.head()}."
    assert settled == "Sessions ended: 1. Links retired: 1. Mails buried: 1. Calendars ended: 1."
    assert content(empty_url) == before

    sent = len(mail.letters)
    with TodoServer(tmp_path, {**settings, "DATABASE_URL": empty_url}) as again:
        with again.client(session) as client:
            assert client.get("/me").status_code == 401
            assert client.post("/auth/password-reset/check", json={"token": token}).status_code == 400
            assert client.get(again.url + re.sub(r"^https?://[^/]+", "", feed)).status_code == 404
        ann = Person(again, mail)
        with again.client(ann.log_in()) as client:
            assert len(client.get("/todos?limit=50").json()["items"]) == 20
        ann.forget_password(number=len(ann.letters("Reset")) + 1)
    assert len(mail.letters) == sent + 1


def test_what_cannot_be_done_is_said_in_a_sentence(settings: dict[str, str], empty_url: str, tmp_path: Path) -> None:
    """
    With exit code 1, and nothing is changed: a full database, a damaged dump, no database said, no answer.
    """

    def complaint(*arguments: str, **other: str) -> str:
        run = run_todo("backup", *arguments, settings={**settings, **other}, folder=tmp_path)
        assert run.returncode == 1, run.stdout
        return run.stderr

    made = run_todo("backup", "make", ".", settings=settings, folder=tmp_path)
    assert made.returncode == 0, made.stderr
    [dump] = tmp_path.glob("*.dump")
    assert "not empty" in complaint("restore", str(dump), "--yes")
    assert "Aborted" in complaint("restore", str(dump), DATABASE_URL=empty_url)
    assert "needs DATABASE_URL" in complaint("restore", str(dump), "--yes", DATABASE_URL="")
    assert "no schema" in complaint("make", ".", DATABASE_URL=empty_url)
    assert "cannot be reached" in complaint("make", ".", DATABASE_URL="postgresql://todo:x@127.0.0.1:1/todo")
    dump.write_bytes(dump.read_bytes()[:-1])
    assert "not what was written" in complaint("check", str(dump))
    assert "not what was written" in complaint("restore", str(dump), "--yes", DATABASE_URL=empty_url)
    assert ask(empty_url, b"SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
