"""
The adapter keeps every promise of todo-app's port, against Pigeon Post's API on this machine.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncGenerator, Generator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from acme_mail.pigeon import build
from todo_core.contracts.email_service import Arrival, EmailServiceContract, Provider
from todo_core.ports import EmailService

KEY = "the-key-of-acme"
ACCEPTED, REFUSED, UNKNOWN, BUSY = 202, 422, 401, 503
SILENCE = 0


class PigeonPost(Provider):
    """
    What Pigeon Post got, and what it answers to the next messages instead of accepting them.
    """

    def __init__(self) -> None:
        self.documents: list[dict[str, str]] = []
        self.answers: deque[int] = deque()
        self.is_over = Event()

    def arrivals(self) -> Sequence[Arrival]:
        return [
            Arrival([sent["to"]], sent["subject"], sent["text"], sent.get("html"), sent.get("message_id"))
            for sent in self.documents
        ]

    def secrets(self) -> Sequence[str]:
        return [KEY]

    def refuse_for_good(self) -> None:
        self.answers.append(REFUSED)

    def refuse_for_now(self) -> None:
        self.answers.append(BUSY)

    def refuse_credentials(self) -> None:
        self.answers.append(UNKNOWN)

    def go_silent(self) -> None:
        self.answers.append(SILENCE)


class Handler(BaseHTTPRequestHandler):
    """
    The API, as far as we use it.
    """

    post: PigeonPost
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200 if self._is_known() else UNKNOWN)

    def do_POST(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.post.answers.popleft() if self.post.answers else ACCEPTED
        if answer == SILENCE:
            self.post.is_over.wait()
            self.close_connection = True
            return
        if answer == ACCEPTED:
            self.post.documents.append(document)
        self._answer(answer if self._is_known() else UNKNOWN)

    def _is_known(self) -> bool:
        return self.headers["Authorization"] == f"Bearer {KEY}"

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """
        Say nothing.
        """


@pytest.fixture
def anyio_backend() -> str:
    """
    Return the event loop that the service runs on.
    """
    return "asyncio"


class TestPigeon(EmailServiceContract):
    @pytest.fixture
    def provider(self) -> PigeonPost:
        return PigeonPost()

    @pytest.fixture
    def url(self, provider: PigeonPost) -> Generator[str]:
        handler = type("HandlerOfThisTest", (Handler,), {"post": provider})
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            Thread(target=server.serve_forever, args=(0.01,)).start()
            yield f"http://127.0.0.1:{server.server_port}"
            provider.is_over.set()
            server.shutdown()

    @pytest.fixture
    async def service(self, url: str) -> AsyncGenerator[EmailService]:
        service = build(
            {
                "PIGEON_URL": url,
                "PIGEON_API_KEY": KEY,
                "PIGEON_FROM_EMAIL": "todo@todo.example",
                "PIGEON_TIMEOUT": "0.5",
            }
        )
        yield service
        await service.close()
