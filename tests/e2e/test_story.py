"""
The main job, end to end, against the real program.
"""

from __future__ import annotations

import signal

from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, eventually
from tests.support.smtp import SmtpServer

NEW_PASSWORD = "a different one, quite long"


def test_somebody_signs_up_forgets_the_password_and_finds_the_todos_again(server: TodoServer, mail: SmtpServer) -> None:
    """
    Sign up, verify, add todos, forget, reset by the mailed link: old session and password are dead, todos are not.
    """
    ann = Person(server, mail)
    ann.sign_up()
    session = ann.log_in()
    with server.client(session) as client:
        for title in ("buy milk", "call Bob"):
            assert client.post("/todos", json={"title": title}).status_code == 201

    token = ann.forget_password()
    with server.client() as client:
        assert client.post("/auth/password-reset/check", json={"token": token}).status_code == 200
        confirmation = {"token": token, "new_password": NEW_PASSWORD}
        assert client.post("/auth/password-reset/confirm", json=confirmation).status_code == 204
        again = client.post("/auth/password-reset/confirm", json=confirmation)
        assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (400, "invalid-token")
        with_old_password = {"email": ann.email, "password": PASSWORD}
        assert client.post("/auth/login", json=with_old_password).status_code == 401
    with server.client(session) as client:
        assert client.get("/me").status_code == 401

    with server.client(ann.log_in(NEW_PASSWORD)) as client:
        titles = [todo["title"] for todo in client.get("/todos").json()["items"]]
        assert titles == ["buy milk", "call Bob"]
        assert client.post("/auth/logout").status_code == 204
        assert client.get("/todos").status_code == 401
    assert eventually(lambda: ann.letters("changed"))


def test_whoever_signs_up_twice_is_told_by_mail(server: TodoServer, mail: SmtpServer) -> None:
    """
    A taken address gets the same answer as a new one; its owner gets a mail without a link to verify.
    """
    ann = Person(server, mail)
    ann.sign_up()
    with server.client() as client:
        body = {"email": ann.email, "password": NEW_PASSWORD}
        first = client.post("/auth/register", json={"email": "new@example.org", "password": PASSWORD})
        second = client.post("/auth/register", json=body)
    assert (first.status_code, first.content) == (second.status_code, second.content) == (202, b"")
    assert eventually(lambda: ann.letters("already"))
    assert ann.log_in(PASSWORD)


def test_an_unverified_address_is_sent_the_verification_link_again(server: TodoServer, mail: SmtpServer) -> None:
    """
    Who forgot the password before verifying the address gets the verification link, not a reset link.
    """
    ann = Person(server, mail)
    with server.client() as client:
        client.post("/auth/register", json={"email": ann.email, "password": PASSWORD})
        ann.link_token("Verify")
        refused = client.post("/auth/login", json={"email": ann.email, "password": PASSWORD})
        assert refused.status_code == 403
        client.post("/auth/password-reset", json={"email": ann.email})
        token = ann.link_token("Verify", number=2)
        assert client.post("/auth/verify-email", json={"token": token}).status_code == 204
    assert not ann.letters("Reset")
    assert ann.log_in()


def test_it_ends_cleanly_when_told_to(server: TodoServer, mail: SmtpServer) -> None:
    """
    SIGTERM ends it with exit code 0 within ten seconds, and a mail that is on its way arrives first.
    """
    ann = Person(server, mail)
    with server.client() as client:
        client.post("/auth/register", json={"email": ann.email, "password": PASSWORD})
    assert server.stop(signal.SIGTERM) == 0
    assert "Traceback" not in server.output
    server.start()
    assert eventually(lambda: ann.letters("Verify"))
    assert server.stop(signal.SIGINT) == 0
    assert len(ann.letters("Verify")) == 1
