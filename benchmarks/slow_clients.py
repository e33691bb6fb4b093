"""
R18: what slow clients cost everybody else, behind nginx as we ship it.

    uv run python benchmarks/slow_clients.py
    uv run python benchmarks/slow_clients.py --slow 2000
"""

from __future__ import annotations

import http.client
import multiprocessing
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import click
from attrs import define, field

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import percentile, print_figure
from benchmarks.served import log_in, rest, scene
from tests.support.nginx import HOST, Proxy, proxied
from tests.support.server import eventually
from tests.support.slow import SlowClients

_EVERY = 0.02
"""Seconds between two requests."""


@define
class Others:
    """
    What clients that are not slow have seen, in seconds: on connections kept, and on new ones.
    """

    kept: list[float] = field(factory=list[float])
    new: list[float] = field(factory=list[float])
    refused: int = 0


def others(proxy: Proxy, token: str, *, seconds: float) -> Others:
    """
    Ask for todos at a steady pace for so long, each second time on a new connection.
    """
    seen, kept = Others(), _connection(proxy)
    began = time.monotonic()
    for number in range(round(seconds / _EVERY)):
        time.sleep(max(0.0, began + number * _EVERY - time.monotonic()))
        fresh = number % 2 == 1
        asked_at = time.perf_counter()
        try:
            status = _asked(_connection(proxy), token, last=True) if fresh else _asked(kept, token, last=False)
            seen.refused += status != http.client.OK
        except (OSError, http.client.HTTPException):
            seen.refused += 1
        (seen.new if fresh else seen.kept).append(time.perf_counter() - asked_at)
    kept.close()
    return seen


def _asked(connection: http.client.HTTPSConnection, token: str, *, last: bool) -> int:
    connection.request("GET", "/api/v1/todos", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    answer.read()
    if last:
        connection.close()
    return answer.status


def _connection(proxy: Proxy) -> http.client.HTTPSConnection:
    connection = http.client.HTTPSConnection(HOST, proxy.port, timeout=20, context=proxy.trust())
    connection.connect()
    return connection


@contextmanager
def slow_clients(proxy: Proxy, slow: int) -> Generator[None]:
    """
    Let so many clients, in a process of their own, dribble headers and bodies while the block runs.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_dribble, args=(proxy, slow, theirs))
    process.start()
    try:
        assert ours.poll(60), "the slow clients did not get through"
        ours.recv()
        yield
    finally:
        ours.send(None)
        process.join(30)


def _dribble(proxy: Proxy, slow: int, told: Connection) -> None:
    with SlowClients(proxy, headers=slow // 2, bodies=slow - slow // 2, pace=1.0) as clients:
        eventually(lambda: clients.hanging >= slow * 0.98, within=50)
        told.send(None)
        told.recv()


@click.command()
@click.option("--slow", default=500, type=click.IntRange(10, 4000))
@click.option("--seconds", default=20.0, type=click.FloatRange(5, 60), help="Of each part.")
@click.option("--runs", default=3, type=click.IntRange(1, 10))
def main(slow: int, seconds: float, runs: int) -> None:
    """
    Measure a quiet time, then one with slow clients, in turn.
    """
    with ExitStack() as stack:
        on = stack.enter_context(scene("todo_web.app:create", people=1000, TRUSTED_PROXY_HOPS="1"))
        (on.folder / "nginx").mkdir()
        proxy = stack.enter_context(proxied(on.folder / "nginx", upstream=on.port))
        token = log_in(on, on.person(1))
        others(proxy, token, seconds=3)
        for run in range(1, runs + 1):
            rest(1)
            quiet = others(proxy, token, seconds=seconds)
            with slow_clients(proxy, slow):
                busy = others(proxy, token, seconds=seconds)
            print(f"run {run}: {slow} slow clients, half with headers, half with bodies, a byte a second each")
            _tell(quiet, busy)


def _tell(quiet: Others, busy: Others) -> None:
    for name, calm, stormy in (
        ("a kept connection", quiet.kept, busy.kept),
        ("a new connection", quiet.new, busy.new),
    ):
        for word, share in (("p50", 0.5), ("p99", 0.99)):
            before, after = percentile(calm, share), percentile(stormy, share)
            figure = f"{before * 1e3:.1f} -> {after * 1e3:.1f} ms ({after / before:.2f})"
            held = share < 0.99 or after <= 2 * before
            print_figure(
                f"{name}: {word}", goal="≤ twice the quiet one" if share == 0.99 else "-", seen=figure, held=held
            )
    refused = f"{busy.refused} of {len(busy.kept) + len(busy.new)} (quiet: {quiet.refused})"
    print_figure("refused", goal="0", seen=refused, held=busy.refused == 0)


if __name__ == "__main__":
    main()
