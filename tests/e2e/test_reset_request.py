"""
Asking for a reset tells nobody who has an account: not by what it answers, nor by what it does.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for, traced_sql
from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, run_todo
from tests.support.smtp import SmtpServer

_OF_EACH_REQUEST = {"date", "x-request-id"}


def _ask(client: TestClient, email: str) -> tuple[int, bytes, dict[str, str]]:
    answer = client.post("/api/v1/auth/password-reset", json={"email": email})
    headers = {name: value for name, value in answer.headers.items() if name not in _OF_EACH_REQUEST}
    return answer.status_code, answer.content, headers


def test_every_address_gets_the_same_bytes_and_headers(
    server: TodoServer, mail: SmtpServer, settings: dict[str, str], tmp_path: Path
) -> None:
    """
    Known, unknown, unverified, disabled and throttled addresses, and any while mail cannot be sent, look alike.
    """
    known = Person(server, mail, "known@example.org")
    known.sign_up()
    disabled = Person(server, mail, "disabled@example.org")
    disabled.sign_up()
    assert run_todo("disable", disabled.email, settings=settings, folder=tmp_path).returncode == 0
    with server.client() as client:
        unverified = "unverified@example.org"
        client.post("/auth/register", json={"email": unverified, "password": PASSWORD})

        def ask(email: str) -> tuple[int, bytes, list[tuple[str, str]]]:
            answer = client.post("/auth/password-reset", json={"email": email})
            return answer.status_code, answer.content, sorted(_lasting(answer.headers.multi_items()))

        first = ask(known.email)
        assert first[:2] == (202, b"")
        assert ask("unknown@example.org") == first
        assert ask(unverified) == first
        assert ask(disabled.email) == first
        throttled = [ask(known.email) for _ in range(5)]
        assert throttled == [first] * 5
        mail.stop()
        try:
            assert ask("later@example.org") == first
        finally:
            mail.start()


def test_the_language_of_the_wish_is_the_mails_and_not_the_answers(server: TodoServer, mail: SmtpServer) -> None:
    """
    Whatever languages a browser names, the answer is the same for every address; the mail is in the best of them.
    """
    ann = Person(server, mail)
    ann.sign_up()
    answers = set()
    with server.client() as client:
        for languages in ("de-AT, en;q=0.5", "es", "tlh", "*;q=0", ";;,"):
            for email in (ann.email, "unknown@example.org"):
                body = {"email": email}
                answer = client.post("/auth/password-reset", json=body, headers={"Accept-Language": languages})
                answers.add((answer.status_code, answer.content, tuple(sorted(_lasting(answer.headers.multi_items())))))
            if languages.startswith("de"):
                ann.link_token("Passwort zurücksetzen")
    assert len(answers) == 1
    with server.client(ann.log_in()) as client:
        assert client.get("/me").json()["locale"] == "en"


def _lasting(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers if name.lower() not in _OF_EACH_REQUEST]


def test_a_request_asks_nothing_about_users(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    In the request no statement names the table of users, and known and unknown addresses run the same statements.
    """
    container, _ = container_for(database_url, COURIER="apart")
    with client_of(container) as client:
        client.post("/api/v1/auth/register", json={"email": "known@example.org", "password": PASSWORD})
        with traced_sql(monkeypatch) as for_known:
            _ask(client, "known@example.org")
        with traced_sql(monkeypatch) as for_unknown:
            _ask(client, "unknown@example.org")
        with traced_sql(monkeypatch) as for_log_in:
            client.post("/api/v1/auth/login", json={"email": "known@example.org", "password": PASSWORD})
    assert any("users" in statement for statement in for_log_in)
    assert any("outbox" in statement for statement in for_known)
    assert _of_requests(for_known) == _of_requests(for_unknown)
    assert not [statement for statement in for_known if "users" in statement]


def _of_requests(statements: list[str]) -> list[str]:
    """
    Return the statements but for the hint to couriers, which is said beside the requests, for several at once.
    """
    return [statement for statement in statements if "pg_notify" not in statement]


def test_only_the_first_of_an_hour_are_mailed(server: TodoServer, mail: SmtpServer) -> None:
    """
    An address that was asked for too often gets no more mail, although each request is accepted.
    """
    ann = Person(server, mail)
    ann.sign_up()
    for number in (1, 2, 3):
        ann.forget_password(number=number)
    with server.client() as client:
        for _ in range(3):
            assert client.post("/auth/password-reset", json={"email": ann.email}).status_code == 202
        client.post("/auth/password-reset", json={"email": "bob@example.org"})
    assert len(ann.letters("Reset")) == 3


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Origin"])
def test_a_link_leads_where_the_operator_says(server: TodoServer, mail: SmtpServer, header: str) -> None:
    """
    Whatever a request claims about hosts, the link in the mail has FRONTEND_URL's.
    """
    ann = Person(server, mail)
    ann.sign_up()
    with server.client() as client:
        answer = client.post("/auth/password-reset", json={"email": ann.email}, headers={header: "evil.example"})
    assert answer.status_code == (400 if header == "Host" else 202)
    if header != "Host":
        ann.link_token("Reset")
        body = ann.letters("Reset")[0].mime.get_body(("plain",))
        assert body is not None
        assert f"http://localhost:{server.port}/reset-password?token=" in body.get_content()
        assert "evil" not in body.get_content()
