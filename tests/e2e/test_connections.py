"""
How many connections the service takes: the sums in docs/how-to/size-the-pools.md.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.support.people import Person
from tests.support.server import TodoServer, eventually
from tests.support.smtp import SmtpServer

CROWD, ROUNDS = 16, 5
POOL = 3
SMALL = {"DATABASE_POOL_SIZE": str(POOL), "DATABASE_MAX_OVERFLOW": "0"}
"""What overflows is closed again, and the server counts it for a moment longer than we do."""

COUNT = b"""
    SELECT count(*), count(*) FILTER (WHERE application_name LIKE 'listens to %') FROM pg_stat_activity
    WHERE datname = current_database() AND (application_name = 'todo' OR application_name LIKE 'listens to %')
"""


def connections(url: str) -> tuple[int, int]:
    """
    Return how many connections the database has, and how many of them listen.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(COUNT).fetchone() or (0, 0)


def test_a_process_takes_its_pool_and_two_to_listen(
    settings: dict[str, str], database_url: str, mail: SmtpServer, tmp_path: Path
) -> None:
    """
    One listens for mail, one for changes as soon as somebody follows; however many ask, there are no more.
    """
    with TodoServer(tmp_path, {**settings, **SMALL}) as server:
        ann = Person(server, mail)
        ann.sign_up()
        assert connections(database_url)[1] == 1
        with (
            server.client(ann.log_in()) as client,
            client.stream("GET", "/events"),
            ThreadPoolExecutor(CROWD) as pool,
        ):
            eventually(lambda: connections(database_url)[1] == 2)
            asked = [pool.submit(_ask, server, number) for number in range(CROWD)]
            most = 0
            while not all(one.done() for one in asked):
                most = max(most, connections(database_url)[0])
            assert {status for one in asked for status in one.result()} <= {202, 503}
    assert 2 < most <= POOL + 2


@pytest.mark.parametrize(("command", "listening"), [("serve", 0), ("worker", 1)])
def test_mail_is_listened_for_where_it_is_delivered(
    settings: dict[str, str], database_url: str, tmp_path: Path, command: str, listening: int
) -> None:
    """
    Apart from the requests, it is the worker that listens.
    """
    with TodoServer(tmp_path, {**settings, **SMALL, "COURIER": "apart"}, command=command) as process:
        eventually(lambda: "Delivering mail" in process.output or command == "serve")
        eventually(lambda: connections(database_url)[1] == listening)


def _ask(server: TodoServer, number: int) -> list[int]:
    with server.client() as client:
        body = {"email": f"user{number}@example.org"}
        return [client.post("/auth/password-reset", json=body).status_code for _ in range(ROUNDS)]
