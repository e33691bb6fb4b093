"""
A real Redis of a test's own, which keeps nothing on disk.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import define, field

from tests.support.server import eventually, free_port


@define
class RedisServer:
    """
    ``redis-server`` on a port of this machine; what the test stops starts empty again.
    """

    folder: Path
    port: int = field(factory=free_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """
        Return where it is.
        """
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """
        Start it; it answers when this returns.
        """
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        command = [program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - a program of the machine's
        eventually(self._answers, within=10)

    def stop(self) -> None:
        """
        Let it end at once, as a crash does.
        """
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16) == b"+PONG\r\n"
        except OSError:
            return False


@contextmanager
def running_redis(folder: Path) -> Generator[RedisServer]:
    """
    Yield a server that runs; the test is skipped where it is not installed.
    """
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
