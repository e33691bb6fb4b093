"""
How much memory the export of 100,000 todos takes, in each format, of the process that serves it.

    uv run python benchmarks/export_memory.py
    uv run python benchmarks/export_memory.py --todos 20000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import httpx2
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import print_figure, print_machine
from tests.support.postgres import fresh_database, running_server
from tests.support.server import KEY, PASSWORD, TodoServer, run_todo
from todo_adapters.postgres import migrate
from todo_adapters.postgres.engine import conninfo

GOAL = 30.0
"""MiB that the process may grow by."""

_FILL = """
    INSERT INTO todos (id, owner_id, title, position, created_at, updated_at, notes, priority, due_at, tags, version,
                       due, words, changed)
    SELECT gen_random_uuid(), users.id, 'Todo number ' || number, 'V', moment, moment, repeat('Some notes. ', 10),
           number %% 4, moment, ARRAY['home', 'garden'], 1, moment, ''::tsvector, number
    FROM users, generate_series(1, %s) AS number, LATERAL (SELECT now() - number * interval '1 minute' AS moment) AS at
"""
_COUNT = "INSERT INTO change_counters SELECT id, %s FROM users"
_STEPS = """
    UPDATE todos SET parent_id = parents.id
    FROM (SELECT id, changed FROM todos WHERE changed % 3 = 0) AS parents WHERE parents.changed = todos.changed - 1
"""


def rss(process: int) -> float:
    """
    Return the MiB of memory that *process* and its children have of their own.
    """
    children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * 4096 / 2**20 + sum(rss(int(child)) for child in children)


def peak_while(process: int, client: httpx2.Client, file_format: str) -> tuple[float, float, int]:
    """
    Return the most MiB that *process* had while it exported, the seconds that it took, and the bytes that came.
    """
    seen, done = [rss(process)], Event()

    def watch() -> None:
        while not done.wait(0.02):
            seen.append(rss(process))

    watcher = Thread(target=watch)
    watcher.start()
    began, size = time.perf_counter(), 0
    with client.stream("GET", "/todos/export", params={"format": file_format}) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            size += len(chunk)
    done.set()
    watcher.join()
    return max(seen), time.perf_counter() - began, size


def measure(database_url: str, folder: Path, todos: int) -> None:
    """
    Fill an account, and export it.
    """
    settings = {
        "DATABASE_URL": database_url,
        "JWT_SECRET_KEY": KEY,
        "RATE_LIMIT_ENABLED": "false",
        "COURIER": "apart",
    }
    made = run_todo("create-user", "ann@example.org", settings=settings, folder=folder, stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    with psycopg.connect(conninfo(database_url), autocommit=True) as connection:
        connection.execute(_FILL, [todos])
        connection.execute(_COUNT, [todos])
        connection.execute(_STEPS)
        connection.execute("VACUUM ANALYZE todos")
    with TodoServer(folder, settings) as server:
        with server.client() as client:
            answer = client.post("/auth/login", json={"email": "ann@example.org", "password": PASSWORD})
        assert server._process is not None  # noqa: SLF001 - nobody else asks a server which process it is
        process = server._process.pid  # noqa: SLF001 - as above
        with server.client(answer.json()["access_token"]) as client:
            client.timeout = httpx2.Timeout(300)
            for file_format in ("json", "csv", "ics"):
                client.get("/todos", params={"limit": 200}).raise_for_status()
                before = rss(process)
                peak, seconds, size = peak_while(process, client, file_format)
                print_figure(
                    f"{file_format}, {todos:,} todos, {size / 2**20:.0f} MiB",
                    goal=f"grows by {GOAL:.0f} MiB at most",
                    seen=f"{peak - before:.1f} MiB, {seconds:.1f} s",
                    held=peak - before <= GOAL,
                )


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Measure on a database of its own.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--todos", type=int, default=100_000)
    todos: int = parser.parse_args(arguments).todos
    with (
        TemporaryDirectory(prefix="todo-postgres-") as data,
        TemporaryDirectory() as folder,
        running_server(Path(data)) as server_url,
        fresh_database(server_url) as url,
    ):
        migrate.upgrade(url)
        print_machine(url)
        measure(url, Path(folder), todos)


if __name__ == "__main__":
    main()
