"""
What the log tells of authentication, and that nobody writes into it but the program.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, eventually
from tests.support.smtp import SmtpServer

FORGED = ('x\n{"event":"forged"}\r\n', "x\x1b[2J", "x\u2028y\u2029z\x85")


def lines_of(server: TodoServer, event: str) -> list[dict[str, Any]]:
    """
    Return the lines about *event*, as they are now.
    """
    lines = [json.loads(line) for line in server.output.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def _when(server: TodoServer, event: str, count: int) -> list[dict[str, Any]]:
    return eventually(lambda: found if len(found := lines_of(server, event)) >= count else None)


def _paths(server: TodoServer, ids: set[str]) -> list[str]:
    return [line["path"] for line in lines_of(server, "request") if line["request_id"] in ids]


def test_every_outcome_of_authentication_is_logged_once(server: TodoServer, mail: SmtpServer) -> None:
    """
    What was tried and how it ended, for whom by a pseudonym, in which request; never an address.
    """
    ann = Person(server, mail)
    ann.sign_up()
    with server.client() as client:
        client.post("/auth/login", json={"email": "ANN@example.org", "password": "wrong"})
        client.post("/auth/login", json={"email": "nobody@example.org", "password": "wrong"})
        client.post("/auth/password-reset/check", json={"token": "bad"})
        client.post("/auth/login", json={"email": ann.email})
        client.post("/auth/logout")
    with server.client(ann.log_in()) as client:
        client.get("/todos")
        client.post("/auth/logout")
    token = ann.forget_password()
    with server.client() as client:
        client.post("/auth/password-reset/confirm", json={"token": token, "new_password": f"new {PASSWORD}"})

    told = _when(server, "auth", 11)
    assert [(line["action"], line["outcome"]) for line in told] == [
        ("register", "ok"),
        ("verify_email", "ok"),
        ("log_in", "wrong-credentials"),
        ("log_in", "wrong-credentials"),
        ("check_reset", "invalid-token"),
        ("log_in", "invalid-input"),
        ("log_out", "unauthenticated"),
        ("log_in", "ok"),
        ("log_out", "ok"),
        ("request_reset", "ok"),
        ("confirm_reset", "ok"),
    ]
    known, unknown = told[2]["pseudonym"], told[3]["pseudonym"]
    assert known != unknown
    assert [line.get("pseudonym") for line in told] == [
        *[known, None, known, unknown, None, None, None],
        *[known, known, known, None],
    ]
    ids = {line["request_id"] for line in told}
    assert len(ids) == 11
    paths = eventually(lambda: found if len(found := _paths(server, ids)) == 11 else None)
    assert all(path.startswith("/api/v1/auth/") for path in paths)
    assert all(line["timestamp"].endswith("Z") for line in told)
    assert "example.org" not in "\n".join(json.dumps(line) for line in told)


def test_a_pseudonym_is_the_services_own(settings: dict[str, str], tmp_path: Path) -> None:
    """
    Without the key nobody tells from the log whose pseudonym it is: another service has another for one address.
    """
    pseudonyms = set()
    for name, key in (("one", "a" * 12), ("other", "b" * 12)):
        folder = tmp_path / name
        folder.mkdir()
        with TodoServer(folder, settings | {"JWT_SECRET_KEY": settings["JWT_SECRET_KEY"] + key}) as server:
            with server.client() as client:
                client.post("/auth/login", json={"email": "ann@example.org", "password": "wrong"})
            pseudonyms.add(_when(server, "auth", 1)[0]["pseudonym"])
    assert len(pseudonyms) == 2


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_nobody_writes_a_line_of_their_own(settings: dict[str, str], tmp_path: Path, log_format: str) -> None:
    """
    Line breaks, Unicode's too, and what moves a terminal's cursor stay within the one line of their event.
    """
    with TodoServer(tmp_path, settings | {"LOG_FORMAT": log_format}) as server:
        with server.client() as client:
            for text in FORGED:
                client.get(f"/{quote(text)}", headers={"User-Agent": quote(text), "Authorization": "Bearer {"})
                person = {"email": "ann@example.org", "password": PASSWORD, "display_name": text}
                client.post("/auth/register", json=person)
                client.post("/auth/login", json={"email": f"ann{text}@example.org", "password": text})
        eventually(lambda: server.output.count("/api/v1/auth/login") >= len(FORGED))
    assert "u2028" in server.output
    assert "\x1b" not in server.output
    assert server.output.splitlines() == server.output.removesuffix("\n").split("\n")
    assert [line for line in server.output.splitlines() if line.startswith('{"event":"forged"')] == []
