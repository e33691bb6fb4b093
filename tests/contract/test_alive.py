"""
The container's health check, against servers that are well, wrong, silent and not there.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.support.server import environment, free_port
from todo_web import alive


@contextmanager
def answering(status: int) -> Generator[int]:
    """
    Yield the port of a server that answers every request with *status*.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/health"
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def checked(port: int) -> tuple[int, str]:
    """
    Return the exit code of the health check, and what it says.
    """
    command = [sys.executable, "-m", "todo_web.alive"]
    given = environment(PORT=str(port))
    done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - our own program
    return done.returncode, done.stderr.strip()


def test_a_service_that_answers_is_alive():
    """
    200 ends it with 0, and nothing is said.
    """
    with answering(200) as port:
        assert checked(port) == (0, "")


def test_another_answer_is_a_fault():
    """
    What is no 200 ends it with 1, and is told.
    """
    with answering(503) as port:
        assert checked(port) == (1, f"port {port} answers 503")


def test_no_answer_is_a_fault():
    """
    Nobody at the port ends it with 1.
    """
    port = free_port()
    assert checked(port) == (1, f"no answer at port {port}: ConnectionRefusedError")


def test_a_service_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    """
    Who takes the connection and says nothing has only until the deadline.
    """
    monkeypatch.setattr(alive, "DEADLINE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert alive.fault_at(port) == f"no answer at port {port}: TimeoutError"
