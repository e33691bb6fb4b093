"""
Another user's ids: whoever asks with them is told that there is no such thing, and changes nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Generator, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for
from tests.support.server import PASSWORD
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_web.operations import Access, Operation
from todo_web.routes import OPERATIONS

WITH_IDS = [operation for operation in OPERATIONS if ":uuid}" in operation.path]
OF_THE_BIN = {"restore_todo"}
BODIES: Mapping[str, object] = {"edit_todo": {"title": "Mine now"}, "edit_list": {"name": "Mine now"}}
"""What fits each operation that takes a body; one that is missing here is refused, and its test fails."""


class Person:
    """
    Somebody who is logged in, and whose things have the names that paths have for them.
    """

    def __init__(self, client: TestClient, email: str) -> None:
        self._client = client
        self._email = email
        self._headers = {"Authorization": f"Bearer {self._log_in()}"}

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """
        Return the answer.
        """
        return self._client.request(method, path, headers=self._headers, **options)

    def a_todo_id(self) -> str:
        """
        Add a todo.
        """
        return str(self.ask("POST", "/api/v1/todos", json={"title": "Mine"}).json()["id"])

    def a_binned_todo_id(self) -> str:
        """
        Add a todo and put it into the bin.
        """
        todo_id = self.a_todo_id()
        self.ask("DELETE", f"/api/v1/todos/{todo_id}")
        return todo_id

    def a_list_id(self) -> str:
        """
        Make a list.
        """
        return str(self.ask("POST", "/api/v1/lists", json={"name": "Mine"}).json()["id"])

    def a_session_id(self) -> str:
        """
        Log in elsewhere.
        """
        self._log_in()
        newest = max(self.ask("GET", "/api/v1/me/sessions").json()["items"], key=lambda session: session["id"])
        return str(newest["id"])

    def things(self) -> Any:
        """
        Return all that is theirs.
        """
        todos = [self.ask("GET", f"/api/v1/todos?limit=200&deleted={binned}").json() for binned in ("false", "true")]
        sessions = self.ask("GET", "/api/v1/me/sessions").json()["items"]
        return todos, self.ask("GET", "/api/v1/lists").json(), {session["id"] for session in sessions}

    def _log_in(self) -> str:
        answer = self._client.post("/api/v1/auth/login", json={"email": self._email, "password": PASSWORD})
        token: str = answer.json()["access_token"]
        return token


@pytest.fixture
def people(database_url: str) -> Generator[tuple[Person, Person]]:
    """
    Yield Ann and Bob.
    """
    container, _ = container_for(database_url, COURIER="apart", RATE_LIMIT_LOGIN="1000/minute")
    addresses = ("ann@example.org", "bob@example.org")

    async def sign_up() -> None:
        for address in addresses:
            await container.core().create_user(email=EmailAddress(address), password=Password(PASSWORD))
        await container.engine().dispose()

    asyncio.run(sign_up())
    with client_of(container) as client:
        ann, bob = (Person(client, address) for address in addresses)
        yield ann, bob


def ask(person: Person, operation: Operation, ids: Mapping[str, str]) -> int:
    """
    Return the status with which *person* is answered who asks for the things with these *ids*.
    """
    path = re.sub(r"\{(\w+):uuid\}", lambda match: ids[match[1]], operation.path)
    body = {"json": BODIES.get(operation.name, {})} if operation.body is not None else {}
    status: int = person.ask(operation.method, path, **body).status_code
    return status


def test_every_operation_with_an_id_in_its_path_answers_404(people: tuple[Person, Person]) -> None:
    """
    For another user's thing as for one that never was, whatever is asked; for one's own it does not.
    """
    ann, bob = people
    makers: dict[str, Callable[[], str]] = {
        "todo_id": ann.a_todo_id,
        "list_id": ann.a_list_id,
        "session_id": ann.a_session_id,
    }
    answered: dict[str, tuple[int, int, int]] = {}
    for operation in WITH_IDS:
        assert operation.access is Access.SESSION
        binned = {"todo_id": ann.a_binned_todo_id} if operation.name in OF_THE_BIN else {}
        ids = {name: (makers | binned)[name]() for name in re.findall(r"\{(\w+):uuid\}", operation.path)}
        nobodys = dict.fromkeys(ids, "00000000-0000-7000-8000-000000000000")
        before = ann.things()
        foreign, missing = ask(bob, operation, ids), ask(bob, operation, nobodys)
        assert ann.things() == before, operation.name
        answered[operation.name] = foreign, missing, ask(ann, operation, ids) // 100
    assert answered == dict.fromkeys(answered, (404, 404, 2))
    assert answered.keys() >= {"get_todo", "edit_todo", "delete_todo", "restore_todo", "get_list", "end_session"}


def test_ids_elsewhere_name_nothing_either(people: tuple[Person, Person]) -> None:
    """
    In bodies, queries and batches another user's ids are answered as those of nobody.
    """
    ann, bob = people
    todo_id, binned_id, list_id = ann.a_todo_id(), ann.a_binned_todo_id(), ann.a_list_id()
    ann.ask("PATCH", f"/api/v1/todos/{todo_id}", json={"list_id": list_id})
    own_todo, own_list = bob.a_todo_id(), bob.a_list_id()
    before = ann.things()
    for fields in ({"list_id": list_id}, {"parent_id": todo_id}, {"parent_id": binned_id}):
        assert bob.ask("POST", "/api/v1/todos", json={"title": "Mine", **fields}).status_code == 422
        assert bob.ask("PATCH", f"/api/v1/todos/{own_todo}", json=fields).status_code == 422
    assert bob.ask("DELETE", f"/api/v1/lists/{own_list}?to={list_id}").status_code == 422
    for query in (f"list_id={list_id}", f"parent_id={todo_id}"):
        assert bob.ask("GET", f"/api/v1/todos?{query}").json()["items"] == []
    operations = [
        {"op": "edit", "id": todo_id, "changes": {"title": "Mine now"}},
        {"op": "delete", "id": todo_id},
        {"op": "restore", "id": binned_id},
        {"op": "add", "title": "Mine", "list_id": list_id},
        {"op": "add", "title": "Mine", "parent_id": todo_id},
    ]
    results = bob.ask("POST", "/api/v1/todos/batch", json={"operations": operations}).json()["results"]
    assert [result["status"] for result in results] == [404, 404, 404, 422, 422]
    for operation in operations:
        told = bob.ask("POST", "/api/v1/todos/batch", json={"operations": [operation], "atomic": True}).json()
        assert (told["kept"], told["results"][0]["status"]) == (False, 422 if operation["op"] == "add" else 404)
    assert ann.things() == before


def test_a_foreign_cursor_shows_ones_own_todos_only(people: tuple[Person, Person]) -> None:
    """
    A cursor that was given to another user is no key to their todos.
    """
    ann, bob = people
    theirs = {ann.a_todo_id() for _ in range(3)}
    own = [bob.a_todo_id() for _ in range(3)]
    cursor = ann.ask("GET", "/api/v1/todos?limit=1").json()["next_cursor"]
    seen = [todo["id"] for todo in bob.ask("GET", f"/api/v1/todos?cursor={cursor}").json()["items"]]
    assert set(seen) <= set(own)
    assert not theirs & set(seen)


def test_a_foreign_retry_key_answers_nothing(people: tuple[Person, Person]) -> None:
    """
    Keys are each user's own: the same request under the same key is another one when somebody else sends it.
    """
    ann, bob = people
    answers = [
        person._client.post(
            "/api/v1/todos", json={"title": "Same"}, headers={**person._headers, "Idempotency-Key": "same"}
        )
        for person in (ann, bob, ann)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, None, "true"]
    assert answers[0].content == answers[2].content != answers[1].content
