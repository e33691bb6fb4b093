"""
Todos that recur, and mail about them when its hour comes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.people import Person
from tests.support.server import TodoServer, eventually
from tests.support.smtp import Letter, SmtpServer

Client = Any


@pytest.fixture
def ann(server: TodoServer, mail: SmtpServer) -> Person:
    """
    Return Ann, who lives in Berlin.
    """
    ann = Person(server, mail)
    ann.sign_up()
    with server.client(ann.log_in()) as client:
        assert client.patch("/me", json={"timezone": "Europe/Berlin"}).status_code == 200
    return ann


def _in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def _add(client: Client, title: str, **fields: Any) -> dict[str, Any]:
    answer = client.post("/todos", json={"title": title, **fields})
    assert answer.status_code == 201, answer.text
    todo: dict[str, Any] = answer.json()
    return todo


def _words(letter: Letter) -> str:
    body = letter.mime.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_a_reminder_comes_by_mail(ann: Person, server: TodoServer) -> None:
    """
    It tells the time on the reader's wall, before the clocks change and after, and comes for what is open only.
    """
    with server.client(ann.log_in()) as client:
        winter = _add(client, "Winter", due_at="2027-03-27T08:00:00Z", remind_at=_in(1))
        summer = _add(client, "Summer", due_at="2027-03-28T08:00:00Z", remind_at=_in(1))
        done = _add(client, "Done", remind_at=_in(2))
        put_off = _add(client, "Put off", remind_at=_in(2))
        assert client.patch(f"/todos/{done['id']}", json={"completed": True}).status_code == 200
        assert client.patch(f"/todos/{put_off['id']}", json={"remind_at": _in(3600)}).status_code == 200
        _add(client, "Last of all", due_date="2027-03-28", remind_at=_in(4))
    eventually(lambda: ann.letters("Last of all"))
    letters = ann.letters("Reminder: ")
    words = {letter.mime["Subject"]: _words(letter) for letter in letters}
    assert sorted(words) == [f"Reminder: {title} - Todo App" for title in ("Last of all", "Summer", "Winter")]
    assert len(letters) == 3
    told = words["Reminder: Winter - Todo App"]
    assert "due on 27 March 2027 at 09:00 (Europe/Berlin)." in told
    assert f"/todos/{winter['id']}" in told
    told = words["Reminder: Summer - Todo App"]
    assert "due on 28 March 2027 at 10:00 (Europe/Berlin)." in told
    assert f"/todos/{summer['id']}" in told
    assert "due on 28 March 2027." in words["Reminder: Last of all - Todo App"]


def test_a_reminder_that_was_put_forward_comes_then(ann: Person, server: TodoServer) -> None:
    """
    Whoever waits for a later one hears of the earlier; an hour that is long over is refused.
    """
    with server.client(ann.log_in()) as client:
        todo = _add(client, "Water the plants", remind_at=_in(3600))
        assert client.patch(f"/todos/{todo['id']}", json={"remind_at": _in(0)}).status_code == 200
        eventually(lambda: ann.letters("Water the plants"))
        refused = client.patch(f"/todos/{todo['id']}", json={"remind_at": _in(-100_000)})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/remind_at"]


def test_a_todo_that_recurs_comes_again(ann: Person, server: TodoServer) -> None:
    """
    Its coming moments are told, by the clocks of its owner, and completing it adds the one for the first of them.
    """
    with server.client(ann.log_in()) as client:
        todo = _add(client, "Water the plants", due_at="2027-03-27T01:30:00Z", recurrence="FREQ=DAILY;COUNT=3")
        step = _add(client, "Fill the can", parent_id=todo["id"])
        projected = client.get(f"/todos/{todo['id']}", params={"project": 10})
        coming = ["2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z"]
        assert projected.json() == {**todo, "coming": coming}
        assert projected.headers["ETag"] == '"1"'
        done = client.patch(f"/todos/{todo['id']}", json={"completed": True}).json()
        assert (done["completed"], done["recurrence"]) == (True, None)
        [following] = client.get("/todos", params={"completed": False, "due_after": coming[0]}).json()["items"]
        assert (following["title"], following["due_at"]) == (todo["title"], coming[0])
        assert following["recurrence"] == "FREQ=DAILY;COUNT=2;BYHOUR=2;BYMINUTE=30"
        [copied] = client.get("/todos", params={"parent_id": following["id"]}).json()["items"]
        assert (copied["title"], copied["completed"], copied["id"] == step["id"]) == (step["title"], False, False)
        projected = client.get(f"/todos/{following['id']}", params={"project": 10})
        assert projected.json()["coming"] == coming[1:]
        for number in (0, 101, "x"):
            assert client.get(f"/todos/{todo['id']}", params={"project": number}).status_code == 422


def test_what_is_to_come_is_its_owners_business(ann: Person, server: TodoServer, mail: SmtpServer) -> None:
    """
    For anybody else there is no such todo.
    """
    bob = Person(server, mail, "bob@example.org")
    bob.sign_up()
    with server.client(ann.log_in()) as client:
        todo = _add(client, "Water the plants", due_date="2027-03-27", recurrence="FREQ=DAILY")
    with server.client(bob.log_in()) as client:
        assert client.get(f"/todos/{todo['id']}", params={"project": 1}).status_code == 404
