"""
The database goes away under load and comes back, as a story that tests play small and benchmarks play large.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Literal
from uuid import uuid4

import httpx2
import psycopg
from attrs import define, field, frozen

from tests.support.fleet import Fleet, Verdict, ask_for_reset
from tests.support.postgres import EmbeddedServer
from tests.support.server import PASSWORD, eventually, run_todo

_TITLES = b"SELECT title FROM todos"
_OWNER = "owner@example.org"
_WRITERS, _PEOPLE, _TODOS = 4, 2000, 9
"""Each writer asks for mail for one person after another, and writes some todos after each."""

_KEPT = {201, 202}
_QUICK = 1.0
"""Seconds within which only a bell, and no poll, brings a mail."""


@define
class Load:
    """
    Writers of todos and of requests for mail, and what they were told.

    ``statuses`` counts the answers, 0 for a connection that broke; ``kept`` holds the titles that were
    acknowledged, ``successes`` the moments of every acknowledgement. They go through *door* where the server is
    not asked directly.
    """

    fleet: Fleet
    session: str
    door: Callable[[str], httpx2.Client] | None = None
    statuses: Counter[int] = field(factory=Counter[int], init=False)
    kept: list[str] = field(factory=list[str], init=False)
    successes: list[float] = field(factory=list[float], init=False)
    _name: str = field(factory=lambda: uuid4().hex, init=False)
    _over: threading.Event = field(factory=threading.Event, init=False)

    @contextmanager
    def running(self) -> Generator[None]:
        """
        Write while the block runs.
        """
        people = self.fleet.sign_up(_WRITERS * _PEOPLE)
        with ThreadPoolExecutor(_WRITERS) as pool:
            writers = [
                pool.submit(self._write, number, people[number * _PEOPLE : (number + 1) * _PEOPLE])
                for number in range(_WRITERS)
            ]
            try:
                yield
            finally:
                self._over.set()
            for writer in writers:
                writer.result(timeout=60)

    def _write(self, writer: int, people: Sequence[str]) -> None:
        with (self.door or self.fleet.server.client)(self.session) as client:
            for round_, person in enumerate(people):
                self._note(ask_for_reset(client, person), asked=person)
                for number in range(_TODOS):
                    if self._over.is_set():
                        return
                    title = f"todo {self._name}.{writer}.{round_}.{number}"
                    self._note(_add_todo(client, title), title=title)

    def _note(self, status: int, *, asked: str = "", title: str = "") -> None:
        self.statuses[status] += 1
        if status in _KEPT:
            self.successes.append(time.monotonic())
            if title:
                self.kept.append(title)
            if asked:
                self.fleet.asked.append(asked)


def _add_todo(client: httpx2.Client, title: str) -> int:
    try:
        return client.post("/todos", json={"title": title}).status_code
    except httpx2.TransportError:
        return 0


@frozen
class Outage:
    """
    The database was away for a while.

    Args:
        statuses: the answers, by status; 0 is a broken connection.
        kept: writes that were acknowledged.
        lost: acknowledged writes that are not there.
        unknown: writes that are there, though nobody was told.
        served_after: seconds from the database's return to the first acknowledged write.
        drained_after: seconds from there until no mail was left to send.
        verdict: on the mails.
    """

    statuses: dict[int, int]
    kept: int
    lost: int
    unknown: int
    served_after: float
    drained_after: float
    verdict: Verdict


def log_in(fleet: Fleet) -> str:
    """
    Return the access token of somebody who has an account.
    """
    opened = run_todo("create-user", _OWNER, settings=fleet.settings, folder=fleet.folder, stdin=f"{PASSWORD}\n")
    assert opened.returncode == 0, opened.stderr
    with fleet.server.client() as client:
        answer = client.post("/auth/login", json={"email": _OWNER, "password": PASSWORD})
    return str(answer.json()["access_token"])


def restart_under_load(
    fleet: Fleet,
    database: EmbeddedServer,
    session: str,
    *,
    mode: Literal["fast", "immediate"],
    away: float = 0.0,
    warm: float = 0.5,
) -> Outage:
    """
    R8: shut the database down under load, and start it again *away* seconds later.
    """
    before = titles(fleet)
    load = Load(fleet, session)
    with load.running():
        time.sleep(warm)
        database.shut_down(mode)
        time.sleep(away)
        database.start()
        returned_at = time.monotonic()
        eventually(lambda: load.successes and load.successes[-1] > returned_at, within=30)
        time.sleep(warm)
    there = titles(fleet) - before
    drained_after = fleet.drained(within=120)
    return Outage(
        statuses=dict(load.statuses),
        kept=len(load.kept),
        lost=len(set(load.kept) - there),
        unknown=len(there - set(load.kept)),
        served_after=min(at for at in load.successes if at > returned_at) - returned_at,
        drained_after=drained_after,
        verdict=fleet.verdict(),
    )


def titles(fleet: Fleet) -> set[str]:
    """
    Return the titles of all todos.
    """
    with psycopg.connect(fleet.database_url) as connection:
        return {title for (title,) in connection.execute(_TITLES)}


@frozen
class Absence:
    """
    The database was away for long, with mail in it.

    Args:
        health: the status of ``/health`` meanwhile.
        unready_after: seconds until ``/api/v1/ready`` said so.
        lived: whether server and workers were the same processes all the time.
        drained_after: seconds from the database's return until the mail was sent.
        woken_after: seconds from there until a mail was brought by a bell, not by a poll.
        verdict: on the mails.
    """

    health: int
    unready_after: float
    lived: bool
    drained_after: float
    woken_after: float
    verdict: Verdict


def database_away(fleet: Fleet, database: EmbeddedServer, *, seconds: float, mails: int) -> Absence:
    """
    R9: stop the database for so many *seconds* while *mails* wait in it for a post office that opens meanwhile.
    """
    fleet.office.close()
    fleet.ask(fleet.sign_up(mails))
    database.shut_down("fast")
    fleet.office.open()
    stopped_at = time.monotonic()
    with fleet.server.client() as client:
        eventually(lambda: client.get("/ready").status_code == httpx2.codes.SERVICE_UNAVAILABLE)
        unready_after = time.monotonic() - stopped_at
        health = client.get("/health").status_code
    time.sleep(max(0.0, seconds - unready_after))
    lived = all(process.exit_code is None for process in (fleet.server, *fleet.workers))
    database.start()
    returned_at = time.monotonic()
    woken_after = _woken(fleet, returned_at)
    fleet.drained(within=120)
    return Absence(health, unready_after, lived, time.monotonic() - returned_at, woken_after, fleet.verdict())


def _woken(fleet: Fleet, since: float) -> float:
    """
    Return how long after *since* a mail was brought at once.
    """
    for person in fleet.sign_up(100):
        asked_at = time.monotonic()
        fleet.ask([person])
        while time.monotonic() - asked_at < _QUICK:
            if fleet.office.to(person):
                return time.monotonic() - since
            time.sleep(0.01)
    raise AssertionError("no bell was heard any more")
