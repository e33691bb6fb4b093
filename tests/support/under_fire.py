"""
What goes wrong, as stories that tests play small and benchmarks play large; each returns what it saw.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Collection, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
from attrs import evolve, frozen

from tests.support.fleet import Fleet, Verdict
from tests.support.poison import POISON
from tests.support.post_office import Weather
from tests.support.server import TodoServer, eventually

_EXPIRY = (
    b"UPDATE outbox SET expires_at = now() + make_interval(secs => %s) WHERE address = ANY(%s) AND state = 'waiting'"
)
_POISON = b"""
    INSERT INTO users (id, email, password_hash, created_at, locale, timezone, verified_at)
    VALUES (gen_random_uuid(), %s, '$argon2id$made-up', now(), 'en', 'UTC', now())
"""
_MOST_ATTEMPTS = b"SELECT max(attempts) FROM outbox WHERE state = 'sent'"
_ROW = b"SELECT state, attempts, last_error FROM outbox WHERE address = %s"


@frozen
class Killed:
    """
    Workers were killed: the verdict on the mails, how many kills, and how long the rest took to arrive.
    """

    verdict: Verdict
    kills: int
    drained_after: float


def kill_workers(fleet: Fleet, *, requests: int, kills: int, every: float, seed: int) -> Killed:
    """
    R1: ask for *requests* mails, and kill a worker drawn by lot while each *kills*-th part of them is on its way.

    The requests of a part come evenly in *every* seconds; the moment of the kill is drawn by lot too.
    """
    lot = random.Random(seed)  # noqa: S311 - a lot that can be drawn again, not a secret
    people, part = fleet.sign_up(requests), requests // kills
    with ThreadPoolExecutor(1) as pool:
        for number in range(kills):
            asking = pool.submit(fleet.ask, people[number * part : (number + 1) * part], pace=every / part)
            time.sleep(every * lot.random())
            fleet.kill(lot.choice(fleet.workers))
            assert set(asking.result(timeout=60)) == {202}
    drained_after = fleet.drained(within=120)
    return Killed(fleet.verdict(), kills, drained_after)


def orphan(fleet: Fleet, *, mails: int) -> float:
    """
    R2: kill the worker that holds so many *mails*; return the seconds until another has sent the last of them.
    """
    holder, heir = fleet.workers
    fleet.office.weather = Weather(silent=True)
    begun = fleet.office.begun
    with frozen_process(heir):
        fleet.ask(fleet.sign_up(mails))
        eventually(lambda: fleet.office.begun == begun + mails)
    fleet.office.weather = Weather()
    holder.stop(signal.SIGKILL)
    killed_at = time.time()
    fleet.drained(within=100)
    return max(arrival.at for arrival in fleet.office.arrivals) - killed_at


@contextmanager
def frozen_process(process: TodoServer) -> Generator[None]:
    """
    Stop a process for the block, as a machine without time for it does.
    """
    process.send(signal.SIGSTOP)
    yield
    process.send(signal.SIGCONT)


@frozen
class Poisoned:
    """
    A mail killed its workers: how often, what became of it, and of the others.
    """

    deaths: int
    state: str
    attempts: int
    reason: str
    others: Verdict
    slowest: float


def send_poison(fleet: Fleet, *, others: int, within: float) -> Poisoned:
    """
    R4: ask for a mail that kills whoever sends it, and for others; restart those who die until all is done.
    """
    with psycopg.connect(fleet.database_url, autocommit=True) as connection:
        connection.execute(_POISON, [POISON])
    people = fleet.sign_up(others)
    asked_at = time.time()
    fleet.ask([*people[: others // 2], POISON, *people[others // 2 :]])
    fleet.asked.remove(POISON)
    deaths, deadline = 0, time.monotonic() + within
    while fleet.unfinished() and time.monotonic() < deadline:
        deaths += sum(_revived(worker) for worker in fleet.workers)
        time.sleep(0.05)
    with psycopg.connect(fleet.database_url) as connection:
        state, attempts, reason = connection.execute(_ROW, [POISON]).fetchone() or ("", 0, "")
    slowest = max(arrival.at for arrival in fleet.office.arrivals) - asked_at
    return Poisoned(deaths, state, attempts, reason, fleet.verdict(), slowest)


def _revived(worker: TodoServer) -> bool:
    if worker.exit_code is None:
        return False
    assert worker.exit_code == -signal.SIGKILL, worker.output
    worker.start()
    return True


@frozen
class Returned:
    """
    The mail server was away: what of the mails, and how long after its return the last one came.

    ``late`` counts mails that came after their time, ``attempts`` those of the mail that needed most.
    """

    verdict: Verdict
    states: dict[str, int]
    late: int
    attempts: int
    last_after: float


def mail_server_away(fleet: Fleet, *, seconds: float, mails: int, expiring: int) -> Returned:
    """
    R5: close the post office for so many *seconds*; of the *mails* asked for meanwhile, *expiring* expire in that time.
    """
    fleet.office.close()
    short, people = fleet.sign_up(expiring), fleet.sign_up(mails - expiring)
    fleet.ask([*short, *people])
    expire(fleet, short, after=seconds / 2)
    time.sleep(seconds)
    for address in short:
        fleet.asked.remove(address)
    fleet.office.open()
    returned_at = time.time()
    fleet.drained(within=400)
    last = max(arrival.at for arrival in fleet.office.arrivals)
    late = sum(arrival.recipient in short for arrival in fleet.office.arrivals)
    with psycopg.connect(fleet.database_url) as connection:
        attempts = int((connection.execute(_MOST_ATTEMPTS).fetchone() or [0])[0])
    return Returned(fleet.verdict(), dict(fleet.states()), late, attempts, last - returned_at)


def expire(fleet: Fleet, addresses: Collection[str], *, after: float) -> None:
    """
    Let the mails that wait for *addresses* expire in so many seconds; the shortest life a setting gives is a minute.
    """

    def caught() -> bool:
        with psycopg.connect(fleet.database_url, autocommit=True) as connection:
            return connection.execute(_EXPIRY, [after, list(addresses)]).rowcount == len(addresses)

    eventually(caught)


@frozen
class Ended:
    """
    A worker was told to end: its exit code, how long it took, and how long another took to send all the rest.
    """

    code: int
    took: float
    rest_after: float
    verdict: Verdict


def end_worker(fleet: Fleet, weather: Weather, *, mails: int, slots: int = 4) -> Ended:
    """
    R7: SIGTERM a worker in the midst of sending in this *weather*; another, idle until then, sends the rest.
    """
    ending, heir = fleet.workers
    fleet.office.weather = weather
    begun = fleet.office.begun
    with frozen_process(heir):
        fleet.ask(fleet.sign_up(mails))
        eventually(lambda: fleet.office.begun >= begun + min(mails, slots))
        began = time.monotonic()
        ending.send(signal.SIGTERM)
    fleet.office.weather = evolve(weather, silent=False)
    code = ending.wait()
    took = time.monotonic() - began
    fleet.drained(within=100)
    return Ended(code, took, time.monotonic() - began - took, fleet.verdict())


def latencies(fleet: Fleet, *, mails: int, pause: float = 0.1) -> list[float]:
    """
    R6: ask for one mail after another; return the seconds from each answer to its arrival.
    """
    return [_latency(fleet, person, pause) for person in fleet.sign_up(mails)]


def _latency(fleet: Fleet, person: str, pause: float) -> float:
    time.sleep(pause)
    fleet.ask([person])
    asked_at = time.time()
    arrival = eventually(lambda: fleet.office.to(person), within=100)[0]
    return max(0.0, arrival.at - asked_at)
