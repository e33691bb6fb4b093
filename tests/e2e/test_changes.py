"""
Following changes at real servers: two processes on one database.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from tests.support.event_streams import Event, reading
from tests.support.people import Person
from tests.support.server import TodoServer, eventually
from tests.support.smtp import SmtpServer

EVENTS = "/events"


@pytest.fixture
def other(settings: dict[str, str], server: TodoServer, tmp_path: Path) -> Generator[TodoServer]:  # noqa: ARG001 - it comes second
    """
    Yield another server of the same service.
    """
    folder = tmp_path / "other"
    folder.mkdir()
    with TodoServer(folder, settings) as running:
        yield running


@pytest.fixture
def ann(server: TodoServer, mail: SmtpServer) -> Person:
    """
    Return Ann, who has an account.
    """
    person = Person(server, mail)
    person.sign_up()
    return person


def add(client: httpx2.Client, title: str) -> str:
    """
    Return the id of a new todo.
    """
    answer = client.post("/todos", json={"title": title})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def told(kind: str, thing_id: str, version: int) -> dict[str, object]:
    """
    Return what an event says of a todo.
    """
    return {"thing": "todo", "kind": kind, "id": thing_id, "version": version}


def test_a_change_through_one_server_is_told_by_the_other(server: TodoServer, other: TodoServer, ann: Person) -> None:
    """
    Each kind of change, in its order, and to nobody else.
    """
    bob = Person(server, ann.mail, "bob@example.org")
    bob.sign_up()
    token = ann.log_in()
    with reading(other, token) as anns, reading(other, bob.log_in()) as bobs, server.client(token) as client:
        assert anns.next() == Event(0)
        assert bobs.next() == Event(0)
        todo_id = add(client, "Buy milk")
        assert anns.next() == Event(1, "change", told("added", todo_id, 1))
        client.patch(f"/todos/{todo_id}", json={"title": "Buy bread"})
        assert anns.next() == Event(2, "change", told("edited", todo_id, 2))
        client.delete(f"/todos/{todo_id}")
        assert anns.next() == Event(3, "change", told("deleted", todo_id, 3))
        list_id = client.post("/lists", json={"name": "Home"}).json()["id"]
        assert anns.next() == Event(4, "change", {"thing": "list", "kind": "added", "id": list_id, "version": 1})
        assert bobs.news.empty()


def test_whoever_is_cut_off_misses_nothing(server: TodoServer, other: TodoServer, ann: Person) -> None:
    """
    While two write, a reader is cut off again and again, comes back to either server, and sees each change once.
    """
    token, times = ann.log_in(), 40

    def write(through: TodoServer) -> None:
        with through.client(token) as client:
            for number in range(times):
                add(client, f"Todo {number}")

    writers = [threading.Thread(target=write, args=[each]) for each in (server, other)]
    seen = list[int]()
    with reading(server, token) as reader:
        assert reader.next() == Event(0)
    for writer in writers:
        writer.start()
    for attempt in range(1000):
        with reading((server, other)[attempt % 2], token, after=len(seen)) as reader:
            assert reader.next() == Event(len(seen))
            for _ in range(3 + attempt % 5):
                if len(seen) < 2 * times:
                    event = reader.next()
                    assert event is not None
                    seen.append(event.id)
        if len(seen) == 2 * times:
            break
    for writer in writers:
        writer.join()
    assert seen == list(range(1, 2 * times + 1))


def test_whoever_was_somewhere_we_do_not_know_begins_anew(server: TodoServer, ann: Person) -> None:
    """
    A reset, and from there on what comes.
    """
    token = ann.log_in()
    with server.client(token) as client:
        add(client, "Buy milk")
        with reading(server, token, after=99) as reader:
            assert [reader.next(), reader.next()] == [Event(1), Event(1, "reset", {})]
            add(client, "Buy bread")
            event = reader.next()
            assert event is not None
            assert (event.id, event.name) == (2, "change")


def test_a_log_out_anywhere_ends_the_stream(server: TodoServer, other: TodoServer, ann: Person) -> None:
    """
    Properly; whoever comes back is not let in, and another session's stream goes on.
    """
    leaving, staying = ann.log_in(), ann.log_in()
    with reading(other, leaving) as left, reading(other, staying) as stays, server.client(leaving) as client:
        assert left.next() == stays.next() == Event(0)
        assert client.post("/auth/logout").status_code == 204
        assert left.next(within=40) is None
        assert client.get(EVENTS).status_code == 401
        with server.client(staying) as other_client:
            add(other_client, "Buy milk")
        event = stays.next()
        assert event is not None
        assert event.id == 1


@pytest.mark.parametrize(("workers", "number"), [("1", signal.SIGTERM), ("1", signal.SIGINT), ("2", signal.SIGTERM)])
def test_a_server_that_is_told_to_end_does_not_wait_for_readers(
    settings: dict[str, str], mail: SmtpServer, tmp_path: Path, workers: str, number: signal.Signals
) -> None:
    """
    It ends their streams, properly, and then itself: nothing is cut off, and nobody loses patience.
    """
    with TodoServer(tmp_path, {**settings, "WORKERS": workers}) as server:
        ann = Person(server, mail)
        ann.sign_up()
        with reading(server, ann.log_in()) as reader:
            assert reader.next() == Event(0)
            assert server.stop(number) == 0
            assert reader.next() is None
            assert reader.was_cut is False
        assert "timeout graceful shutdown exceeded" not in server.output
        assert "ERROR" not in server.output.upper()


def test_one_can_have_ten_streams(server: TodoServer, ann: Person) -> None:
    """
    One more is refused as any request that is too much; who leaves makes room, and the head of one needs none.
    """
    token = ann.log_in()
    with server.client(token) as client:
        with ExitStack() as stack:
            for _ in range(10):
                reader = stack.enter_context(reading(server, token))
                assert reader.next() == Event(0)
            refused = client.get(EVENTS)
            assert refused.status_code == 429
            assert refused.headers["content-type"] == "application/problem+json"
            assert 1 <= int(refused.headers["retry-after"]) <= 25
            head = client.head(EVENTS)
            assert head.status_code == 200
            assert head.headers["cache-control"] == "no-store"
            assert head.headers["x-accel-buffering"] == "no"

        def is_let_in() -> bool:
            with client.stream("GET", EVENTS) as answer:
                return answer.is_success

        assert eventually(is_let_in)


def test_nobody_follows_without_a_session(server: TodoServer) -> None:
    """
    As everywhere: 401.
    """
    with server.client() as client:
        assert client.get(EVENTS).status_code == 401
