"""
The program itself, as its users run it: a process of its own, asked over HTTP.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Self, TypeVar

import httpx2
from attrs import define, field

T = TypeVar("T")

TODO = Path(sys.executable).with_name("todo")
PASSWORD = "correct horse battery staple"
KEY = "kT3v9QzW1xLr8NpYb5HdUf7GmCs2AeJo4ViXq6Rw"
"""Made up, as random as tests need it."""


def free_port() -> int:
    """
    Return a port that nobody listens on now.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(look: Callable[[], T | None], *, within: float = 15.0) -> T:
    """
    Return what *look* returns as soon as it is something.
    """
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{look} found nothing within {within} s")


def environment(**settings: str) -> dict[str, str]:
    """
    Return an environment with these settings, and none that this machine happens to have.
    """
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **settings}


@define
class TodoServer:
    """
    ``todo`` with a command, in a folder of its own, its output kept in a file there.
    """

    folder: Path
    settings: Mapping[str, str]
    command: str = "serve"
    port: int = field(factory=free_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """
        Return where it is served.
        """
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """
        Return what it has printed so far.
        """
        return (self.folder / "output.txt").read_text("utf-8")

    def start(self) -> Self:
        """
        Start it; ``serve`` has answered its first request when this returns.
        """
        self.launch()
        if self.command == "serve":
            eventually(self._answers, within=60)
        return self

    def launch(self) -> Self:
        """
        Start it, and wait for nothing.
        """
        settings = {"PORT": str(self.port), "TODO_DATA_DIR": str(self.folder / "data"), **self.settings}
        with (self.folder / "output.txt").open("ab") as output:
            self._process = self._launched(settings, output)
        return self

    def _launched(self, settings: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own program
            [TODO, self.command], cwd=self.folder, env=environment(**settings), stdout=output, stderr=output
        )

    @property
    def exit_code(self) -> int | None:
        """
        Return the exit code, or None while it runs.
        """
        assert self._process is not None
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """
        Send it a signal.
        """
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, *, within: float = 12.0) -> int:
        """
        Return its exit code, once it has ended; when it was told to, it has ten seconds.
        """
        assert self._process is not None
        return self._process.wait(timeout=within)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """
        Tell it to end, and return its exit code; it has ten seconds.
        """
        self.send(number)
        return self.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()

    def client(self, token: str | None = None) -> httpx2.Client:
        """
        Return a client of its API, logged in with *token*.
        """
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx2.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=20)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.output
        try:
            return httpx2.get(f"{self.url}/health").is_success
        except httpx2.TransportError:
            return False


def token_in(text: str) -> str:
    """
    Return the token of the link in a mail's *text*.
    """
    found = re.search(r"[?#]token=([\w.~-]+)", text)
    assert found is not None, text
    return found[1]


def run_todo(
    *arguments: str, settings: Mapping[str, str], folder: Path, stdin: str = "", within: float = 60
) -> subprocess.CompletedProcess[str]:
    """
    Run a ``todo`` command to its end.
    """
    return subprocess.run(  # noqa: S603 - our own program
        [TODO, *arguments],
        cwd=folder,
        env=environment(TODO_DATA_DIR=str(folder / "data"), **settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )
