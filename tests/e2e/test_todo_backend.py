"""
/dev/todo-backend: the sixteen behaviours that todobackend.com asks of a backend, told in our words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for
from tests.support.server import KEY
from todo_web.app import describe
from todo_web.routes.dev_todo_backend import MOST_ORDER, OWNER, PATH, order_of, position_for_order

SMTP = {"EMAIL_PROVIDER": "smtp", "SMTP_HOST": "smtp.acme.org", "SMTP_FROM_EMAIL": "todo@acme.org"}
PRODUCTION = {"ENVIRONMENT": "production", "FRONTEND_URL": "https://todo.acme.org", **SMTP}
ORDERS = st.integers(-MOST_ORDER, MOST_ORDER)


@pytest.fixture
def client(database_url: str) -> Generator[TestClient]:
    """
    Yield a client of a developer's program.
    """
    container, _ = container_for(database_url, COURIER="apart", JWT_SECRET_KEY=KEY, BACKEND_URL="http://localhost")
    with client_of(container) as client:
        yield client


def add(client: TestClient, title: str = "blah", **fields: object) -> dict[str, object]:
    """
    Return a new todo.
    """
    answer = client.post(PATH, json={"title": title, **fields})
    assert answer.status_code == 201
    todo: dict[str, object] = answer.json()
    return todo


def patch(client: TestClient, url: object, **fields: object) -> dict[str, object]:
    """
    Return the todo at *url* as it is after a change.
    """
    answer = client.patch(str(url), json=fields)
    assert answer.status_code == 200
    todo: dict[str, object] = answer.json()
    return todo


def test_1_the_root_answers_to_a_page_of_any_origin(client: TestClient) -> None:
    """
    It may be read, and asked with every method that is used here and a JSON body, without a cookie.
    """
    origin = {"Origin": "https://www.todobackend.com"}
    answer = client.get(PATH, headers=origin)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-credentials" not in answer.headers
    for method in ("POST", "PATCH", "DELETE"):
        wish = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
        allowed = client.options(PATH, headers=origin | wish)
        assert allowed.is_success
        assert method in allowed.headers["access-control-allow-methods"]
        assert allowed.headers["access-control-allow-origin"] == "*"


def test_2_the_root_answers_a_post_with_what_was_posted(client: TestClient) -> None:
    """
    The new todo is the answer.
    """
    assert add(client, "a todo")["title"] == "a todo"


def test_3_the_root_takes_a_delete(client: TestClient) -> None:
    """
    With nothing there, and with something there.
    """
    assert client.delete(PATH).is_success
    add(client)
    assert client.delete(PATH).is_success


def test_4_after_a_delete_the_root_is_an_empty_array(client: TestClient) -> None:
    """
    All are gone, be they ever so many.
    """
    for number in range(3):
        add(client, str(number))
    client.delete(PATH)
    assert client.get(PATH).json() == []


def test_5_a_posted_todo_is_in_the_list(client: TestClient) -> None:
    """
    It and no other.
    """
    add(client, "walk the dog")
    assert [todo["title"] for todo in client.get(PATH).json()] == ["walk the dog"]


def test_6_a_new_todo_is_not_completed(client: TestClient) -> None:
    """
    In the answer and in the list.
    """
    assert [add(client)["completed"], *(todo["completed"] for todo in client.get(PATH).json())] == [False, False]


def test_7_a_new_todo_has_a_url(client: TestClient) -> None:
    """
    The same in the answer and in the list, and as its location.
    """
    answer = client.post(PATH, json={"title": "blah"})
    assert isinstance(answer.json()["url"], str)
    assert answer.headers["location"] == answer.json()["url"] == client.get(PATH).json()[0]["url"]


def test_8_the_url_returns_the_todo(client: TestClient) -> None:
    """
    Whole.
    """
    todo = add(client, "my todo")
    assert client.get(str(todo["url"])).json() == todo


def test_9_one_gets_from_the_list_to_a_todo(client: TestClient) -> None:
    """
    By its URL.
    """
    for title in ("todo the first", "todo the second"):
        add(client, title)
    todos = client.get(PATH).json()
    assert [client.get(todo["url"]).json() for todo in todos] == todos
    assert len(todos) == 2


def test_10_the_title_can_be_changed(client: TestClient) -> None:
    """
    And nothing else changes.
    """
    todo = add(client, "initial title", order=3)
    assert patch(client, todo["url"], title="bathe the cat") == {**todo, "title": "bathe the cat"}


def test_11_a_todo_can_be_completed(client: TestClient) -> None:
    """
    And nothing else changes.
    """
    todo = add(client)
    assert patch(client, todo["url"], completed=True) == {**todo, "completed": True}


def test_12_changes_stay(client: TestClient) -> None:
    """
    At the todo's URL and in the list.
    """
    todo = patch(client, add(client)["url"], title="changed title", completed=True)
    assert (todo["title"], todo["completed"]) == ("changed title", True)
    assert client.get(str(todo["url"])).json() == todo
    assert client.get(PATH).json() == [todo]


def test_13_a_todo_can_be_deleted(client: TestClient) -> None:
    """
    It is gone, and what else there is stays.
    """
    kept, todo = add(client, "stays"), add(client)
    assert client.delete(str(todo["url"])).is_success
    assert client.get(str(todo["url"])).status_code == 404
    assert client.get(PATH).json() == [kept]


def test_14_a_todo_can_have_an_order(client: TestClient) -> None:
    """
    The list is in that order.
    """
    assert [add(client, order=order)["order"] for order in (523, -1, 8)] == [523, -1, 8]
    assert [todo["order"] for todo in client.get(PATH).json()] == [-1, 8, 523]


def test_15_the_order_can_be_changed(client: TestClient) -> None:
    """
    And nothing else changes.
    """
    todo = add(client, order=10)
    assert patch(client, todo["url"], order=95) == {**todo, "order": 95}


def test_16_the_order_stays(client: TestClient) -> None:
    """
    At the todo's URL.
    """
    todo = patch(client, add(client, order=10)["url"], order=95)
    assert client.get(str(todo["url"])).json()["order"] == 95


@given(ORDERS, ORDERS)
def test_positions_sort_as_orders_do(one: int, other: int) -> None:
    """
    Every order has a position of its own, from which it can be read.
    """
    assert [order_of(position_for_order(order)) for order in (one, other)] == [one, other]
    assert (position_for_order(one) < position_for_order(other)) == (one < other)


@pytest.mark.parametrize("position", ["V", "000000W", "8DlKyK8Axg", "zzzzzzV"])
def test_other_positions_have_no_order(position: str) -> None:
    """
    As that of a todo which was added without one.
    """
    assert order_of(position) is None


def test_nobody_elses_todos_are_there(client: TestClient, database_url: str) -> None:
    """
    One made-up account has them, also when the program is started again; nobody else's can be read or changed.
    """
    todo = add(client)
    container, _ = container_for(database_url, COURIER="apart", BACKEND_URL="http://localhost")
    with client_of(container) as again:
        assert again.get(PATH).json() == [todo]
        assert again.get(f"{PATH}/00000000-0000-7000-8000-000000000000").status_code == 404

    async def opened() -> object:
        async with container.unit_of_work().begin() as work:
            return await work.users.by_email(OWNER)

    assert asyncio.run(opened()) is not None


@pytest.mark.parametrize(
    "body",
    [{}, {"title": ""}, {"title": "x", "order": 2**31}, {"title": "x", "order": "1"}, {"title": "x", "url": "y"}],
)
def test_what_does_not_fit_is_refused(client: TestClient, body: dict[str, object]) -> None:
    """
    As everywhere, with a problem that says where.
    """
    answer = client.post(PATH, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_the_rest_is_open_to_nobody_else_for_it(client: TestClient) -> None:
    """
    A page of another origin may read nothing but what is here.
    """
    origin = {"Origin": "https://www.todobackend.com"}
    for path in ("/api/v1/todos", f"{PATH}x", "/health"):
        assert "access-control-allow-origin" not in client.get(path, headers=origin).headers


@pytest.mark.parametrize(
    "settings",
    [
        PRODUCTION,
        {"HOST": "0.0.0.0"},  # noqa: S104 - where others can reach it
        {"TRUSTED_PROXY_HOPS": "1"},
    ],
    ids=["production", "open to the network", "behind a proxy"],
)
def test_it_does_not_exist_elsewhere(database_url: str, settings: dict[str, str]) -> None:
    """
    In production, and where somebody else than the developer can reach it.
    """
    container, _ = container_for(database_url, COURIER="apart", **settings)
    with client_of(container) as client:
        answers = [client.request(method, PATH, json={"title": "x"}) for method in ("GET", "POST", "DELETE")]
        opened = client.get(PATH, headers={"Origin": "https://www.todobackend.com"})
    assert {answer.status_code for answer in answers} == {404}
    assert "access-control-allow-origin" not in opened.headers


def test_it_is_no_operation() -> None:
    """
    The OpenAPI document does not know it.
    """
    assert b"todo-backend" not in describe()
