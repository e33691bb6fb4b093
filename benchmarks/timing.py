"""
R16: whether the time of an answer tells if an address has an account.

    uv run python benchmarks/timing.py
    uv run python benchmarks/timing.py log-in --rounds 3000
    uv run python benchmarks/timing.py reset --courier beside

One connection asks for people and strangers, in an order drawn by lot as a whole: were they asked pair by pair, the
one would more often come after the other, and what a request leaves behind would look like its neighbour's time.

The statistic is the AUC, the chance that a stranger's answer takes longer than a person's (Mann-Whitney's U / nm):
0.5 tells nothing. A p-value would only tell how often was asked. The controls: two groups of people, who must not
differ, and strangers whom an early return, made for this benchmark, sends away, who must. The echo compares how long
the twelve requests take that follow at once: what the courier does beside them could tell, too.
"""

from __future__ import annotations

import bisect
import gc
import http.client
import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import attrs
import click
from attrs import frozen
from starlette.types import ASGIApp, Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import percentile, print_figure
from benchmarks.served import Scene, rest, scene
from tests.support.server import environment
from todo_core.errors import WrongCredentials
from todo_core.model.email import EmailAddress
from todo_core.ports import UnitOfWork
from todo_web.app import create_app
from todo_web.container import Container
from todo_web.logs import configure_logging
from todo_web.settings import load_settings, surroundings

PEOPLE = 100_000
_DROPPED = 100
_RESAMPLES = 1000
_LEAK = b"x-leak"
_ARMS = ("person", "stranger", "another person", "stranger sent away early")

_leaks: ContextVar[bool] = ContextVar("leaks", default=False)


@frozen
class _Early:
    """
    What every page about enumeration warns of: it looks first, and answers a stranger at once.
    """

    use_case: Any
    unit_of_work: UnitOfWork
    refuses: bool

    async def __call__(self, *, email: EmailAddress, **rest: Any) -> Any:
        if _leaks.get():
            async with self.unit_of_work.begin() as work:
                user = await work.users.by_email(email)
            if user is None and self.refuses:
                raise WrongCredentials
            if user is None:
                return None
        return await self.use_case(email=email, **rest)


def leaky() -> ASGIApp:
    """
    Return the application, which leaks where a request asks for it by a header.
    """
    environment = surroundings()
    settings = load_settings(environment)
    configure_logging(level=settings.log_level, log_format=settings.logs)
    container = Container(settings=settings, surroundings=environment)
    core, unit_of_work = container.core(), container.unit_of_work()
    changed = {
        "log_in": _Early(core.log_in, unit_of_work, refuses=True),
        "request_password_reset": _Early(core.request_password_reset, unit_of_work, refuses=False),
    }
    container.core.override(attrs.evolve(core, **changed))
    inner = create_app(container)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        _leaks.set((_LEAK, b"1") in scope.get("headers", ()))
        await inner(scope, receive, send)

    return app


@frozen
class Question:
    """
    What is asked, the status that answers it, and how many requests listen to what it leaves behind.
    """

    name: str
    path: str
    status: int
    facts: dict[str, str]
    listens: int


RESET = Question("reset", "/api/v1/auth/password-reset", 202, {}, listens=12)
LOG_IN = Question("log-in", "/api/v1/auth/login", 401, {"password": "not the password of anybody"}, listens=0)


def measured(on: Scene, question: Question, *, rounds: int, lot: random.Random) -> dict[str, list[float]]:
    """
    Return how many seconds the answers took, for each arm.
    """
    numbers = lot.sample(range(PEOPLE), 2 * rounds)
    addresses = {
        "person": [on.person(number) for number in numbers[:rounds]],
        "another person": [on.person(number) for number in numbers[rounds:]],
        "stranger": [on.stranger(number) for number in numbers[:rounds]],
        "stranger sent away early": [on.stranger(number) for number in numbers[rounds:]],
    }
    order = list(_ARMS) * rounds
    lot.shuffle(order)
    seen: dict[str, list[float]] = {arm: [] for arm in _ARMS}
    echoes: dict[str, list[float]] = {f"echo of a {arm}": [] for arm in _ARMS}
    connection = on.connect()
    connection.connect()
    gc.disable()
    for arm in order:
        seen[arm].append(_asked(connection, question, addresses[arm].pop(), early=arm is _ARMS[-1]))
        echoes[f"echo of a {arm}"].append(_echo(connection, question.listens))
    gc.enable()
    connection.close()
    return {arm: times[_DROPPED:] for arm, times in (seen | echoes).items()}


def _echo(connection: http.client.HTTPConnection, times: int) -> float:
    """
    Return how long so many requests take that ask for nothing: what the last one left to do slows them.
    """
    began = time.perf_counter()
    for _ in range(times):
        connection.request("GET", "/health")
        connection.getresponse().read()
    return time.perf_counter() - began


def _asked(connection: http.client.HTTPConnection, question: Question, address: str, *, early: bool) -> float:
    body = json.dumps({"email": address, **question.facts})
    headers = {"Content-Type": "application/json", _LEAK.decode(): "1" if early else "0"}
    began = time.perf_counter()
    connection.request("POST", question.path, body, headers)
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - began
    assert answer.status == question.status, answer.status
    return took


def auc(ones: Sequence[float], others: Sequence[float]) -> float:
    """
    Return the chance that one of the *others* is larger than one of the *ones*; a tie counts half.
    """
    ones = sorted(ones)
    wins = sum(bisect.bisect_left(ones, value) + bisect.bisect_right(ones, value) for value in others)
    return wins / (2 * len(ones) * len(others))


def interval(ones: Sequence[float], others: Sequence[float], lot: random.Random) -> tuple[float, float]:
    """
    Return the bootstrap's 95 % confidence interval of the AUC.
    """
    found = sorted(auc(lot.choices(ones, k=len(ones)), lot.choices(others, k=len(others))) for _ in range(_RESAMPLES))
    return percentile(found, 0.025), percentile(found, 0.975)


def judged(question: Question, seen: dict[str, list[float]], lot: random.Random) -> bool:
    """
    Print what the times tell, and return whether they tell as little, and as much, as they should.
    """
    counts = f"{len(seen['person'])} each"
    for arm in _ARMS:
        times = seen[arm]
        spread = f"p50 {percentile(times, 0.5) * 1e3:.2f} ms, p95 {percentile(times, 0.95) * 1e3:.2f}"
        print_figure(f"{question.name}: {arm}", goal="-", seen=spread, held=True)
    verdicts = list[bool]()
    for name, arm, control in (
        ("people and strangers", "stranger", False),
        ("A/A: people and people", "another person", False),
        ("positive control", "stranger sent away early", True),
    ):
        found, (low, high) = auc(seen["person"], seen[arm]), interval(seen["person"], seen[arm], lot)
        found, low, high = (1 - found, 1 - high, 1 - low) if control else (found, low, high)  # early is quicker
        held = found >= 0.9 if control else low >= 0.45 and high <= 0.55
        goal = "AUC ≥ 0.9" if control else "CI within 0.45-0.55"
        figure = f"AUC {found:.3f} (CI {low:.3f}-{high:.3f})"
        print_figure(f"{question.name}: {name}, {counts}", goal=goal, seen=figure, held=held)
        verdicts.append(held)
    if question.listens:
        ones, others = seen["echo of a person"], seen["echo of a stranger"]
        low, high = interval(ones, others, lot)
        figure = f"AUC {auc(ones, others):.3f} (CI {low:.3f}-{high:.3f})"
        print_figure(f"{question.name}: echo, {counts}", goal="-", seen=figure, held=True)
    return all(verdicts)


@contextmanager
def _worker(on: Scene, courier: str) -> Generator[None]:
    """
    Deliver the mail in a process of its own for the block, if it is to be delivered apart.
    """
    if courier == "beside":
        yield
        return
    command = [str(Path(sys.executable).with_name("todo")), "worker"]
    with (on.folder / "worker.txt").open("wb") as output:
        process = subprocess.Popen(command, env=environment(**on.settings), stdout=output, stderr=output)  # noqa: S603 - our own program
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@click.command()
@click.argument("which", type=click.Choice(["both", "reset", "log-in"]), default="both")
@click.option("--rounds", default=2100, type=click.IntRange(200, 20_000), help="Requests for each arm.")
@click.option("--runs", default=3, type=click.IntRange(1, 10), help="At most, while one does not hold.")
@click.option("--courier", type=click.Choice(["beside", "apart"]), default="apart", help="Where mail is delivered.")
@click.option("--seed", default=16, type=int)
def main(which: str, rounds: int, runs: int, courier: str, seed: int) -> None:
    """
    Ask, and tell what the times tell.
    """
    lot = random.Random(seed)  # noqa: S311 - a lot that can be drawn again, not a secret
    with scene("benchmarks.timing:leaky", people=PEOPLE, COURIER=courier) as on, _worker(on, courier):
        for question in (RESET, LOG_IN):
            if which not in {"both", question.name}:
                continue
            for run in itertools.count(1):
                rest(2)
                print(f"{question.name}, run {run}; {PEOPLE} people")
                if judged(question, measured(on, question, rounds=rounds, lot=lot), lot) or run == runs:
                    break


if __name__ == "__main__":
    main()
