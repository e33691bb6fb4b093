"""
R17: 200 log-ins at once against one process: hashes, memory, the event loop, and everybody else.

    uv run python benchmarks/log_in_flood.py
    uv run python benchmarks/log_in_flood.py --clients 1000

The clients log in all at once. Who is answered 503 comes again after the seconds that ``Retry-After`` names, give or
take a half; who is answered otherwise, at once. Somebody else reads todos meanwhile, at a steady pace.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import multiprocessing
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click
import psutil
from attrs import define, field
from starlette.types import ASGIApp, Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import percentile, print_figure
from benchmarks.served import Scene, log_in, rest, scene
from todo_adapters.argon2 import Argon2PasswordHasher
from todo_web.app import create_app
from todo_web.container import Container
from todo_web.logs import configure_logging
from todo_web.settings import load_settings, surroundings

PEOPLE = 1000
_HASH = 19 << 20
_EVERY = 0.02
_PROBE = 0.005
_SELF = "/benchmark"


@define
class Counting:
    """
    argon2-cffi, counting how many hashes are made at once.
    """

    argon2: Any
    now: int = 0
    most: int = 0
    _lock: Any = field(factory=threading.Lock)

    def hash(self, *args: Any) -> Any:
        """
        Count, and hash.
        """
        with self._one():
            return self.argon2.hash(*args)

    def verify(self, *args: Any) -> Any:
        """
        Count, and verify.
        """
        with self._one():
            return self.argon2.verify(*args)

    def check_needs_rehash(self, *args: Any) -> Any:
        """
        Ask.
        """
        return self.argon2.check_needs_rehash(*args)

    @contextmanager
    def _one(self) -> Generator[None]:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            yield
        finally:
            with self._lock:
                self.now -= 1


def probed() -> ASGIApp:
    """
    Return the application, with one path more: it tells the hashes at once and the loop's lags since it was asked last.
    """
    environment = surroundings()
    settings = load_settings(environment)
    configure_logging(level=settings.log_level, log_format=settings.logs)
    container = Container(settings=settings, surroundings=environment)
    hasher = container.hasher()
    counting = Counting(getattr(hasher, "_argon2"))  # noqa: B009 - a benchmark looks inside
    setattr(hasher, "_argon2", counting)  # noqa: B010 - as above
    lags, tasks = list[float](), list[asyncio.Task[None]]()
    inner = create_app(container)

    async def feel() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _PROBE
            await asyncio.sleep(_PROBE)
            lags.append(loop.time() - due)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != _SELF:
            await inner(scope, receive, send)
            return
        if not tasks:
            tasks.append(asyncio.create_task(feel()))
        told = json.dumps({"most": counting.most, "lags": lags, "threads": _threads(hasher)}).encode()
        counting.most = 0
        lags.clear()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": told})

    return app


def _threads(hasher: Argon2PasswordHasher) -> int:
    return int(getattr(hasher, "_threads")._max_workers)  # noqa: B009, SLF001 - as above


def _told(on: Scene) -> dict[str, Any]:
    connection = on.connect()
    connection.request("GET", _SELF)
    told: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return told


@define
class Seen:
    """
    What somebody else saw for a while.
    """

    took: list[float] = field(factory=list[float])
    failed: int = 0
    memory: int = 0


def somebody_else(on: Scene, token: str, *, seconds: float) -> Seen:
    """
    Read todos at a steady pace for so long, watching the memory of the program.
    """
    seen, connection, program = Seen(), on.connect(), psutil.Process(on.pid)
    began = time.monotonic()
    for number in range(round(seconds / _EVERY)):
        time.sleep(max(0.0, began + number * _EVERY - time.monotonic()))
        asked_at = time.perf_counter()
        connection.request("GET", "/api/v1/todos", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        seen.took.append(time.perf_counter() - asked_at)
        seen.failed += answer.status != http.client.OK
        seen.memory = max(seen.memory, program.memory_info().rss)
    connection.close()
    return seen


@contextmanager
def flooded(on: Scene, clients: int) -> Generator[Counter[str]]:
    """
    Let so many *clients*, in a process of their own, log in while the block runs; yields their answers at its end.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_flood, args=(on, clients, theirs))
    process.start()
    answers = Counter[str]()
    try:
        assert ours.poll(30), "the flood did not begin"
        ours.recv()
        yield answers
    finally:
        ours.send(None)
        if ours.poll(30):
            answers.update(ours.recv())
        process.join(10)


def _flood(on: Scene, clients: int, told: Connection) -> None:
    asyncio.run(_log_in_until_told(on, clients, told))


async def _log_in_until_told(on: Scene, clients: int, told: Connection) -> None:
    answers, began = Counter[str](), asyncio.Event()
    streams = [await asyncio.open_connection("127.0.0.1", on.port) for _ in range(clients)]
    tasks = [
        asyncio.create_task(_one_client(*stream, on.person(1 + number), answers, began))
        for number, stream in enumerate(streams)
    ]
    told.send(None)
    began.set()
    await asyncio.to_thread(told.recv)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    told.send(dict(answers))


async def _one_client(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    address: str,
    answers: Counter[str],
    began: asyncio.Event,
) -> None:
    body = json.dumps({"email": address, "password": "not the password of anybody"}).encode()
    head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    lot = random.Random(address)  # noqa: S311 - a lot, not a secret
    await began.wait()
    while True:
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().splitlines()
        headers = dict(line.split(": ", 1) for line in lines[1:-1])
        await reader.readexactly(int(headers["content-length"]))
        status, again = lines[0].split()[1], headers.get("retry-after")
        answers[f"{status} with Retry-After" if again else status] += 1
        if again:
            await asyncio.sleep(int(again) * lot.uniform(0.5, 1.5))


@click.command()
@click.option("--clients", default=200, type=click.IntRange(2, 900))
@click.option("--seconds", default=20.0, type=click.FloatRange(5, 60), help="Of each part.")
@click.option("--runs", default=3, type=click.IntRange(1, 10))
def main(clients: int, seconds: float, runs: int) -> None:
    """
    Measure a quiet time, then one with a flood of log-ins, in turn.
    """
    with ExitStack() as stack:
        on = stack.enter_context(scene("benchmarks.log_in_flood:probed", people=PEOPLE))
        token = log_in(on, on.person(0))
        somebody_else(on, token, seconds=3)
        for run in range(1, runs + 1):
            rest(1)
            _told(on)
            quiet = somebody_else(on, token, seconds=seconds)
            calm = _told(on)
            with flooded(on, clients) as answers:
                busy = somebody_else(on, token, seconds=seconds)
            stormy = _told(on)
            print(f"run {run}: {clients} clients, {dict(answers)}")
            _tell(quiet, busy, calm, stormy)
            _tell_answers(answers)


def _tell(quiet: Seen, busy: Seen, calm: dict[str, Any], stormy: dict[str, Any]) -> None:
    threads = stormy["threads"]
    most = str(stormy["most"])
    print_figure("hashes at once", goal=f"≤ {threads}", seen=most, held=stormy["most"] <= threads)
    before, after = percentile(calm["lags"], 0.99), percentile(stormy["lags"], 0.99)
    worst = max(stormy["lags"])
    figure = f"{after * 1e3:.1f} ms (quiet {before * 1e3:.1f}; worst {worst * 1e3:.0f})"
    print_figure("the event loop's lag: p99", goal="≤ 50 ms", seen=figure, held=after <= 0.05)
    allowed = (quiet.memory + threads * _HASH) * 1.2
    figure = f"{quiet.memory >> 20} -> {busy.memory >> 20} MiB"
    print_figure("memory", goal=f"≤ {int(allowed) >> 20} MiB", seen=figure, held=busy.memory <= allowed)
    for word, share in (("p50", 0.5), ("p99", 0.99)):
        before, after = percentile(quiet.took, share), percentile(busy.took, share)
        figure = f"{before * 1e3:.1f} -> {after * 1e3:.1f} ms ({after / before:.1f})"
        held = word == "p50" or after <= 2 * before
        print_figure(
            f"others' requests: {word}", goal="≤ twice the quiet one" if word == "p99" else "-", seen=figure, held=held
        )
    failed = f"{busy.failed} of {len(busy.took)}"
    print_figure("others' requests that failed", goal="0", seen=failed, held=busy.failed == 0)


def _tell_answers(answers: Counter[str]) -> None:
    refused = answers["503 with Retry-After"]
    other = answers.total() - refused - answers["401"]
    print_figure("surplus answered 503, Retry-After", goal="> 0", seen=str(refused), held=refused > 0)
    print_figure("answers but 401 and that", goal="0", seen=str(other), held=other == 0)


if __name__ == "__main__":
    main()
