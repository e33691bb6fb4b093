"""
Where nothing runs beside the requests, a clock elsewhere asks for mail to be delivered; nobody else can.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for
from tests.support.server import TodoServer
from tests.support.smtp import SmtpServer

TOKEN = "q7Zr2LdVw9XkT4bNs8MfYc1HpJg6AeUo3RiKx5Sv"
HOOK = "/api/v1/hooks/courier"


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    """
    Return settings of a deployment that a clock elsewhere calls.
    """
    return {**settings, "COURIER": "apart", "COURIER_HOOK_TOKEN": TOKEN}


@pytest.fixture
def client(database_url: str) -> Generator[TestClient]:
    """
    Yield a client of such a program.
    """
    container, _ = container_for(database_url, COURIER="apart", COURIER_HOOK_TOKEN=TOKEN)
    with client_of(container) as client:
        yield client


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_mail_waits_until_it_is_asked_for(server: TodoServer, mail: SmtpServer) -> None:
    """
    Nothing is sent beside the requests; the hook sends it, says how much, and finds nothing the second time.
    """
    with server.client() as client:
        client.post("/auth/password-reset", json={"email": "nobody@todo.example"})
        client.post("/auth/register", json={"email": "ann@todo.example", "password": "correct horse battery staple"})
        assert mail.letters == []
        first = client.post("/hooks/courier", headers=_bearing(TOKEN))
        second = client.post("/hooks/courier", headers=_bearing(TOKEN))
    assert (first.status_code, first.json()["sent"]) == (200, 1)
    assert [letter.recipients for letter in mail.letters] == [("ann@todo.example",)]
    assert second.json() == {"sent": 0, "others": 0}


@pytest.mark.parametrize(
    "headers",
    [{}, _bearing(""), _bearing(TOKEN[:-1]), _bearing(f"{TOKEN}x"), {"Authorization": f"Basic {TOKEN}"}],
    ids=["none", "empty", "shorter", "longer", "another scheme"],
)
def test_nobody_else_can_ask(client: TestClient, headers: dict[str, str]) -> None:
    """
    Whoever does not bear the token is not told more than that.
    """
    answer = client.post(HOOK, headers=headers)
    assert (answer.status_code, answer.json()["title"]) == (401, "You are not logged in")


def test_a_token_in_the_address_is_none(client: TestClient) -> None:
    """
    Addresses are logged on the way.
    """
    assert client.post(f"{HOOK}?token={TOKEN}").status_code == 401


def test_without_the_setting_there_is_no_such_address(database_url: str) -> None:
    """
    It answers as any address that there is not, whatever is borne.
    """
    container, _ = container_for(database_url, COURIER="apart")
    with client_of(container) as client:
        hook = client.post(HOOK, headers=_bearing(TOKEN))
        nothing = client.post("/api/v1/hooks/nothing")
    assert hook.status_code == nothing.status_code == 404
    assert hook.json()["type"] == nothing.json()["type"]


def test_guesses_are_counted(database_url: str) -> None:
    """
    For the client's address, as wrong signatures are; the token itself is not counted.
    """
    container, _ = container_for(
        database_url, COURIER="apart", COURIER_HOOK_TOKEN=TOKEN, RATE_LIMIT_ENABLED="true", RATE_LIMIT_PER_MINUTE="3"
    )
    with client_of(container) as client:
        right = [client.post(HOOK, headers=_bearing(TOKEN)).status_code for _ in range(5)]
        wrong = [client.post(HOOK, headers=_bearing("guess")).status_code for _ in range(4)]
    assert right == [200] * 5
    assert wrong == [401, 401, 401, 429]


def test_a_get_changes_nothing(client: TestClient) -> None:
    """
    Prefetchers and scanners send those.
    """
    assert client.get(HOOK, headers=_bearing(TOKEN)).status_code == 405
