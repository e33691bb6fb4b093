"""
How long a backup, the proof that it can be restored, and a restore take: 1,000,000 todos of 100,000 people.

    uv run python benchmarks/restore_drill.py
    uv run python benchmarks/restore_drill.py --todos 10000 --people 1000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import print_figure, print_machine
from tests.support.postgres import fresh_database, running_server
from tests.support.server import KEY, run_todo
from todo_adapters.postgres import migrate
from todo_adapters.postgres.engine import conninfo

GOAL = 60.0
"""Seconds that restoring 1,000,000 todos may take, with comparing every table and ending what it revives (R20)."""

_PEOPLE = """
    INSERT INTO users (id, email, password_hash, created_at, timezone, verified_at)
    SELECT gen_random_uuid(), 'user' || n || '@example.org', '$argon2id$' || repeat('x', 80), now(), 'UTC', now()
    FROM generate_series(1, %s) AS n
"""
_SESSIONS = """
    INSERT INTO sessions (id, user_id, digest, created_at, expires_at, last_seen_at)
    SELECT gen_random_uuid(), id, sha256(id::text::bytea), now(), now() + interval '1 day', now() FROM users
"""
_TODOS = """
    INSERT INTO todos (id, owner_id, title, position, created_at, updated_at, notes, priority, due_at, tags, version,
                       due, words, changed)
    SELECT gen_random_uuid(), people.ids[1 + number %% cardinality(people.ids)], 'Todo number ' || number, 'V', moment,
           moment, repeat('Some notes. ', 5), number %% 4, moment, ARRAY['home', 'garden'], 1, moment,
           to_tsvector('simple', 'todo number ' || number), number
    FROM (SELECT array_agg(id) AS ids FROM users) AS people, generate_series(1, %s) AS number,
         LATERAL (SELECT now() - number * interval '1 minute' AS moment) AS at
"""


def fill(url: str, *, people: int, todos: int) -> None:
    """
    Fill the database as it is after years: everybody has a session.
    """
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(_PEOPLE, [people])
        connection.execute(_SESSIONS)
        connection.execute(_TODOS, [todos])
        connection.execute("VACUUM ANALYZE")


def timed(*arguments: str, url: str, folder: Path) -> tuple[float, str]:
    """
    Return how long a command took, and what it said.
    """
    settings = {"DATABASE_URL": url, "JWT_SECRET_KEY": KEY}
    began = time.perf_counter()
    done = run_todo("backup", *arguments, settings=settings, folder=folder, within=3600)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.perf_counter() - began, done.stdout


def measure(url: str, empty_url: str, folder: Path, todos: int) -> None:
    """
    Make a backup, check it and restore it.
    """
    making, _ = timed("make", ".", url=url, folder=folder)
    [dump] = folder.glob("*.dump")
    checking, said = timed("check", dump.name, url=url, folder=folder)
    assert f"public.todos  {todos} rows" in said
    restoring, said = timed("restore", dump.name, "--yes", url=empty_url, folder=folder)
    size = dump.stat().st_size / 2**20
    goal = GOAL * max(1.0, todos / 1_000_000)
    print_figure(f"make, {todos:,} todos", goal="none", seen=f"{making:.1f} s, {size:.0f} MiB", held=True)
    print_figure("check", goal=f"{goal:.0f} s at most", seen=f"{checking:.1f} s", held=checking <= goal)
    print_figure(
        "restore, and what it revives", goal=f"{goal:.0f} s", seen=f"{restoring:.1f} s", held=restoring <= goal
    )
    print(said.splitlines()[-1])


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Measure on databases of its own.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--todos", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=100_000)
    given = parser.parse_args(arguments)
    with (
        TemporaryDirectory(prefix="todo-postgres-") as data,
        TemporaryDirectory() as folder,
        running_server(Path(data)) as server_url,
        fresh_database(server_url) as url,
        fresh_database(server_url) as empty_url,
    ):
        migrate.upgrade(url)
        print_machine(url)
        fill(url, people=given.people, todos=given.todos)
        measure(url, empty_url, Path(folder), given.todos)


if __name__ == "__main__":
    main()
