"""
Streams of changes through nginx, configured as we ship it: each event when it happens, and nobody else disturbed.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from tests.support.event_streams import Reader, reading
from tests.support.nginx import Proxy, proxied
from tests.support.people import Person
from tests.support.server import TodoServer
from tests.support.smtp import SmtpServer

STREAMS = 5


@pytest.fixture
def proxy(server: TodoServer, tmp_path: Path) -> Generator[Proxy]:
    """
    Yield nginx in front of the service.
    """
    (tmp_path / "nginx").mkdir()
    with proxied(tmp_path / "nginx", upstream=server.port) as running:
        yield running


@pytest.fixture
def token(server: TodoServer, mail: SmtpServer) -> str:
    """
    Return an access token of somebody's.
    """
    ann = Person(server, mail)
    ann.sign_up()
    return ann.log_in()


def _add(client: httpx2.Client, title: str) -> str:
    answer = client.post("/todos", json={"title": title})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _heard(reader: Reader, todo_id: str) -> bool:
    """
    Wait for the event that tells of a todo; the first only tells where the stream begins.
    """
    while (event := reader.next()) is not None:
        if event.data is not None and event.data["id"] == todo_id:
            return True
    return False


def test_each_event_is_seen_when_it_happens(proxy: Proxy, token: str) -> None:
    """
    One after the other, while the stream goes on: nothing waits until a buffer is full.
    """
    with reading(proxy, token) as reader, proxy.client(token) as client:
        for number in range(3):
            assert _heard(reader, _add(client, f"Todo {number}"))


def test_streams_share_the_pool_with_requests(proxy: Proxy, token: str) -> None:
    """
    While several are open, and after they were cut off, requests through the same nginx are answered as ever.
    """
    with proxy.client(token) as client:
        with ExitStack() as stack:
            readers = [stack.enter_context(reading(proxy, token)) for _ in range(STREAMS)]
            added = _add(client, "For all")
            assert all(_heard(reader, added) for reader in readers)
            assert {client.get("/me").status_code for _ in range(40)} == {200}
        assert {client.get("/me").status_code for _ in range(40)} == {200}
        with reading(proxy, token) as reader:
            assert _heard(reader, _add(client, "For one"))


def test_whoever_comes_back_misses_nothing(proxy: Proxy, token: str) -> None:
    """
    The number of the last event gets through, too.
    """
    with reading(proxy, token) as reader, proxy.client(token) as client:
        _add(client, "Before")
        first = reader.next()
        assert first is not None
    with proxy.client(token) as client:
        missed = _add(client, "Meanwhile")
    with reading(proxy, token, after=first.id) as reader:
        assert _heard(reader, missed)
