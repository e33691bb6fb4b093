"""
A password judged while it is typed.
"""

from __future__ import annotations

import pytest

from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer
from tests.support.smtp import SmtpServer

BAD = ("short", "todo-todo-todo", "correcthorsebatterystaple", "maximiliane.12", "x" * 1025)


@pytest.mark.parametrize("password", BAD)
def test_the_verdict_is_that_of_signing_up(server: TodoServer, password: str) -> None:
    """
    In the same words, whether it is the password that is no good or no password at all.
    """
    asked = {"email": "maximiliane@example.org", "password": password}
    with server.client() as client:
        [refusal] = client.post("/auth/register", json=asked).json()["errors"]
        answer = client.post("/auth/password-check", json=asked)
    if answer.status_code == 422:
        assert answer.json()["errors"] == [refusal]
    else:
        assert answer.json() == {"acceptable": False, "detail": refusal["detail"]}
        assert answer.headers["cache-control"] == "no-store"


def test_a_good_one_is_good_for_all(server: TodoServer, mail: SmtpServer) -> None:
    """
    Alone, for an address, known or not, and for the reader of a link; a dead link is said to be one.
    """
    ann = Person(server, mail)
    ann.sign_up()
    token = ann.forget_password()
    with server.client() as client:
        for whose in ({}, {"email": ann.email}, {"email": "nobody@example.org"}, {"token": token}):
            answer = client.post("/auth/password-check", json={"password": PASSWORD, **whose})
            assert (answer.status_code, answer.json()) == (200, {"acceptable": True, "detail": None})
        own = client.post("/auth/password-check", json={"password": ann.email, "token": token}).json()
        assert "must not be the e-mail address" in own["detail"]
        dead = client.post("/auth/password-check", json={"password": PASSWORD, "token": "dead"})
        assert (dead.status_code, dead.json()["type"].rpartition("/")[2]) == (400, "invalid-token")
        assert client.post("/auth/password-reset/check", json={"token": token}).status_code == 200
