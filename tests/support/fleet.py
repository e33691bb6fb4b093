"""
The service as it is deployed: a server that queues, workers that deliver, one database, one post office.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGKILL, SIGTERM

import httpx2
import psycopg
from attrs import define, field, frozen

from tests.support.post_office import Arrival, PostOffice
from tests.support.server import KEY, TodoServer, eventually

_SIGN_UP = b"""
    INSERT INTO users (id, email, password_hash, created_at, locale, timezone, verified_at)
    SELECT gen_random_uuid(), 'user' || n || '@example.org', '$argon2id$made-up', now(), 'en', 'UTC', now()
    FROM generate_series(%s::int, %s::int) AS n
"""
_UNFINISHED = b"SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')"
_STATES = b"SELECT state, count(*) FROM outbox GROUP BY state"

_LAUNCHED = "Delivering mail"
"""What a worker prints when it has started."""

TEST_LEASE = 5
"""Seconds: the shortest lease there is."""

HASTY = {
    "OUTBOX_LEASE_SECONDS": str(TEST_LEASE),
    "OUTBOX_POLL_SECONDS": "1",
    "SMTP_TIMEOUT": "4",
    "COURIER": "apart",
    "JWT_SECRET_KEY": KEY,
    "LOG_FORMAT": "json",
    "RATE_LIMIT_ENABLED": "false",
    "RATE_LIMIT_RESET": "1000000/minute",
    "RATE_LIMIT_RESET_CLIENT": "1000000/minute",
}
"""Settings that let a test see in seconds what takes minutes otherwise."""


@frozen
class Verdict:
    """
    What became of mails that were promised.

    Args:
        asked: how many requests were answered 202.
        lost: whose mail never came.
        duplicates: how many came beyond the first of each.
        strangers: duplicates that could not be known for what they are: another link or Message-ID.
    """

    asked: int
    lost: int
    duplicates: int
    strangers: int


def judge(asked: Collection[str], arrivals: Collection[Arrival]) -> Verdict:
    """
    Compare what was *asked* for, one address each, with what arrived.
    """
    by_recipient = defaultdict[str, list[Arrival]](list)
    for arrival in arrivals:
        by_recipient[arrival.recipient].append(arrival)
    several = [found for found in by_recipient.values() if len(found) > 1]
    return Verdict(
        asked=len(asked),
        lost=len(set(asked) - by_recipient.keys()),
        duplicates=sum(len(found) - 1 for found in several),
        strangers=sum(len({(one.message_id, one.token) for one in found}) - 1 for found in several),
    )


@define
class Fleet:
    """
    A running ``todo serve`` and some ``todo worker``; people who verified their address.
    """

    folder: Path
    database_url: str
    office: PostOffice
    settings: Mapping[str, str]
    server: TodoServer = field(init=False)
    workers: list[TodoServer] = field(factory=list[TodoServer], init=False)
    asked: list[str] = field(factory=list[str], init=False)
    _people: int = field(default=0, init=False)
    _stack: ExitStack = field(factory=ExitStack, init=False)

    def launch(self, workers: int) -> None:
        """
        Start the server and so many workers, side by side.
        """
        self.workers = [
            self._stack.enter_context(TodoServer(self._room(f"worker{number}"), self.settings, command="worker"))
            for number in range(workers)
        ]
        self.server = self._stack.enter_context(TodoServer(self._room("server"), self.settings))
        for worker in self.workers:
            eventually(lambda worker=worker: _LAUNCHED in worker.output, within=30)

    def close(self) -> None:
        """
        Tell every process to end, and wait for all.
        """
        for process in (self.server, *self.workers):
            if process.exit_code is None:
                process.send(SIGTERM)
        self._stack.close()

    def sign_up(self, number: int) -> list[str]:
        """
        Return the addresses of so many new people.
        """
        first, self._people = self._people + 1, self._people + number
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(_SIGN_UP, [first, self._people])
        return [f"user{person}@example.org" for person in range(first, self._people + 1)]

    def ask(self, addresses: Collection[str], *, pace: float = 0.0) -> list[int]:
        """
        Ask for a reset for each address; return the statuses, and remember the ones that were promised mail.

        *pace* is how many seconds lie between two requests, if they do not take longer.
        """
        statuses, began = list[int](), time.monotonic()
        with self.server.client() as client:
            for number, address in enumerate(addresses):
                time.sleep(max(0.0, began + number * pace - time.monotonic()))
                status = ask_for_reset(client, address)
                statuses.append(status)
                if status == httpx2.codes.ACCEPTED:
                    self.asked.append(address)
        return statuses

    def kill(self, worker: TodoServer) -> None:
        """
        Kill the *worker* as the kernel does, and return when it delivers again.
        """
        launches = worker.output.count(_LAUNCHED)
        worker.stop(SIGKILL)
        worker.start()
        eventually(lambda: worker.output.count(_LAUNCHED) > launches, within=30)

    def drained(self, *, within: float) -> float:
        """
        Return the seconds until nothing was left to send.
        """
        began = time.monotonic()
        eventually(lambda: self.unfinished() == 0, within=within)
        return time.monotonic() - began

    def unfinished(self) -> int:
        """
        Return how many mails wait or are on their way.
        """
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            row = connection.execute(_UNFINISHED).fetchone()
        assert row is not None
        return int(row[0])

    def states(self) -> Counter[str]:
        """
        Return how many mails are in each state.
        """
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return Counter(dict(connection.execute(_STATES).fetchall()))

    def verdict(self) -> Verdict:
        """
        Judge everything that was asked for through the fleet.
        """
        return judge(self.asked, list(self.office.arrivals))

    def _room(self, name: str) -> Path:
        room = self.folder / name
        room.mkdir()
        return room


def ask_for_reset(client: httpx2.Client, address: str) -> int:
    """
    Ask for a reset; return the status, or 0 when the connection broke.
    """
    try:
        return client.post("/auth/password-reset", json={"email": address}).status_code
    except httpx2.TransportError:
        return 0


@contextmanager
def launched(
    folder: Path, database_url: str, office: PostOffice, *, workers: int = 1, **settings: str
) -> Generator[Fleet]:
    """
    Yield a running fleet.
    """
    environment = {**HASTY, "DATABASE_URL": database_url, **office.environment(), **settings}
    fleet = Fleet(folder, database_url, office, environment)
    try:
        fleet.launch(workers)
        yield fleet
    finally:
        fleet.close()
