"""
Another password, another address, and the way back, against the real program.
"""

from __future__ import annotations

import itertools

import httpx2
from attrs import evolve

from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, eventually
from tests.support.smtp import SmtpServer

NEW_PASSWORD = "a different one, quite long"
THIRD_PASSWORD = "yet another one, and longer"
NEW_ADDRESS = "ann@new.example.net"


def _problem(document: dict[str, str]) -> str:
    return document["type"].rpartition("/")[2]


def _confirm(server: TodoServer, token: str) -> int:
    with server.client() as client:
        return client.post("/me/email/confirm", json={"token": token}).status_code


def _move(ann: Person, session: str) -> tuple[Person, str]:
    """
    Give Ann's account the new address; return Ann as she is then, and the token of the link that takes it back.
    """
    moved = evolve(ann, email=NEW_ADDRESS)
    with ann.server.client(session) as client:
        assert client.post("/me/email", json={"new_email": NEW_ADDRESS, "password": PASSWORD}).status_code == 202
    assert _confirm(ann.server, moved.link_token("Confirm")) == 204
    return moved, ann.link_token("was changed")


def test_a_password_is_changed(server: TodoServer, mail: SmtpServer) -> None:
    """
    The other session is dead at once, this one lives, the old password counts no longer, and the owner is told.
    """
    ann = Person(server, mail)
    ann.sign_up()
    other, here = ann.log_in(), ann.log_in()
    reset = ann.forget_password()
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    with server.client(here) as client:
        assert client.post("/me/password", json=change).status_code == 204
        assert client.get("/me").status_code == 200
    with server.client(other) as client:
        assert client.get("/me").status_code == 401
    with server.client() as client:
        login = client.post("/auth/login", json={"email": ann.email, "password": PASSWORD})
        assert (login.status_code, _problem(login.json())) == (401, "wrong-credentials")
        dead = client.post("/auth/password-reset/check", json={"token": reset})
        assert (dead.status_code, _problem(dead.json())) == (400, "invalid-token")
    assert ann.log_in(NEW_PASSWORD)
    assert eventually(lambda: ann.letters("password was changed"))


def test_a_session_alone_changes_nothing(server: TodoServer, mail: SmtpServer) -> None:
    """
    Without the password: 403, and the session lives on; without it in the body: 422; without a session: 401.
    """
    ann = Person(server, mail)
    ann.sign_up()
    wishes = {
        "/me/password": {"current_password": NEW_PASSWORD, "new_password": THIRD_PASSWORD},
        "/me/email": {"new_email": NEW_ADDRESS, "password": NEW_PASSWORD},
    }
    with server.client(ann.log_in()) as client:
        for path, wish in wishes.items():
            refused = client.post(path, json=wish)
            assert (refused.status_code, _problem(refused.json())) == (403, "wrong-password")
            assert "WWW-Authenticate" not in refused.headers
            asked = {name: text for name, text in wish.items() if name not in {"password", "current_password"}}
            assert client.post(path, json=asked).status_code == 422
        assert client.get("/me").status_code == 200
    with server.client() as client:
        assert [client.post(path, json=wish).status_code for path, wish in wishes.items()] == [401, 401]
    assert ann.log_in()
    assert not ann.letters("changed")


def test_an_address_is_changed_and_taken_back(server: TodoServer, mail: SmtpServer) -> None:
    """
    Both addresses are told, the link to the new one confirms once, and the old one takes it back.

    Then everybody is logged out, the password counts no longer, and the todos are all there.
    """
    ann = Person(server, mail)
    ann.sign_up()
    session = ann.log_in()
    with server.client(session) as client:
        assert client.post("/todos", json={"title": "buy milk"}).status_code == 201
    reset = ann.forget_password()
    moved, back = _move(ann, session)
    assert len(ann.letters("about to change")) == 1
    assert _confirm(server, moved.link_token("Confirm")) == 400
    with server.client(session) as client:
        assert client.get("/me").json()["email"] == NEW_ADDRESS
    with server.client() as client:
        assert client.post("/auth/password-reset/check", json={"token": reset}).status_code == 400
    thief = moved.log_in()

    with server.client() as client:
        for status in (204, 400):
            assert client.post("/auth/undo-email-change", json={"token": back}).status_code == status
        for email in (ann.email, NEW_ADDRESS):
            assert client.post("/auth/login", json={"email": email, "password": PASSWORD}).status_code == 401
        confirmation = {"token": ann.link_token("Reset", number=2), "new_password": NEW_PASSWORD}
        assert client.post("/auth/password-reset/confirm", json=confirmation).status_code == 204
    for ended in (session, thief):
        with server.client(ended) as client:
            assert client.get("/me").status_code == 401
    with server.client(ann.log_in(NEW_PASSWORD)) as client:
        assert client.get("/me").json()["email"] == ann.email
        assert [todo["title"] for todo in client.get("/todos").json()["items"]] == ["buy milk"]


def test_opening_a_link_changes_nothing(server: TodoServer, mail: SmtpServer) -> None:
    """
    GET, HEAD and OPTIONS of its page, and of the API with the token, as often as scanners like, leave it alive.
    """
    ann, moved = Person(server, mail), Person(server, mail, NEW_ADDRESS)
    ann.sign_up()
    with server.client(ann.log_in()) as client:
        client.post("/me/email", json={"new_email": NEW_ADDRESS, "password": PASSWORD})
    for person, subject, paths in (
        (moved, "Confirm", ("/confirm-email", "/api/v1/me/email/confirm")),
        (ann, "was changed", ("/undo-email-change", "/api/v1/auth/undo-email-change")),
    ):
        token = person.link_token(subject)
        with httpx2.Client(base_url=server.url) as scanner:
            for method, path in itertools.product(("GET", "HEAD", "OPTIONS"), paths):
                for _ in range(3):
                    scanner.request(method, path, params={"token": token})
            assert scanner.post(paths[1], params={"token": token}, json={}).status_code == 422
            assert scanner.post(paths[1], json={"token": token}).status_code == 204


def test_the_answer_does_not_tell_who_has_an_address(server: TodoServer, mail: SmtpServer) -> None:
    """
    It is the same for a free address and for Bob's; Bob learns by mail that somebody tried, and gets no link.
    """
    ann, bob = Person(server, mail), Person(server, mail, "bob@example.org")
    ann.sign_up()
    bob.sign_up()
    with server.client(ann.log_in()) as client:
        answers = [
            client.post("/me/email", json={"new_email": email, "password": PASSWORD})
            for email in (bob.email, NEW_ADDRESS)
        ]
        assert client.get("/me").json()["email"] == ann.email
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
    [letter] = eventually(lambda: bob.letters("already"))
    body = letter.mime.get_body(("plain",))
    assert body is not None
    assert "token=" not in body.get_content()
    assert not bob.letters("Confirm")
