"""
Todos leave and come back as files, and calendar programs read them, against the real program.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from base64 import urlsafe_b64decode
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from ical.calendar_stream import IcsCalendarStream

from tests.support.postgres import copied_database
from tests.support.server import KEY, PASSWORD, TodoServer, run_todo
from todo_adapters.postgres.engine import conninfo

PEOPLE = ("ann", "bob", "cat", "dan", "eve", "fay", "gil")


@pytest.fixture(scope="module")
def settings(migrated_database: str) -> Generator[dict[str, str]]:
    """
    Yield settings that let tests hurry, and a database for all of them.
    """
    with copied_database(migrated_database) as url:
        yield {
            "DATABASE_URL": url,
            "JWT_SECRET_KEY": KEY,
            "RATE_LIMIT_ENABLED": "false",
            "RATE_LIMIT_LOGIN": "1000/minute",
            "COURIER": "apart",
            "LOG_LEVEL": "DEBUG",
            "BACKEND_URL": "http://localhost:8000",
        }


@pytest.fixture(scope="module")
def running(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Generator[TodoServer]:
    """
    Yield the program, in which some people have accounts: but for Ann's, a test finds the one it uses empty.
    """
    folder = tmp_path_factory.mktemp("exchange")
    for name in PEOPLE:
        made = run_todo("create-user", f"{name}@example.org", settings=settings, folder=folder, stdin=f"{PASSWORD}\n")
        assert made.returncode == 0, made.stderr
    with TodoServer(folder, settings) as server:
        yield server


def log_in(server: TodoServer, name: str) -> httpx2.Client:
    """
    Return a client of somebody's.
    """
    with server.client() as client:
        answer = client.post("/auth/login", json={"email": f"{name}@example.org", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return server.client(answer.json()["access_token"])


@pytest.fixture(scope="module")
def ann(running: TodoServer) -> Generator[httpx2.Client]:
    """
    Yield a client of Ann, who lives in Berlin and has lists, todos, and a step.
    """
    with log_in(running, "ann") as client:
        assert client.patch("/me", json={"timezone": "Europe/Berlin"}).status_code == 200
        home = client.post("/lists", json={"name": "Home", "colour": "#1e90ff"}).json()["id"]
        fields: list[dict[str, Any]] = [
            {"title": "=HYPERLINK(1)", "list_id": home, "tags": ["a, b", "c"], "notes": "one\r\ntwo"},
            {
                "title": "Water",
                "due_at": "2026-03-28T08:00:00.000001+01:00",
                "recurrence": "FREQ=WEEKLY;UNTIL=20261231",
            },
            {"title": "Tax", "due_date": "2026-05-31", "priority": "high"},
            {"title": "Done", "completed": True, "due_date": "2026-05-31"},
        ]
        ids = [add(client, **each) for each in fields]
        add(client, title="Step", parent_id=ids[0])
        assert client.delete(f"/todos/{add(client, title='In the bin')}").status_code == 204
        yield client


def add(client: httpx2.Client, **fields: object) -> str:
    """
    Return the id of a new todo.
    """
    answer = client.post("/todos", json=fields)
    assert answer.status_code == 201, answer.text
    added: str = answer.json()["id"]
    return added


def bring_in(client: httpx2.Client, body: bytes, kind: str, **options: Any) -> httpx2.Response:
    """
    Import a file.
    """
    media_type = {"json": "application/json", "csv": "text/csv"}[kind]
    headers = {"Content-Type": media_type, **options.pop("headers", {})}
    return client.post("/todos/import", params={"format": kind, **options}, content=body, headers=headers)


def export(client: httpx2.Client, kind: str) -> bytes:
    """
    Return all todos as a file.
    """
    answer = client.get("/todos/export", params={"format": kind})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="todos.{kind}"'
    assert "content-length" not in answer.headers  # it is streamed
    return answer.content


def test_a_file_moves_todos_from_one_account_to_another(ann: httpx2.Client, running: TodoServer) -> None:
    """
    Exported, imported into an empty account and exported again: the same bytes of JSON, the same rows of CSV.
    """
    for kind, name in (("json", "bob"), ("csv", "cat")):
        with log_in(running, name) as other:
            first = export(ann, kind)
            answer = bring_in(other, first, kind)
            assert (answer.status_code, answer.json()) == (200, {"todos": 5, "lists": 1, "dry_run": False})
            assert export(other, kind) == first
    assert [todo["title"] for todo in json.loads(export(ann, "json"))["todos"]] == [
        "=HYPERLINK(1)",
        "Water",
        "Tax",
        "Done",
        "Step",
    ]
    rows = list(csv.DictReader(io.StringIO(export(ann, "csv").decode(), newline="")))
    assert rows[0]["title"] == "'=HYPERLINK(1)"
    assert rows[4]["parent_ref"] == rows[0]["ref"] == "1"


def test_what_is_no_file_of_todos_is_refused(ann: httpx2.Client) -> None:
    """
    Whole, with each fault and where it stands; nothing is kept.
    """
    before = export(ann, "json")
    wrong = b'{"version":1,"todos":[{"title":"fine"},{"title":"","priority":"urgent"}]}'
    answer = bring_in(ann, wrong, "json")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/todos/1/title", "/todos/1/priority"]
    answer = bring_in(ann, b'title,parent_ref\nfine,\n"two\nlines",7\n', "csv")
    assert answer.json()["errors"] == [
        {"pointer": "/rows/1/parent_ref", "detail": "Line 3: No todo in the file has this number."}
    ]
    assert bring_in(ann, b"{", "json").json()["type"].endswith("/malformed-json")
    assert bring_in(ann, b"title\nx\n", "csv", headers={"Content-Type": "application/json"}).status_code == 415
    assert bring_in(ann, b" " * (10 * 1024 * 1024 + 1), "json").status_code == 413
    assert export(ann, "json") == before


def test_an_import_can_be_tried_and_sent_twice(ann: httpx2.Client, running: TodoServer) -> None:
    """
    A dry run changes nothing; the same file under the same key is imported once.
    """
    first = export(ann, "json")
    with log_in(running, "dan") as dan:
        empty = export(dan, "json")
        tried = bring_in(dan, first, "json", dry_run="true", headers={"Idempotency-Key": "one"})
        assert (tried.status_code, tried.json()) == (200, {"todos": 5, "lists": 1, "dry_run": True})
        assert export(dan, "json") == empty
        answers = [bring_in(dan, first, "json", headers={"Idempotency-Key": "one"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].content == answers[1].content
        assert answers[1].headers["idempotency-replayed"] == "true"
        assert export(dan, "json") == first
        other = bring_in(dan, empty, "json", headers={"Idempotency-Key": "one"})
        assert other.json()["type"].endswith("/idempotency-key-reused")


def test_a_calendar_program_reads_an_export(ann: httpx2.Client) -> None:
    """
    As VTODOs, all but those in the bin.
    """
    calendar = IcsCalendarStream.calendar_from_ics(export(ann, "ics").decode())
    by_title = {todo.summary: todo for todo in calendar.todos}
    assert list(by_title) == ["=HYPERLINK(1)", "Water", "Tax", "Done", "Step"]
    assert str(by_title["Water"].rrule) != "None"
    assert by_title["Step"].related_to is not None


def test_a_secret_address_shows_what_is_due(running: TodoServer) -> None:
    """
    Without a log-in, as events or todos; a program that asks again is told that nothing is new.
    """
    with log_in(running, "eve") as eve, running.client() as program:
        add(eve, title="Water", due_at="2026-03-28T08:00:00Z", recurrence="FREQ=WEEKLY")
        add(eve, title="Tax", due_date="2026-05-31")
        add(eve, title="Done", due_date="2026-05-31", completed=True)
        add(eve, title="Some day")
        made = eve.post("/me/calendar")
        assert made.status_code == 201
        base, _, name = made.json()["url"].rpartition("/")
        assert base == "http://localhost:8000/api/v1/calendar"
        feed = program.get(f"/calendar/{name}")
        assert feed.status_code == 200
        assert feed.headers["content-type"].startswith("text/calendar")
        assert feed.headers["cache-control"] == "private, no-cache"
        events = IcsCalendarStream.calendar_from_ics(feed.text).events
        assert [event.summary for event in events] == ["Water", "Tax"]
        todos = IcsCalendarStream.calendar_from_ics(program.get(f"/calendar/{name}?as=todo").text).todos
        assert [todo.summary for todo in todos] == ["Water", "Tax"]
        seen = {"If-None-Match": feed.headers["etag"]}
        same = program.get(f"/calendar/{name}", headers=seen)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", feed.headers["etag"])
        assert program.get(f"/calendar/{name}?as=todo", headers=seen).status_code == 200
        add(eve, title="New", due_date="2026-06-01")
        newer = program.get(f"/calendar/{name}", headers=seen)
        assert "SUMMARY:New" in newer.text
        assert eve.patch("/me", json={"timezone": "Asia/Kolkata"}).status_code == 200
        moved = program.get(f"/calendar/{name}", headers={"If-None-Match": newer.headers["etag"]})
        assert "TZID:Asia/Kolkata" in moved.text
        assert program.get(f"/calendar/{name}?as=cake").status_code == 422


def test_a_program_without_tags_is_told_by_the_time(settings: dict[str, str], running: TodoServer) -> None:
    """
    The very second of the latest change, once it is some seconds ago, says that nothing is new; no other does.
    """
    with log_in(running, "fay") as fay:
        name = fay.post("/me/calendar").json()["url"].rpartition("/")[2]
        add(fay, title="Tax", due_date="2026-05-31")
    with running.client() as program:
        with psycopg.connect(conninfo(settings["DATABASE_URL"]), autocommit=True) as connection:
            connection.execute("UPDATE changes SET at = '2026-01-01T12:00:00.5Z'")
        modified = program.get(f"/calendar/{name}").headers["last-modified"]
        assert modified == "Thu, 01 Jan 2026 12:00:00 GMT"
        answers = [
            program.get(f"/calendar/{name}", headers={"If-Modified-Since": said}).status_code
            for said in (modified, "Thu, 01 Jan 2026 12:00:01 GMT")
        ]
        assert answers == [304, 200]


def test_an_ended_address_shows_nothing(running: TodoServer, settings: dict[str, str]) -> None:
    """
    Nor does one that was replaced, a wrong one, or that of somebody who is kept out.
    """
    with log_in(running, "gil") as gil:
        first, second = (gil.post("/me/calendar").json()["url"].rpartition("/")[2] for _ in range(2))
    with running.client() as program:

        def status(name: str) -> int:
            return program.get(f"/calendar/{name}").status_code

        assert [status(name) for name in (first, second)] == [404, 200]
        another = "A" if second[-5] != "A" else "E"
        for wrong in (
            f"{second[:-5]}{another}.ics",
            "x.ics",
            f"{'A' * 43}.ics",
            second.removesuffix(".ics"),
            f"{second}/",
        ):
            assert status(wrong) == 404
        disabled = run_todo("disable", "gil@example.org", settings=settings, folder=running.folder)
        assert disabled.returncode == 0, disabled.stderr
        assert status(second) == 404
        assert run_todo("enable", "gil@example.org", settings=settings, folder=running.folder).returncode == 0
        assert status(second) == 200
        with log_in(running, "gil") as again:
            assert again.delete("/me/calendar").status_code == 204
        assert status(second) == 404


def test_the_secret_of_an_address_is_nowhere(ann: httpx2.Client, running: TodoServer, settings: dict[str, str]) -> None:
    """
    Not in the log, whatever was asked of it or made of it, and not in the database, which has its digest.
    """
    name = ann.post("/me/calendar").json()["url"].rpartition("/")[2]
    secret = name.removesuffix(".ics")
    with running.client() as program:
        for path in (f"/calendar/{name}", f"/calendar/{secret}", f"/calendar/{name}/x", f"/Calendar/{name}"):
            program.get(path)
            program.post(path)
    assert running.output.count("/calendar/{secret}") >= 4
    assert secret not in running.output
    with psycopg.connect(conninfo(settings["DATABASE_URL"])) as connection:
        rows = connection.execute("SELECT digest FROM calendars").fetchall()
    assert (hashlib.sha256(urlsafe_b64decode(f"{secret}=")).digest(),) in rows
    assert urlsafe_b64decode(f"{secret}=") not in {row[0] for row in rows}


def test_guesses_are_counted(settings: dict[str, str], running: TodoServer, tmp_path: Path) -> None:
    """
    Wrong addresses count against the client; the right one against its owner, so that programs may share an address.
    """
    few = {**settings, "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_PER_MINUTE": "5"}
    with log_in(running, "bob") as bob:
        name = bob.post("/me/calendar").json()["url"].rpartition("/")[2]
    with TodoServer(tmp_path, few) as server, server.client() as program:
        guesses = [program.get(f"/calendar/{'A' * 43}.ics").status_code for _ in range(7)]
        assert 429 in guesses
        assert set(guesses) == {404, 429}
        assert program.get(f"/calendar/{name}").status_code == 200
