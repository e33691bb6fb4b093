"""
How long until a change that one server process made is told by another, and to how many at once.

    uv run python benchmarks/events_latency.py
    uv run python benchmarks/events_latency.py --unheard

A time runs from the moment at which the change is asked for until the last reader at the other process has its event.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import httpx2

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import percentile, print_figure, print_machine
from tests.support.event_streams import Event, Reader, reading
from tests.support.postgres import EmbeddedServer, fresh_database
from tests.support.server import KEY, PASSWORD, TodoServer
from todo_adapters.postgres import migrate

_SETTINGS = {
    "JWT_SECRET_KEY": KEY,
    "EMAIL_PROVIDER": "console",
    "EMAIL_VERIFICATION": "optional",
    "LOG_FORMAT": "json",
    "RATE_LIMIT_ENABLED": "false",
}
_PAUSE = 0.1
"""Seconds between two changes, for a process says NOTIFY once in 50 ms: more often is a matter of that alone."""

_ANN = {"email": "ann@example.org", "password": PASSWORD}


@click.command()
@click.option("--changes", default=200, type=click.IntRange(2, 10_000), help="One at a time.")
@click.option("--readers", default=5, type=click.IntRange(1, 10), help="At the other process.")
@click.option("--unheard", is_flag=True, help="LISTEN hears nothing, as behind a pooler.")
def main(changes: int, readers: int, *, unheard: bool) -> None:
    """
    Print the latency of changes.
    """
    with ExitStack() as stack:
        here, elsewhere = stack.enter_context(_two_servers(unheard=unheard))
        token = _token(here)
        followers = [stack.enter_context(reading(elsewhere, token)) for _ in range(readers)]
        assert [each.next() for each in followers] == [Event(0)] * readers
        time.sleep(1)
        with here.client(token) as client:
            seen = [_latency(client, followers, number) for number in range(1, changes + 1)]
    if unheard:
        print_figure("told, the slowest", goal="≤ 4 s", seen=f"{max(seen):.2f} s", held=max(seen) <= 4)
        return
    for name, share in (("p50", 0.5), ("p99", 0.99), ("the slowest", 1.0)):
        found = percentile(seen, share)
        print_figure(f"told by the other process: {name}", goal="≤ 1 s", seen=f"{found * 1e3:.1f} ms", held=found <= 1)


@contextmanager
def _two_servers(*, unheard: bool) -> Generator[tuple[TodoServer, TodoServer]]:
    with ExitStack() as stack:
        data = Path(stack.enter_context(TemporaryDirectory(prefix="todo-postgres-"))).resolve()
        database = EmbeddedServer(data)
        url = stack.enter_context(fresh_database(stack.enter_context(database.running(needless=()))))
        migrate.upgrade(url)
        print_machine(url)
        settings = {**_SETTINGS, "DATABASE_URL": url}
        if unheard:
            settings |= {"DATABASE_LISTEN_URL": database.url}
        folders = [Path(stack.enter_context(TemporaryDirectory(prefix="todo-bench-"))) for _ in range(2)]
        here, elsewhere = (stack.enter_context(TodoServer(folder, settings)) for folder in folders)
        yield here, elsewhere


def _token(server: TodoServer) -> str:
    with server.client() as client:
        client.post("/auth/register", json=_ANN).raise_for_status()
        return str(client.post("/auth/login", json=_ANN).raise_for_status().json()["access_token"])


def _latency(client: httpx2.Client, followers: list[Reader], number: int) -> float:
    """
    Return the seconds until all have heard of another todo.
    """
    time.sleep(_PAUSE)
    began = time.perf_counter()
    client.post("/todos", json={"title": "Buy milk"}).raise_for_status()
    for follower in followers:
        event = follower.next()
        assert event is not None
        assert event.id == number
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
