"""
What the service depends on goes away and comes back: nobody waits for ever, and nothing is lost.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from tests.support.people import Person
from tests.support.postgres import EmbeddedServer, fresh_database
from tests.support.server import PASSWORD, TodoServer, eventually
from tests.support.smtp import SmtpServer
from todo_adapters.postgres import migrate

LONGEST_ANSWER = 5.0
"""Seconds that a request may take while its database is away: the pool waits for three."""


@pytest.fixture
def database(server_folder: Path) -> Generator[EmbeddedServer]:
    """
    Yield a PostgreSQL server that the test may stop.
    """
    server = EmbeddedServer(server_folder)
    with server.running():
        yield server


@pytest.fixture
def database_url(database: EmbeddedServer) -> Generator[str]:
    """
    Yield the URL of a migrated database on it.
    """
    with fresh_database(database.url) as url:
        migrate.upgrade(url)
        yield url


def test_requests_are_refused_while_the_database_is_away_and_served_when_it_is_back(
    server: TodoServer, mail: SmtpServer, database: EmbeddedServer
) -> None:
    """
    Without a database the process lives, is not ready, and answers 503 soon; with it again all is as before.
    """
    ann = Person(server, mail)
    ann.sign_up()
    session = ann.log_in()
    with server.client(session) as client:
        assert client.post("/todos", json={"title": "buy milk"}).status_code == 201
        database.stop()
        try:
            for request in (
                client.build_request("GET", "/todos"),
                client.build_request("POST", "/todos", json={"title": "lost"}),
                client.build_request("POST", "/auth/password-reset", json={"email": ann.email}),
                client.build_request("POST", "/auth/login", json={"email": ann.email, "password": PASSWORD}),
            ):
                _is_unavailable(client, request)
            assert client.get("/health").status_code == 200
            ready = client.get("/ready")
            assert ready.status_code == 503
            assert ready.json()["checks"]["database"] != "ok"
        finally:
            database.start()
        titles = eventually(lambda: _titles(client), within=10)
        assert titles == ["buy milk"]
        assert client.get("/ready").status_code == 200
    ann.forget_password()


def _is_unavailable(client: httpx2.Client, request: httpx2.Request) -> None:
    started = time.monotonic()
    answer = client.send(request)
    assert time.monotonic() - started < LONGEST_ANSWER
    assert answer.status_code == 503, (request.url, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"]
    assert answer.json()["type"].endswith("/problems/unavailable")


def _titles(client: httpx2.Client) -> list[str] | None:
    answer = client.get("/todos")
    return [todo["title"] for todo in answer.json()["items"]] if answer.is_success else None


def test_mail_waits_for_its_server(server: TodoServer, mail: SmtpServer) -> None:
    """
    While the mail server is away requests are accepted as ever; once it is back their mail goes out, once.
    """
    ann = Person(server, mail)
    ann.sign_up()
    port = mail.port
    mail.stop()
    with server.client() as client:
        answer = client.post("/auth/password-reset", json={"email": ann.email})
        assert (answer.status_code, answer.content) == (202, b"")
        assert client.get("/ready").status_code == 200
    eventually(lambda: '"outcome":"retried"' in server.output)
    mail.start(port)
    assert ann.link_token("Reset")
    time.sleep(1)
    assert len(ann.letters("Reset")) == 1


def test_a_worker_alone_delivers(settings: dict[str, str], mail: SmtpServer, tmp_path: Path) -> None:
    """
    With COURIER=apart the server only queues, and ``todo worker`` delivers, woken by the other process.
    """
    (tmp_path / "worker").mkdir()
    settings |= {"COURIER": "apart", "OUTBOX_POLL_SECONDS": "60"}
    with TodoServer(tmp_path, settings) as server:
        ann = Person(server, mail)
        with server.client() as client:
            client.post("/auth/register", json={"email": ann.email, "password": PASSWORD})
        time.sleep(1)
        assert not ann.letters("Verify")
        with TodoServer(tmp_path / "worker", settings, command="worker") as worker:
            ann.link_token("Verify")
            with server.client() as client:
                client.post("/auth/verify-email/resend", json={"email": ann.email})
            ann.link_token("Verify", number=2)
            assert worker.stop() == 0
