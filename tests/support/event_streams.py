"""
Reading server-sent events, as a browser's EventSource does.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from queue import Queue
from typing import Any

import httpx2
from attrs import define, field, frozen

from tests.support.nginx import Proxy
from tests.support.server import TodoServer


@frozen
class Event:
    """
    One event; ``name`` and ``data`` are None where it only tells a number.
    """

    id: int
    name: str | None = None
    data: Any = None


def events_in(lines: Iterable[str]) -> Iterator[Event]:
    """
    Yield the events that the *lines* of a stream tell; comments tell none.
    """
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "id" in fields:
            data = fields.get("data")
            yield Event(int(fields["id"]), fields.get("event"), None if data is None else json.loads(data))
            fields = {}
        else:
            fields = {}


@define
class Reader:
    """
    Somebody who reads a stream beside the test; what has come is in ``news``, at the end None.

    ``was_cut`` tells whether that end came in the middle.
    """

    news: Queue[Event | None] = field(factory=Queue)
    was_cut: bool = False

    def next(self, *, within: float = 20.0) -> Event | None:
        """
        Return the next event, once it has come, or None at the end.
        """
        return self.news.get(timeout=within)

    def read(self, answer: httpx2.Response) -> None:
        """
        Read the stream to its end.
        """
        try:
            for event in events_in(answer.iter_lines()):
                self.news.put(event)
        except httpx2.TransportError:
            self.was_cut = True
        finally:
            self.news.put(None)


@contextmanager
def reading(server: TodoServer | Proxy, token: str, *, after: int | None = None) -> Generator[Reader]:
    """
    Read a stream of *server* while the block runs; it has begun when the block does.
    """
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    with server.client(token) as client:
        client.timeout = httpx2.Timeout(20, read=60)
        with client.stream("GET", "/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            reader = Reader()
            thread = threading.Thread(target=reader.read, args=[answer])
            thread.start()
            try:
                yield reader
            finally:
                with suppress(OSError):  # it is closed already where the server was quicker
                    answer.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
                thread.join(timeout=20)
