"""
What somebody sees and says of themselves over HTTP: profile, events, and all that is held. On the real database.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for
from tests.support.server import PASSWORD
from todo_adapters.fakes import RecordingEmailService
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_web.container import Container

ANN, BOB = "ann@example.org", "bob@example.org"
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
MANY_EVENTS = """
    INSERT INTO security_events (id, user_id, kind, at)
    SELECT gen_random_uuid(), %s, 'logged_in', now() FROM generate_series(1, %s)
"""
MANY_TODOS = """
    INSERT INTO todos (
        id, owner_id, title, position, created_at, updated_at, priority, tags, version, due, words, changed
    )
    SELECT gen_random_uuid(), %s, 'todo ' || n, 'V', now(), now(), 0, '{}', 1, 'infinity', '', 0
    FROM generate_series(1, %s) AS n
"""
EVENT = {"id", "kind", "at", "network"}


@pytest.fixture
def program(database_url: str) -> tuple[Container, RecordingEmailService]:
    """
    Return the program's parts, and what it mails.
    """
    return container_for(database_url, COURIER="apart", TRUSTED_PROXY_HOPS="1", RATE_LIMIT_LOGIN="1000/minute")


@pytest.fixture
def client(program: tuple[Container, RecordingEmailService]) -> Generator[TestClient]:
    """
    Yield somebody who is not logged in; Ann and Bob have accounts.
    """
    with client_of(program[0]) as client:
        client.headers["X-Forwarded-For"] = "198.51.100.7"
        for email in (ANN, BOB):
            enrol(client, email)
        yield client


def enrol(client: TestClient, email: str) -> None:
    """
    Let somebody have an account.
    """
    core = client.app_state["core"]
    assert client.portal is not None

    async def create() -> None:
        await core.create_user(email=EmailAddress(email), password=Password(PASSWORD))

    client.portal.call(create)


@pytest.fixture
def ann(client: TestClient) -> TestClient:
    """
    Return Ann, logged in.
    """
    client.headers.update(log_in(client, ANN))
    return client


def log_in(client: TestClient, email: str) -> dict[str, str]:
    """
    Return the header of a new session.
    """
    answer = client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def pointers(answer: Any) -> list[str]:
    """
    Return where the input was wrong.
    """
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


class TestProfile:
    def test_a_patch_changes_what_it_names(self, ann: TestClient) -> None:
        """
        As a merge patch or as plain JSON; what it does not name stays, and null clears.
        """
        before = ann.get("/api/v1/me").json()
        said = {"display_name": "Änn", "locale": "de-at", "timezone": "Europe/Vienna"}
        changed = ann.patch("/api/v1/me", content=json.dumps(said), headers=MERGE_PATCH)
        expected = {**before, "display_name": "Änn", "locale": "de-AT", "timezone": "Europe/Vienna"}
        assert (changed.status_code, changed.json()) == (200, expected)
        assert ann.patch("/api/v1/me", json={"display_name": None}).json() == {**expected, "display_name": None}
        assert ann.patch("/api/v1/me", json={}).json() == ann.get("/api/v1/me").json()
        assert ann.patch("/api/v1/me", json={"locale": None, "timezone": None}).json() == before

    def test_what_is_wrong_is_named_and_nothing_changes(self, ann: TestClient) -> None:
        """
        Each error has its pointer.
        """
        before = ann.get("/api/v1/me").json()
        for changes, wrong in (
            ({"display_name": "", "locale": "d", "timezone": ""}, ["/display_name", "/locale", "/timezone"]),
            ({"display_name": "Ann", "locale": "fr"}, ["/locale"]),
            ({"display_name": "Ann", "timezone": "Mars/Olympus_Mons"}, ["/timezone"]),
            ({"display_name": "x" * 101}, ["/display_name"]),
            ({"display_name": "A\u0000nn"}, ["/display_name"]),
            ({"locale": 5, "timezone": True}, ["/locale", "/timezone"]),
        ):
            assert sorted(pointers(ann.patch("/api/v1/me", json=changes))) == wrong
        assert ann.get("/api/v1/me").json() == before

    @pytest.mark.parametrize("field", ["id", "email", "verified_at", "erase_at", "disabled_at", "user_id"])
    def test_nobody_says_who_they_are(self, ann: TestClient, field: str) -> None:
        """
        Whose profile it is comes from the session; a field that is not to be changed is refused, and nothing changes.
        """
        before = ann.get("/api/v1/me").json()
        assert pointers(ann.patch("/api/v1/me", json={"display_name": "Bob", field: before["id"]})) == [f"/{field}"]
        assert ann.get("/api/v1/me").json() == before

    def test_mail_comes_in_the_language_of_the_profile(
        self, ann: TestClient, program: tuple[Container, RecordingEmailService]
    ) -> None:
        """
        A region of a language is answered in it.
        """
        container, post = program
        assert ann.patch("/api/v1/me", json={"locale": "de-AT"}).status_code == 200
        assert ann.post("/api/v1/auth/password-reset", json={"email": ANN}).status_code == 202
        assert ann.portal is not None
        ann.portal.call(container.core().deliver_mail)
        assert 'lang="de"' in post.sent[-1].html


class TestEvents:
    def test_events_come_page_by_page(self, ann: TestClient) -> None:
        """
        Newest first, with the network of whoever asked; the Link leads to the next page until there is none.
        """
        for _ in range(4):
            log_in(ann, ANN)
        log_in(ann, BOB)
        seen: list[dict[str, Any]] = []
        url = "/api/v1/me/events?limit=2"
        for last in (False, False, True):
            page = ann.get(url)
            assert page.status_code == 200
            seen += page.json()["items"]
            assert (page.json()["next_cursor"] is None) is last
            url = page.links.get("next", {}).get("url", "")
            assert bool(url) is not last
        assert [event["kind"] for event in seen] == ["logged_in"] * 5
        assert all(set(event) == EVENT and event["network"] == "198.51.100.0/24" for event in seen)
        ids = [event["id"] for event in seen]
        assert ids == sorted(set(ids), reverse=True)

    def test_a_page_has_bounds(self, ann: TestClient) -> None:
        """
        One to two hundred events, from a cursor that was given out.
        """
        for query, wrong in (("limit=0", "/limit"), ("limit=201", "/limit"), ("cursor=x", "/cursor"), ("a=1", "/a")):
            assert pointers(ann.get(f"/api/v1/me/events?{query}")) == [wrong]
        assert ann.get("/api/v1/me/events?limit=200").status_code == 200


class TestExport:
    def test_all_that_is_held_is_one_document(self, ann: TestClient, database_url: str) -> None:
        """
        A file of JSON: all kinds of things, each as it is seen elsewhere, and what lies in the bin.
        """
        in_bin = ann.post("/api/v1/todos", json={"title": "gone"}).json()["id"]
        assert ann.delete(f"/api/v1/todos/{in_bin}").status_code == 204
        ann.post("/api/v1/lists", json={"name": "Home"})
        calendar = ann.post("/api/v1/me/calendar").json()
        ann.post("/api/v1/todos", json={"title": 'say "hello",\n"events":', "notes": "x"})
        ann.post("/api/v1/auth/password-reset", json={"email": ANN})
        ann.get("/api/v1/todos", headers=log_in(ann, BOB))
        with psycopg.connect(database_url) as connection:
            connection.execute("INSERT INTO suppressions VALUES (%s, 'bounce', now())", [ANN])
        answer = ann.get("/api/v1/me/export")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-disposition"] == 'attachment; filename="todo-export.json"'
        assert "no-store" in answer.headers["cache-control"]
        export = answer.json()
        assert list(export) == [
            *("profile", "suppression", "sessions", "mails", "calendar", "lists", "events", "todos")
        ]
        assert export["profile"] == ann.get("/api/v1/me").json()
        assert export["sessions"] == ann.get("/api/v1/me/sessions").json()["items"]
        assert export["events"] == ann.get("/api/v1/me/events").json()["items"]
        assert export["calendar"] == {"created_at": calendar["created_at"]}
        assert export["lists"] == ann.get("/api/v1/lists").json()["items"]
        kept, binned = (ann.get("/api/v1/todos", params={"deleted": deleted}).json() for deleted in ("false", "true"))
        assert export["todos"] == [*kept["items"], *binned["items"]]
        assert [event["kind"] for event in export["events"]] == ["data_exported", "logged_in"]
        assert (export["suppression"]["reason"], set(export["suppression"])) == ("bounce", {"reason", "at"})
        [mail] = export["mails"]
        assert datetime.fromisoformat(mail.pop("created_at"))
        assert mail == {"kind": "password_reset", "state": "waiting", "sent_at": None}

    def test_no_secret_is_in_it(self, ann: TestClient, database_url: str) -> None:
        """
        Neither the hash of the password nor the digest of a session.
        """
        exported = ann.get("/api/v1/me/export").text
        with psycopg.connect(database_url) as connection:
            secrets = "SELECT password_hash, encode(digest, 'hex'), encode(digest, 'base64') FROM users, sessions"
            rows = connection.execute(secrets).fetchall()
        assert rows
        for secret in (text for row in rows for text in row):
            assert secret not in exported
        assert "argon2" not in exported

    def test_however_much_it_is_all_is_there(self, ann: TestClient, database_url: str) -> None:
        """
        More todos and events than fit a page, each once, in order, in an answer whose length is not known beforehand.
        """
        me = ann.get("/api/v1/me").json()["id"]
        with psycopg.connect(database_url) as connection:
            connection.execute(MANY_EVENTS, [me, 399])
            connection.execute(MANY_TODOS, [me, 601])
        with ann.stream("GET", "/api/v1/me/export") as answer:
            assert "content-length" not in answer.headers
            export = json.loads(answer.read())
        assert len(export["events"]) == 401
        assert sorted(int(todo["title"].split()[1]) for todo in export["todos"]) == list(range(1, 602))
        ids = [todo["id"] for todo in export["todos"]]
        assert ids == sorted(set(ids))

    def test_it_is_for_whoever_is_logged_in(self, client: TestClient) -> None:
        """
        And for nobody else.
        """
        for path in ("export", "events"):
            assert client.get(f"/api/v1/me/{path}").status_code == 401
