"""
Todos and lists as their owners use them, against the real program.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from tests.support.postgres import copied_database
from tests.support.server import KEY, PASSWORD, TodoServer, run_todo
from todo_adapters.postgres.engine import conninfo

NOWHERE = "00000000-0000-7000-8000-000000000000"
FIELDS = [
    *("id", "list_id", "title", "notes", "completed", "completed_at", "priority", "due_at", "due_date", "tags"),
    *("position", "parent_id", "recurrence", "remind_at", "created_at", "updated_at", "version"),
]


@pytest.fixture(scope="module")
def database(migrated_database: str) -> Generator[str]:
    """
    Yield the URL of a database for all these tests.
    """
    with copied_database(migrated_database) as url:
        yield url


@pytest.fixture(scope="module")
def running(database: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[TodoServer]:
    """
    Yield the program, in which Ann and Bob have accounts.
    """
    folder: Path = tmp_path_factory.mktemp("todos")
    settings = {"DATABASE_URL": database, "JWT_SECRET_KEY": KEY, "RATE_LIMIT_ENABLED": "false", "COURIER": "apart"}
    for name in ("ann", "bob"):
        made = run_todo("create-user", f"{name}@example.org", settings=settings, folder=folder, stdin=f"{PASSWORD}\n")
        assert made.returncode == 0, made.stderr
    with TodoServer(folder, settings) as server:
        yield server


def _somebody(server: TodoServer, name: str) -> httpx2.Client:
    with server.client() as client:
        answer = client.post("/auth/login", json={"email": f"{name}@example.org", "password": PASSWORD})
    return server.client(answer.json()["access_token"])


@pytest.fixture(scope="module")
def _ann(running: TodoServer) -> Generator[httpx2.Client]:
    with _somebody(running, "ann") as client:
        yield client


@pytest.fixture(scope="module")
def bob(running: TodoServer) -> Generator[httpx2.Client]:
    """
    Yield somebody else.
    """
    with _somebody(running, "bob") as client:
        yield client


@pytest.fixture
def ann(_ann: httpx2.Client, database: str) -> httpx2.Client:
    """
    Return Ann's client; there are no todos yet.
    """
    with psycopg.connect(conninfo(database), autocommit=True) as connection:
        connection.execute("TRUNCATE todos, lists, changes, change_counters, answers")
    return _ann


def slug(answer: httpx2.Response) -> str:
    """
    Return which problem *answer* is.
    """
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).rpartition("/")[2]


def pointers(answer: httpx2.Response) -> list[str]:
    """
    Return where the answer finds fault.
    """
    assert slug(answer) == "invalid-input"
    return [error["pointer"] for error in answer.json()["errors"]]


def add(client: httpx2.Client, title: str = "buy milk", **fields: Any) -> dict[str, Any]:
    """
    Return a new todo.
    """
    answer = client.post("/todos", json={"title": title, **fields})
    assert answer.status_code == 201, answer.text
    todo: dict[str, Any] = answer.json()
    return todo


def add_list(client: httpx2.Client, name: str = "Home", **fields: Any) -> dict[str, Any]:
    """
    Return a new list.
    """
    answer = client.post("/lists", json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def titles(client: httpx2.Client, **wanted: Any) -> list[str]:
    """
    Return the titles of one page of todos.
    """
    answer = client.get("/todos", params=wanted)
    assert answer.status_code == 200, answer.text
    return [todo["title"] for todo in answer.json()["items"]]


def pages(client: httpx2.Client, **wanted: Any) -> Iterator[list[str]]:
    """
    Yield the titles on each page.
    """
    cursor: dict[str, str] = {}
    while True:
        answer = client.get("/todos", params={**wanted, **cursor}).json()
        yield [todo["title"] for todo in answer["items"]]
        if answer["next_cursor"] is None:
            return
        cursor = {"cursor": answer["next_cursor"]}


class TestTodos:
    """
    One todo.
    """

    def test_all_that_is_said_is_told_again(self, ann: httpx2.Client) -> None:
        """
        Each field, in one order; moments in UTC, to the microsecond.
        """
        home = add_list(ann)
        said = {
            "list_id": home["id"],
            "title": "buy milk",
            "notes": "the blue one",
            "completed": True,
            "priority": "high",
            "due_at": "2026-12-31T23:30:00.000001+05:30",
            "tags": ["shop", " home ", "shop"],
            "position": "V",
            "recurrence": "RRULE:BYDAY=FR,MO;FREQ=WEEKLY",
        }
        answer = ann.post("/todos", json=said)
        made = answer.json()
        assert list(made) == FIELDS
        assert made == said | {
            "id": made["id"],
            "completed_at": made["created_at"],
            "due_at": "2026-12-31T18:00:00.000001Z",
            "due_date": None,
            "tags": ["shop", "home"],
            "parent_id": None,
            "recurrence": "FREQ=WEEKLY;BYDAY=MO,FR",
            "remind_at": None,
            "created_at": made["created_at"],
            "updated_at": made["created_at"],
            "version": 1,
        }
        assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
        assert answer.headers["location"] == f"/api/v1/todos/{made['id']}"
        assert ann.get(f"/todos/{made['id']}").json() == made

    def test_a_todo_needs_a_title_only(self, ann: httpx2.Client) -> None:
        """
        All else is empty, and it stands behind the others.
        """
        assert pointers(ann.post("/todos", json={"notes": "x"})) == ["/title"]
        first, second = add(ann), add(ann, due_date="2026-12-31")
        assert second["due_date"] == "2026-12-31"
        assert first["position"] < second["position"]
        empty = {name: first[name] for name in FIELDS if not first[name]}
        nothing = ["list_id", "notes", "completed_at", "due_at", "due_date", "parent_id", "recurrence", "remind_at"]
        assert empty == dict.fromkeys(nothing) | {"completed": False, "tags": []}
        assert first["priority"] == "none"

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"due_at": "2026-12-31T12:00:00"}, "/due_at"),
            ({"due_at": "2026-12-31"}, "/due_at"),
            ({"due_at": 1790000000}, "/due_at"),
            ({"due_at": "1969-12-31T23:59:59Z"}, "/due_at"),
            ({"due_at": "9998-12-31T23:59:59-01:00"}, "/due_at"),
            ({"due_at": "0001-01-01T00:00:00+14:00"}, "/due_at"),
            ({"due_at": "9999-12-31T23:59:59-14:00"}, "/due_at"),
            ({"remind_at": "2026-12-31T12:00:00"}, "/remind_at"),
            ({"due_date": "2026-02-30"}, "/due_date"),
            ({"due_date": "2026-2-3"}, "/due_date"),
            ({"due_date": "9999-01-01"}, "/due_date"),
            ({"due_at": "2026-12-31T12:00:00Z", "due_date": "2026-12-31"}, "/due_date"),
            ({"priority": "urgent"}, "/priority"),
            ({"priority": 3}, "/priority"),
            ({"tags": "home"}, "/tags"),
            ({"tags": [f"{number}" for number in range(21)]}, "/tags"),
            ({"tags": ["home", ""]}, "/tags/1"),
            ({"tags": ["home", "a\x00b"]}, "/tags/1"),
            ({"tags": ["home", " "]}, "/tags"),
            ({"position": "V0"}, "/position"),
            ({"list_id": "home"}, "/list_id"),
            ({"list_id": NOWHERE}, "/list_id"),
            ({"parent_id": NOWHERE}, "/parent_id"),
            ({"recurrence": "FREQ=HOURLY", "due_date": "2026-12-31"}, "/recurrence"),
            ({"recurrence": "FREQ=DAILY"}, "/recurrence"),
            ({"colour": "red"}, "/colour"),
            ({"version": 1}, "/version"),
            ({"title": None}, "/title"),
            ({"completed": None}, "/completed"),
            ({"priority": None}, "/priority"),
            ({"tags": None}, "/tags"),
            ({"position": None}, "/position"),
        ],
    )
    def test_what_is_wrong_is_named(self, ann: httpx2.Client, fields: dict[str, Any], pointer: str) -> None:
        """
        When a todo is added and when it is changed; nothing is kept of it.
        """
        todo = add(ann)
        assert pointers(ann.post("/todos", json={"title": "buy oats", **fields})) == [pointer]
        assert pointers(ann.patch(f"/todos/{todo['id']}", json=fields)) == [pointer]
        assert titles(ann) == ["buy milk"]
        assert ann.get(f"/todos/{todo['id']}").json() == todo

    def test_a_patch_changes_what_it_names(self, ann: httpx2.Client) -> None:
        """
        Null clears what can be cleared; what is not named stays.
        """
        full = {
            "notes": "the blue one",
            "due_at": "2026-12-31T12:00:00Z",
            "recurrence": "FREQ=DAILY",
            "list_id": add_list(ann)["id"],
            "tags": ["home"],
            "priority": "low",
        }
        todo = add(ann, **full)
        cleared = ("recurrence", "notes", "due_at", "list_id")
        for version, name in enumerate(cleared, start=2):
            before = ann.get(f"/todos/{todo['id']}").json()
            after = ann.patch(f"/todos/{todo['id']}", json={name: None}).json()
            changed = {"updated_at": after["updated_at"], "version": version}
            assert after == before | {name: None} | changed
        assert ann.patch(f"/todos/{todo['id']}", json={"tags": []}).json()["tags"] == []

    def test_a_todo_lies_in_the_bin_until_it_is_restored(self, ann: httpx2.Client) -> None:
        """
        With its steps; there only it tells when it was deleted.
        """
        parent = add(ann, "clean")
        add(ann, "sweep", parent_id=parent["id"])
        assert ann.delete(f"/todos/{parent['id']}").status_code == 204
        assert slug(ann.get(f"/todos/{parent['id']}")) == "not-found"
        assert titles(ann) == []
        (binned, _) = ann.get("/todos", params={"deleted": True}).json()["items"]
        assert list(binned) == [*FIELDS, "deleted_at"]
        assert binned["deleted_at"] == binned["updated_at"]

        answer = ann.post(f"/todos/{parent['id']}/restore")
        assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')
        assert answer.json() == parent | {"version": 3, "updated_at": answer.json()["updated_at"]}
        assert titles(ann) == ["clean", "sweep"]
        assert titles(ann, parent_id=parent["id"]) == ["sweep"]
        assert slug(ann.post(f"/todos/{parent['id']}/restore")) == "not-found"


class TestPages:
    """
    Many todos.
    """

    def test_todos_can_be_filtered(self, ann: httpx2.Client) -> None:
        """
        By each question alone, and by several at once.
        """
        home = add_list(ann)["id"]
        parent = add(ann, "listed", list_id=home)
        add(ann, "step", parent_id=parent["id"])
        add(ann, "tagged", tags=["blue ä"])
        add(ann, "urgent", priority="high", completed=True)
        add(ann, "timed", due_at="2026-06-01T12:00:00Z")
        add(ann, "dated", due_date="2026-06-02", notes="find me")
        assert titles(ann, list_id=home) == ["listed", "step"]
        assert titles(ann, parent_id=parent["id"]) == ["step"]
        assert titles(ann, tag="blue a\u0308") == ["tagged"]
        assert titles(ann, priority="high") == titles(ann, completed=True) == ["urgent"]
        assert titles(ann, due_after="2026-06-01T14:00:00+02:00") == ["timed", "dated"]
        assert titles(ann, due_before="2026-06-02T00:00:00Z") == ["timed"]
        assert titles(ann, q="ME find") == ["dated"]
        assert titles(ann, priority="none", due_after="2026-06-01T12:00:00.000001Z") == ["dated"]

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("position", "cab"),
            ("due_at", "bac"),
            ("created_at", "abc"),
            ("updated_at", "bca"),
            ("priority", "cba"),
        ],
    )
    def test_todos_can_be_sorted(self, ann: httpx2.Client, sort: str, expected: str) -> None:
        """
        By each key, both ways, page by page.
        """
        first = add(ann, "a", position="c", due_at="2026-06-02T00:00:00Z", priority="high")
        add(ann, "b", position="d", due_date="2026-06-01", priority="low")
        add(ann, "c", position="b")
        ann.patch(f"/todos/{first['id']}", json={"notes": "x"})
        assert [*pages(ann, sort=sort, limit=2)] == [[*expected[:2]], [expected[2]]]
        assert [*pages(ann, sort=f"-{sort}", limit=1)] == [[title] for title in reversed(expected)]

    def test_a_cursor_goes_on_as_it_began(self, ann: httpx2.Client) -> None:
        """
        It is refused with another sort, and so is one that was made up.
        """
        for title in "abc":
            add(ann, title)
        answer = ann.get("/todos", params={"sort": "-due_at", "limit": 2, "completed": False})
        cursor = answer.json()["next_cursor"]
        assert [todo["title"] for todo in ann.get(answer.links["next"]["url"]).json()["items"]] == ["a"]
        assert pointers(ann.get("/todos", params={"cursor": cursor})) == ["/cursor"]
        for wrong in ("nonsense", f"{cursor}A", cursor[:-1], cursor[1:], "é"):
            assert pointers(ann.get("/todos", params={"cursor": wrong, "sort": "-due_at"})) == ["/cursor"]

    def test_who_follows_sees_each_once_while_others_write(self, ann: httpx2.Client) -> None:
        """
        Moved in front, moved behind or added meanwhile: what was there is shown once, what is new not at all.
        """
        todos = [add(ann, f"{number}") for number in range(6)]
        following = pages(ann, sort="position", limit=2)
        seen = next(following)
        ann.patch(f"/todos/{todos[0]['id']}", json={"position": "z"})
        ann.patch(f"/todos/{todos[5]['id']}", json={"position": "0001"})
        ann.delete(f"/todos/{todos[3]['id']}")
        add(ann, "new")
        for page in following:
            seen += page
        assert seen == ["0", "1", "2", "4", "5"]

    @pytest.mark.parametrize(
        "query",
        [
            *("list_id=home", "tag=", "priority=urgent", "priority=3", "parent_id=x", "deleted=perhaps", "sort=title"),
            *("due_before=2026-01-01", "due_after=5", "due_after=2026-01-01T00:00:00", "sort=", "cursor="),
        ],
    )
    def test_a_wrong_question_is_refused(self, ann: httpx2.Client, query: str) -> None:
        """
        By the name of the parameter.
        """
        assert pointers(ann.get(f"/todos?{query}")) == [f"/{query.partition('=')[0]}"]

    def test_tags_are_counted(self, ann: httpx2.Client) -> None:
        """
        Those of todos that are not in the bin.
        """
        add(ann, tags=["home", "blue"])
        add(ann, tags=["home"])
        ann.delete(f"/todos/{add(ann, tags=['gone'])['id']}")
        assert ann.get("/tags").json() == {"items": [{"tag": "blue", "todos": 1}, {"tag": "home", "todos": 2}]}


class TestLists:
    """
    Lists of todos.
    """

    def test_a_list_lives(self, ann: httpx2.Client) -> None:
        """
        It is made, shown, renamed under If-Match, moved in front, and dropped.
        """
        answer = ann.post("/lists", json={"name": "Home", "colour": "#1e90ff"})
        home, url = answer.json(), f"/lists/{answer.json()['id']}"
        assert list(home) == ["id", "name", "colour", "position", "created_at", "updated_at", "version"]
        assert (answer.headers["location"], answer.headers["etag"]) == (f"/api/v1{url}", '"1"')
        assert ann.get(url).json() == home
        assert ann.get(url, headers={"If-None-Match": '"1"'}).status_code == 304
        work = add_list(ann, "Work")
        assert ann.get("/lists").json() == {"items": [home, work]}

        renamed = ann.patch(url, json={"name": "House", "colour": None}, headers={"If-Match": '"1"'})
        assert renamed.json() == home | {
            "name": "House",
            "colour": None,
            "version": 2,
            "updated_at": renamed.json()["updated_at"],
        }
        assert slug(ann.patch(url, json={"name": "Hut"}, headers={"If-Match": '"1"'})) == "precondition-failed"
        ann.patch(f"/lists/{work['id']}", json={"position": "1"})
        assert [made["name"] for made in ann.get("/lists").json()["items"]] == ["Work", "House"]
        assert slug(ann.delete(url, headers={"If-Match": '"1"'})) == "precondition-failed"
        assert ann.delete(url, headers={"If-Match": '"2"'}).status_code == 204
        assert slug(ann.get(url)) == "not-found"

    @pytest.mark.parametrize(
        ("query", "there", "binned", "inside"),
        [
            ("", ["sweep"], [], []),
            ("?todos=move", ["sweep"], [], []),
            ("?to={work}", ["sweep"], [], ["sweep"]),
            ("?todos=delete", [], ["sweep"], []),
        ],
    )
    def test_the_todos_of_a_dropped_list_go_where_they_are_sent(
        self, ann: httpx2.Client, query: str, there: list[str], binned: list[str], inside: list[str]
    ) -> None:
        """
        To no list, to another, or into the bin.
        """
        home, work = add_list(ann)["id"], add_list(ann, "Work")["id"]
        add(ann, "sweep", list_id=home)
        assert ann.delete(f"/lists/{home}{query.format(work=work)}").status_code == 204
        assert (titles(ann), titles(ann, deleted=True), titles(ann, list_id=work)) == (there, binned, inside)

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"name": ""}, "/name"),
            ({"name": " "}, "/name"),
            ({"name": None}, "/name"),
            ({"name": "x" * 101}, "/name"),
            ({"colour": "red"}, "/colour"),
            ({"position": "0"}, "/position"),
            ({"position": None}, "/position"),
            ({"todos": []}, "/todos"),
        ],
    )
    def test_what_is_wrong_is_named(self, ann: httpx2.Client, fields: dict[str, Any], pointer: str) -> None:
        """
        When a list is made and when it is changed.
        """
        home = add_list(ann)["id"]
        assert pointers(ann.post("/lists", json={"colour": None})) == ["/name"]
        assert pointers(ann.post("/lists", json={"name": "Work", **fields})) == [pointer]
        assert pointers(ann.patch(f"/lists/{home}", json=fields)) == [pointer]
        assert pointers(ann.delete(f"/lists/{home}?to={home}")) == ["/to"]
        assert pointers(ann.delete(f"/lists/{home}?to={NOWHERE}")) == ["/to"]
        assert pointers(ann.delete(f"/lists/{home}?todos=burn")) == ["/todos"]
        assert [made["name"] for made in ann.get("/lists").json()["items"]] == ["Home"]


class TestRetries:
    """
    With an Idempotency-Key, what is sent twice is done once.
    """

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/todos", {"title": "buy milk", "notes": "Grüße"}),
            ("/lists", {"name": "Home"}),
            ("/todos/batch", {"operations": [{"op": "add", "title": "buy milk"}], "atomic": True}),
            ("/todos/batch", {"operations": [{"op": "add", "title": "buy milk"}, {"op": "delete", "id": NOWHERE}]}),
        ],
    )
    def test_it_is_answered_as_it_was(self, ann: httpx2.Client, path: str, body: dict[str, Any]) -> None:
        """
        Byte for byte, even when the thing has changed since; the answer says that it is an old one.
        """
        key = {"Idempotency-Key": "a-key"}
        first = ann.post(path, json=body, headers=key)
        assert "idempotency-replayed" not in first.headers
        for todo in ann.get("/todos").json()["items"]:
            ann.delete(f"/todos/{todo['id']}")
        again = ann.post(path, json=body, headers=key)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["idempotency-replayed"] == "true"
        for name in ("etag", "location", "content-type"):
            assert again.headers.get(name) == first.headers.get(name)
        assert titles(ann) == []
        assert slug(ann.post(path, content=json.dumps(body, indent=1), headers={**key, "Content-Type": JSON})) == REUSED
        assert slug(ann.post("/lists", json={"name": "Other"}, headers=key)) == REUSED

    def test_a_key_is_its_owners(self, ann: httpx2.Client, bob: httpx2.Client) -> None:
        """
        The same key of somebody else is another.
        """
        key = {"Idempotency-Key": "a-key"}
        answers = [client.post("/todos", json={"title": "buy milk"}, headers=key) for client in (ann, bob)]
        assert answers[0].json()["id"] != answers[1].json()["id"]
        assert "idempotency-replayed" not in answers[1].headers

    @pytest.mark.parametrize("key", ["", "a b", "x" * 256])
    def test_a_key_has_its_form(self, ann: httpx2.Client, key: str) -> None:
        """
        Any other is refused by name, and nothing is done.
        """
        refused = ann.post("/todos", json={"title": "buy milk"}, headers={"Idempotency-Key": key})
        assert pointers(refused) == ["/Idempotency-Key"]
        assert titles(ann) == []

    def test_an_error_is_no_answer(self, ann: httpx2.Client) -> None:
        """
        What was refused may be put right and sent again under the same key.
        """
        key = {"Idempotency-Key": "a-key"}
        assert pointers(ann.post("/todos", json={"title": " "}, headers=key)) == ["/title"]
        assert ann.post("/todos", json={"title": "buy milk"}, headers=key).status_code == 201

    @pytest.mark.parametrize("atomic", [True, False, None])
    def test_of_many_at_once_one_is_done(self, ann: httpx2.Client, *, atomic: bool | None) -> None:
        """
        All get the same answer, or wait for it.
        """
        body: dict[str, Any] = {"title": "buy milk"}
        if atomic is not None:
            body = {"operations": [{"op": "add", "title": "buy milk"}] * 3, "atomic": atomic}

        def send(_: int) -> httpx2.Response:
            return ann.post(
                "/todos" if atomic is None else "/todos/batch", json=body, headers={"Idempotency-Key": "a-key"}
            )

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(send, range(8)))
        assert {answer.status_code for answer in answers} == {201 if atomic is None else 200}, answers[0].text
        assert len({answer.content for answer in answers}) == 1
        assert titles(ann) == ["buy milk"] * (1 if atomic is None else 3)


JSON = "application/json"
REUSED = "idempotency-key-reused"


class TestBatches:
    """
    Many writes in one request.
    """

    def test_each_operation_has_its_result(self, ann: httpx2.Client) -> None:
        """
        As what it would have been answered on its own, in the order of the operations.
        """
        todo, other = add(ann, "clean"), add(ann, "cook")
        answer = ann.post(
            "/todos/batch",
            json={
                "operations": [
                    {"op": "add", "title": "pack", "tags": ["trip"], "ref": "p"},
                    {"op": "add", "title": "socks", "parent_ref": "p"},
                    {"op": "edit", "id": todo["id"], "changes": {"title": "clean all"}, "version": 1},
                    {"op": "edit", "id": todo["id"], "changes": {"title": "too late"}, "version": 1},
                    {"op": "edit", "id": todo["id"], "changes": {"title": " "}},
                    {"op": "delete", "id": other["id"], "version": 1},
                    {"op": "restore", "id": other["id"]},
                    {"op": "delete", "id": NOWHERE},
                    {"op": "add", "title": "x", "list_id": NOWHERE},
                ]
            },
        )
        assert answer.status_code == 200
        assert list(answer.json()) == ["results", "kept"]
        results = answer.json()["results"]
        assert [result["status"] for result in results] == [201, 201, 200, 412, 422, 204, 200, 404, 422]
        assert [result["todo"]["title"] for result in results if "todo" in result] == [
            *("pack", "socks", "clean all", "cook")
        ]
        assert results[0]["ref"] == "p"
        assert results[0]["todo"] == ann.get(f"/todos/{results[0]['todo']['id']}").json()
        assert results[1]["todo"]["parent_id"] == results[0]["todo"]["id"]
        assert results[5] == {"status": 204}
        problems = [result["problem"] for result in results if "problem" in result]
        assert [problem["type"].rpartition("/")[2] for problem in problems] == [
            *("precondition-failed", "invalid-input", "not-found", "invalid-input")
        ]
        assert [error["pointer"] for problem in problems for error in problem.get("errors", [])] == [
            *("/operations/4/changes/title", "/operations/8/list_id")
        ]
        assert sorted(titles(ann)) == ["clean all", "cook", "pack", "socks"]

    def test_an_atomic_batch_is_kept_as_a_whole(self, ann: httpx2.Client) -> None:
        """
        Or not at all: then the one that failed says why, and the others that they were not kept.
        """
        todo = add(ann, "clean")
        operations: list[dict[str, Any]] = [
            {"op": "add", "title": "pack"},
            {"op": "edit", "id": todo["id"], "changes": {"completed": True}, "version": 7},
            {"op": "delete", "id": todo["id"]},
        ]
        undone = ann.post("/todos/batch", json={"operations": operations, "atomic": True}).json()
        assert undone["kept"] is False
        assert [result["status"] for result in undone["results"]] == [424, 412, 424]
        assert ann.get(f"/todos/{todo['id']}").json() == todo
        assert titles(ann) == ["clean"]

        operations[1]["version"] = 1
        done = ann.post("/todos/batch", json={"operations": operations, "atomic": True}).json()
        assert done["kept"] is True
        assert [result["status"] for result in done["results"]] == [201, 200, 204]
        assert titles(ann) == ["pack"]

    @pytest.mark.parametrize(
        ("operations", "pointer"),
        [
            ([], "/operations"),
            ({}, "/operations"),
            ([{"op": "add", "title": "x"}] * 501, "/operations"),
            ([{"op": "add", "title": "x"}, {"op": "move"}], "/operations/1/op"),
            ([{"title": "x"}], "/operations/0/op"),
            ([{"op": ["add"]}], "/operations/0/op"),
            ([5], "/operations/0"),
            ([{"op": "add"}], "/operations/0/title"),
            ([{"op": "add", "title": "x", "id": NOWHERE}], "/operations/0/id"),
            ([{"op": "edit", "id": NOWHERE}], "/operations/0/changes"),
            ([{"op": "edit", "id": NOWHERE, "changes": {"tags": [""]}}], "/operations/0/changes/tags/0"),
            ([{"op": "delete", "id": NOWHERE, "version": 0}], "/operations/0/version"),
            ([{"op": "restore", "id": "x"}], "/operations/0/id"),
        ],
    )
    def test_a_batch_of_the_wrong_form_is_refused_whole(
        self, ann: httpx2.Client, operations: Any, pointer: str
    ) -> None:
        """
        Nothing of it is done, whether or not it is atomic.
        """
        assert pointers(ann.post("/todos/batch", json={"operations": operations})) == [pointer]
        assert titles(ann) == []

    def test_a_hundred_errors_are_enough(self, ann: httpx2.Client) -> None:
        """
        However much is wrong, that many are told, the first ones first.
        """
        operations = [{"op": "add", "title": 5, "tags": [1] * 20}] * 500
        found = pointers(ann.post("/todos/batch", json={"operations": operations}))
        assert len(found) == 100
        assert set(found[:21]) == {"/operations/0/title", *(f"/operations/0/tags/{place}" for place in range(20))}
        unknown = {f"field{number}": 1 for number in range(1000)}
        assert len(pointers(ann.post("/todos", json=unknown))) == 100

    def test_a_batch_may_be_large(self, ann: httpx2.Client) -> None:
        """
        500 operations, 2 MiB; a byte more is too large.
        """
        operations = [{"op": "add", "title": f"{number}", "notes": "x" * 4000} for number in range(500)]
        body = json.dumps({"operations": operations, "atomic": True}).encode()
        most = body + b" " * (2 * 1024 * 1024 - len(body))
        assert slug(ann.post("/todos/batch", content=most + b" ", headers={"Content-Type": JSON})) == "too-large"
        done = ann.post("/todos/batch", content=most, headers={"Content-Type": JSON}).json()
        assert {result["status"] for result in done["results"]} == {201}
        assert [len(page) for page in pages(ann, limit=200)] == [200, 200, 100]


def test_what_is_somebody_elses_is_not_there(ann: httpx2.Client, bob: httpx2.Client) -> None:
    """
    Seen, changed, deleted, restored, filtered by or referred to: it is as if it never was, and stays as it is.
    """
    todo, home = add(ann, "Ann's", tags=["hers"]), add_list(ann, "Ann's")
    binned = add(ann, "binned")
    ann.delete(f"/todos/{binned['id']}")
    for path, body in ((f"/todos/{todo['id']}", {"title": "Bob's"}), (f"/lists/{home['id']}", {"name": "Bob's"})):
        assert slug(bob.get(path)) == "not-found"
        assert slug(bob.patch(path, json=body)) == "not-found"
        assert slug(bob.delete(path)) == "not-found"
    for one in (todo, binned):
        assert slug(bob.post(f"/todos/{one['id']}/restore")) == "not-found"
    operations = [
        {"op": "edit", "id": todo["id"], "changes": {"title": "Bob's"}},
        {"op": "delete", "id": todo["id"]},
        {"op": "restore", "id": binned["id"]},
    ]
    results = bob.post("/todos/batch", json={"operations": operations}).json()["results"]
    assert [result["status"] for result in results] == [404] * 3
    for fields, pointer in (({"list_id": home["id"]}, "/list_id"), ({"parent_id": todo["id"]}, "/parent_id")):
        assert pointers(bob.post("/todos", json={"title": "x", **fields})) == [pointer]
    bobs = add_list(bob)
    assert pointers(bob.delete(f"/lists/{bobs['id']}?to={home['id']}")) == ["/to"]
    for wanted in ({}, {"list_id": home["id"]}, {"tag": "hers"}, {"deleted": True}, {"q": "ann"}):
        assert titles(bob, **wanted) == []
    assert bob.get("/tags").json()["items"] == []
    assert [made["name"] for made in bob.get("/lists").json()["items"]] == ["Home"]
    assert ann.get(f"/todos/{todo['id']}").json() == todo
    assert ann.get("/lists").json()["items"] == [home]
