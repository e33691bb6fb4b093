from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from attrs import evolve
from sqlalchemy import make_url

from tests.support.postgres import fresh_database
from todo_adapters.postgres import migrate
from todo_adapters.postgres.backups import sums
from todo_adapters.postgres.backups.deadline import Deadline
from todo_adapters.postgres.backups.errors import BackupFailed
from todo_adapters.postgres.backups.files import UNFINISHED, Backup, Manifest, backups_in, forget_old, forget_unfinished
from todo_adapters.postgres.backups.making import make_backup
from todo_adapters.postgres.backups.restoring import check_backup, restore_backup
from todo_adapters.postgres.backups.tools import Tools, fitting_tools
from todo_core.errors import Unavailable

NOW = datetime(2026, 11, 20, 2, 0, 5, tzinfo=UTC)
DATABASES = "SELECT count(*) FROM pg_database"
FILL = """
    INSERT INTO users (id, email, password_hash, created_at, timezone)
    SELECT gen_random_uuid(), 'user' || n || '@example.org', 'made-up', now() - n * interval '1 hour', 'UTC'
    FROM generate_series(1, 20) AS n
"""
SHOW = """\
#!{python}
import json, os, sys
if "--version" in sys.argv:
    print("pg_dump (PostgreSQL) {major}.1")
else:
    open({seen!r}, "w").write(json.dumps([sys.argv[1:], dict(os.environ)]))
    sys.stderr.write({complaint!r})
    sys.exit({code})
"""


@pytest.fixture
def url(postgres_server: str) -> Generator[str]:
    """
    Yield the URL of a migrated database with some people in it.
    """
    with fresh_database(postgres_server) as url:
        migrate.upgrade(url)
        ask(url, FILL)
        yield url


@pytest.fixture
def empty_url(postgres_server: str) -> Generator[str]:
    """
    Yield the URL of an empty database.
    """
    with fresh_database(postgres_server) as url:
        yield url


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    """
    Return what the database answers, if anything.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def soon() -> Deadline:
    """
    Return a deadline that is far enough for a test.
    """
    return Deadline.within(60)


def made(url: str, folder: Path, *, now: datetime = NOW) -> Backup:
    """
    Return a backup made *now*.
    """
    return make_backup(url, folder, now=now, deadline=soon())


def reseal(backup: Backup, manifest: Manifest) -> None:
    """
    Write another manifest, and checksums that agree with it.
    """
    for file in backup.files[:2]:
        file.unlink()
    backup.seal(manifest)


def programs(folder: Path, *, major: int = 18, complaint: str = "", code: int = 0) -> Path:
    """
    Return a folder with programs that write down how they were called, and fail with *code*.
    """
    folder.mkdir()
    for name in ("pg_dump", "pg_restore"):
        text = SHOW.format(
            python=sys.executable, major=major, seen=str(folder / "seen"), complaint=complaint, code=code
        )
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def test_a_backup_is_three_files_that_only_the_owner_reads(url, tmp_path):
    """
    They are named after the moment, in UTC, and the revision, and nothing else is left in the folder.
    """
    backup = made(url, tmp_path, now=NOW.astimezone(tz=None))
    stem = f"todo-20261120T020005Z-{migrate.head()}"
    assert {path.name for path in tmp_path.iterdir()} == {f"{stem}.{ending}" for ending in ("dump", "json", "sha256")}
    assert backup.dump.name == f"{stem}.dump"
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert backups_in(tmp_path) == {NOW: backup}


def test_what_is_restored_is_what_was_there(url, empty_url, tmp_path):
    """
    Each table has the rows and the sum of the moment of the backup, whatever was changed since.
    """
    before = ask(url, "SELECT * FROM users ORDER BY id")
    backup = made(url, tmp_path)
    ask(url, "DELETE FROM users")
    compared = {one.table: one for one in restore_backup(backup, empty_url, deadline=soon())}
    assert all(one.is_same for one in compared.values())
    assert compared["public.users"].restored is not None
    assert compared["public.users"].restored.rows == 20
    assert ask(empty_url, "SELECT * FROM users ORDER BY id") == before
    assert migrate.status(empty_url).current == backup.manifest.revision == migrate.head()
    assert "public.rate_limits" not in compared  # unlogged: what a crash forgets is not kept


def test_a_role_that_only_reads_is_enough(url, empty_url, tmp_path):
    """
    It makes a backup; for restoring and checking another is needed, and the check says which.
    """
    reader = f"reader_{os.getpid()}"
    ask(url, f"CREATE ROLE {reader} LOGIN; GRANT pg_read_all_data TO {reader}")
    try:
        readers_url = make_url(url).set(username=reader).render_as_string(hide_password=False)
        backup = made(readers_url, tmp_path)
        with pytest.raises(BackupFailed, match="CREATEDB"):
            check_backup(backup, readers_url, deadline=soon())
        assert all(one.is_same for one in restore_backup(backup, empty_url, deadline=soon()))
    finally:
        ask(url, f"DROP ROLE {reader}")


def test_dump_and_sums_are_of_one_moment(url, empty_url, tmp_path, monkeypatch):
    """
    What is written while the dump is made is neither in the dump nor in the sums.
    """
    run = Tools.run

    def write_and_run(self: Tools, program: str, *arguments: str, url: str, deadline: Deadline) -> None:
        ask(url, "DELETE FROM users WHERE email < 'user2'") if program == "pg_dump" else None
        run(self, program, *arguments, url=url, deadline=deadline)
        ask(url, "DELETE FROM users WHERE email < 'user3'") if program == "pg_dump" else None

    monkeypatch.setattr(Tools, "run", write_and_run)
    backup = made(url, tmp_path)
    assert backup.manifest.tables["public.users"].rows == 20
    assert all(one.is_same for one in restore_backup(backup, empty_url, deadline=soon()))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET timezone = 'Europe/Madrid' WHERE email = 'user7@example.org'",
        "DELETE FROM users WHERE email = 'user7@example.org'",
        "UPDATE users SET created_at = created_at + interval '1 microsecond' WHERE email = 'user7@example.org'",
        "UPDATE users SET display_name = '' WHERE email = 'user7@example.org'",
    ],
)
def test_a_sum_tells_any_change(url, change):
    """
    A value, a row, a microsecond and an empty text in the place of none make another sum; order and clock do not.
    """

    def users() -> sums.TableSum:
        with psycopg.connect(url) as connection:
            return sums.table_sums(connection, deadline=soon())["public.users"]

    before = users()
    database = ask(url, "SELECT quote_ident(current_database())")[0][0]
    ask(url, f"ALTER DATABASE {database} SET timezone = 'Asia/Tokyo'")
    ask(url, "CREATE TABLE turned AS SELECT * FROM users ORDER BY created_at DESC")
    ask(url, "BEGIN; DELETE FROM users; INSERT INTO users SELECT * FROM turned; DROP TABLE turned; COMMIT")
    assert users() == before
    ask(url, change)
    assert users() != before


def test_a_difference_is_seen(url, empty_url, tmp_path):
    """
    Where the manifest says otherwise than the tables, the comparison does too.
    """
    backup = made(url, tmp_path)
    tables = {
        **backup.manifest.tables,
        "public.users": sums.TableSum(20, "0" * 32),
        "public.gone": sums.TableSum(1, ""),
    }
    reseal(backup, evolve(backup.manifest, tables=tables))
    different = [one.table for one in restore_backup(backup, empty_url, deadline=soon()) if not one.is_same]
    assert different == ["public.gone", "public.users"]


def test_a_check_leaves_nothing_behind(url, tmp_path):
    """
    It compares in a database of its own, which is gone afterwards, also when the dump cannot be restored.
    """
    backup = made(url, tmp_path)
    before = ask(url, DATABASES)
    assert all(one.is_same for one in check_backup(backup, url, deadline=soon()))
    assert ask(url, DATABASES) == before
    backup.dump.write_bytes(b"PGDMP and nothing else")
    reseal(backup, backup.manifest)
    with pytest.raises(BackupFailed, match="pg_restore"):
        check_backup(backup, url, deadline=soon())
    assert ask(url, DATABASES) == before


def test_damaged_files_are_not_used(url, empty_url, tmp_path):
    """
    A dump or a manifest with a changed byte, and one without checksums, are refused before anything is restored.
    """
    backup = made(url, tmp_path)
    for file in backup.files[1:]:
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(BackupFailed, match="not what was written"):
            restore_backup(backup, empty_url, deadline=soon())
        file.write_bytes(content)
    backup.files[0].unlink()
    with pytest.raises(BackupFailed, match="no checksums"):
        restore_backup(backup, empty_url, deadline=soon())
    assert ask(empty_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_database_in_use_is_not_overwritten(url, empty_url, tmp_path):
    """
    Restoring needs an empty database: a table, a view or a sequence is enough to be refused.
    """
    backup = made(url, tmp_path)
    for thing in ("TABLE", "SEQUENCE", "VIEW"):
        ask(
            empty_url,
            f"CREATE {thing} anything {'()' if thing == 'TABLE' else 'AS SELECT 1' if thing == 'VIEW' else ''}",
        )
        with pytest.raises(BackupFailed, match="not empty"):
            restore_backup(backup, empty_url, deadline=soon())
        ask(empty_url, f"DROP {thing} anything")


def test_a_backup_that_fails_leaves_nothing(url, empty_url, tmp_path):
    """
    Without a schema, without time, without a database and onto one that is there nothing is written.
    """
    for wrong, deadline, reason in (
        (empty_url, soon(), "no schema"),
        (url, Deadline.within(-1), "too long"),
    ):
        with pytest.raises(BackupFailed, match=reason):
            make_backup(wrong, tmp_path, now=NOW, deadline=deadline)
    with pytest.raises(Unavailable) as raised:
        make_backup("postgresql://todo:hunter2@127.0.0.1:1/todo", tmp_path, now=NOW, deadline=soon())
    assert "hunter2" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []
    first = made(url, tmp_path).dump.read_bytes()
    with pytest.raises(BackupFailed, match="there already"):
        made(url, tmp_path)
    assert [path.read_bytes() for path in tmp_path.glob("*.dump")] == [first]
    assert len(list(tmp_path.iterdir())) == 3


def test_the_password_goes_by_the_environment(tmp_path, monkeypatch):
    """
    Neither it nor the URL is among the arguments, and what is secret of the service is not handed on.
    """
    monkeypatch.setenv("JWT_SECRET_KEY", "a secret of the service")
    folder = programs(tmp_path / "bin")
    url = "postgresql://todo:hunter2%20x@db.internal:6432/todo?sslmode=verify-full&sslrootcert=system"
    Tools(folder, 18).run("pg_dump", "--format=custom", url=url, deadline=soon())
    arguments, environment = json.loads((folder / "seen").read_text())
    assert arguments == ["--format=custom"]
    assert (environment["PGPASSWORD"], environment["PGHOST"], environment["PGPORT"]) == (
        "hunter2 x",
        "db.internal",
        "6432",
    )
    assert (environment["PGSSLMODE"], environment["PGSSLROOTCERT"]) == ("verify-full", "system")
    assert "a secret of the service" not in environment.values()


def test_what_a_program_quotes_stays_behind(tmp_path):
    """
    Of what a program complains of only the line with the error is told: the next may quote what is in a table.
    """
    complaint = "pg_dump: error: it went wrong\npg_dump: detail: Key (email)=(ann@example.org)\n"
    tools = Tools(programs(tmp_path / "bin", complaint=complaint, code=1), 18)
    with pytest.raises(BackupFailed) as raised:
        tools.run("pg_dump", url="postgresql://localhost/todo", deadline=soon())
    assert str(raised.value) == "pg_dump: error: it went wrong"


def test_the_oldest_programs_that_are_new_enough(tmp_path):
    """
    Of several those of the server's own version are taken; older ones never, and without any the error says what to do.
    """
    folders = [programs(tmp_path / str(major), major=major) for major in (18, 15, 16, 17)]
    assert fitting_tools(160004, folders).major == 16
    assert fitting_tools(140000, folders).major == 15
    with pytest.raises(BackupFailed, match=r"PostgreSQL 19.*postgresql-client-19.*todo-app\[embedded\]"):
        fitting_tools(190000, folders)
    with pytest.raises(BackupFailed, match="PostgreSQL 16"):
        fitting_tools(160000, [tmp_path / "nothing"])


def test_a_program_that_hangs_is_ended(tmp_path):
    """
    The deadline counts for the programs, too.
    """
    folder = programs(tmp_path / "bin")
    (folder / "pg_dump").write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    began = time.monotonic()
    with pytest.raises(BackupFailed, match="too long"):
        Tools(folder, 18).run("pg_dump", url="postgresql://localhost/todo", deadline=Deadline.within(0.3))
    assert time.monotonic() - began < 30


def test_old_backups_go_with_all_their_files(tmp_path):
    """
    Seven days and four weeks are kept; what is called otherwise is left alone, and leftovers go after a day.
    """
    moments = [NOW - timedelta(days=number) for number in range(60)]
    for moment in moments:
        for file in Backup.named(tmp_path, made_at=moment, revision="0002").files:
            file.touch()
    others = [tmp_path / "before-the-move.dump", tmp_path / f"{UNFINISHED}new", tmp_path / f"{UNFINISHED}old"]
    others[0].touch()
    for folder in others[1:]:
        folder.mkdir()
    os.utime(others[2], (0, 0))
    assert len(forget_old(tmp_path)) == 51
    forget_unfinished(tmp_path)
    assert len(backups_in(tmp_path)) == 9
    assert len(list(tmp_path.glob("todo-*"))) == 27
    assert [path.exists() for path in others] == [True, True, False]
