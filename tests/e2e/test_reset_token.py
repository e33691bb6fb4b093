"""
What a reset link is worth: one password, within its hour, to whoever reads the mail.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
import psycopg
import pytest
from dependency_injector import providers
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for
from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, eventually, token_in
from tests.support.smtp import SmtpServer
from todo_adapters.fakes import FakeClock, RecordingEmailService

NEW_PASSWORD = "a different one, quite long"


async def test_of_fifty_at_once_one_redeems_it(server: TodoServer, mail: SmtpServer) -> None:
    """
    Fifty simultaneous confirmations of one link end in one 204 and forty-nine 400s.
    """
    ann = Person(server, mail)
    await asyncio.to_thread(ann.sign_up)
    token = await asyncio.to_thread(ann.forget_password)
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:

        async def confirm(number: int) -> int:
            body = {"token": token, "new_password": f"{NEW_PASSWORD} {number}"}
            answer = await client.post("/api/v1/auth/password-reset/confirm", json=body)
            while answer.status_code == 503:
                await asyncio.sleep(0.2)
                answer = await client.post("/api/v1/auth/password-reset/confirm", json=body)
            return answer.status_code

        statuses = await asyncio.gather(*(confirm(number) for number in range(50)))
    assert sorted(statuses) == [204] + [400] * 49


def test_opening_a_link_consumes_nothing(server: TodoServer, mail: SmtpServer) -> None:
    """
    GET, HEAD and OPTIONS of the page, as often as scanners like, and of the API with the token leave it alive.
    """
    ann = Person(server, mail)
    ann.sign_up()
    token = ann.forget_password()
    with httpx2.Client(base_url=server.url) as client:
        for method, path in itertools.product(
            ("GET", "HEAD", "OPTIONS"),
            (
                "/reset-password",
                "/verify-email",
                "/api/v1/auth/password-reset/confirm",
                "/api/v1/auth/password-reset/check",
            ),
        ):
            for _ in range(3):
                client.request(method, path, params={"token": token})
        for path in ("confirm", "check"):
            in_url = client.post(f"/api/v1/auth/password-reset/{path}", params={"token": token}, json={})
            assert in_url.status_code == 422
        body = {"token": token, "new_password": NEW_PASSWORD}
        assert client.post("/api/v1/auth/password-reset/confirm", json=body).status_code == 204


@pytest.fixture
def clock() -> FakeClock:
    """
    Return a clock that the test moves.
    """
    return FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC))


@pytest.fixture
def in_process(database_url: str, clock: FakeClock) -> Generator[tuple[TestClient, RecordingEmailService]]:
    """
    Yield a client of the application on the real database and the movable clock, and the mails it sends.
    """
    container, post = container_for(database_url, OUTBOX_POLL_SECONDS="0.05")
    container.clock.override(providers.Object(clock))
    with client_of(container) as client:
        yield client, post


def _link(client: TestClient, post: RecordingEmailService, path: str, body: dict[str, str]) -> str:
    known = len(post.sent)
    assert client.post(path, json=body).status_code == 202
    return token_in(eventually(lambda: post.sent[known:])[0].text)


@pytest.mark.parametrize(("seconds", "status"), [(3599, 204), (3600, 400), (3601, 400)])
def test_it_works_until_the_second_it_expires(
    in_process: tuple[TestClient, RecordingEmailService], clock: FakeClock, seconds: int, status: int
) -> None:
    """
    One second before its hour is over a link works; on the hour and after, it does not.
    """
    client, post = in_process
    person = {"email": "ann@example.org"}
    verification = _link(client, post, "/api/v1/auth/register", {**person, "password": PASSWORD})
    assert client.post("/api/v1/auth/verify-email", json={"token": verification}).status_code == 204
    token = _link(client, post, "/api/v1/auth/password-reset", person)
    clock.pass_time(timedelta(seconds=seconds))
    body = {"token": token, "new_password": NEW_PASSWORD}
    assert client.post("/api/v1/auth/password-reset/confirm", json=body).status_code == status


def test_a_copy_of_the_database_redeems_nothing(server: TodoServer, mail: SmtpServer, database_url: str) -> None:
    """
    Without the key no value of any table, nor any two of a row joined, is a token, while the mailed one is.
    """
    ann = Person(server, mail)
    ann.sign_up()
    ann.log_in()
    token = ann.forget_password()
    guesses = {guess for row in _every_row(database_url) for guess in _guesses(row)}
    assert len(guesses) > 100
    assert token not in guesses
    with server.client() as client:
        for guess in guesses:
            check = client.post("/auth/password-reset/check", json={"token": guess})
            assert check.status_code in {400, 422}, guess
            verify = client.post("/auth/verify-email", json={"token": guess})
            assert verify.status_code in {400, 422}, guess
        assert client.post("/auth/password-reset/check", json={"token": token}).status_code == 200


def _every_row(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        ]
        return [row for name in tables for row in connection.execute(f'SELECT * FROM "{name}"').fetchall()]  # noqa: S608 - the catalogue names them


def _guesses(row: tuple[object, ...]) -> set[str]:
    """
    Return every value of the row as a token might spell it, alone and two together.
    """
    spelled: set[str] = set()
    for value in row:
        if isinstance(value, UUID):
            spelled |= {str(value), value.hex, base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")}
        elif isinstance(value, bytes):
            spelled |= {value.hex(), base64.urlsafe_b64encode(value).decode().rstrip("=")}
        elif value is not None:
            spelled.add(str(value))
    return {text[:512] for text in spelled} | {
        f"{left}.{right}"[:512] for left, right in itertools.permutations(sorted(spelled), 2)
    }
