"""
What benchmarks of requests play on: many people, a mail server, and the program in a process that tells of itself.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from attrs import frozen

from benchmarks.report import print_machine
from tests.support.fleet import HASTY
from tests.support.post_office import PostOffice
from tests.support.postgres import EmbeddedServer, fresh_database
from tests.support.server import PASSWORD, environment, eventually, free_port
from todo_adapters.argon2 import OWASP_MINIMUM
from todo_adapters.postgres import migrate

ROOT = Path(__file__).parents[1]

_COPY = b"COPY users (id, email, password_hash, created_at, locale, timezone, verified_at) FROM STDIN"
_OFTEN = "1000000/minute"
_UNLIMITED = {
    **dict.fromkeys(("RATE_LIMIT_LOGIN", "RATE_LIMIT_LOGIN_DAY", "RATE_LIMIT_BAD_TOKENS"), _OFTEN),
    "COURIER": "beside",
}


@frozen
class Scene:
    """
    A running program, and the address of a person by number; each has the usual password.
    """

    folder: Path
    port: int
    pid: int
    database_url: str
    settings: dict[str, str]

    def person(self, number: int) -> str:
        """
        Return an address that has an account.
        """
        return f"known{number:06}@example.org"

    def stranger(self, number: int) -> str:
        """
        Return an address that has none, of the same length.
        """
        return f"other{number:06}@example.org"

    def connect(self) -> http.client.HTTPConnection:
        """
        Return a connection that stays open.
        """
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)


@contextmanager
def scene(factory: str, *, people: int, **settings: str) -> Generator[Scene]:
    """
    Yield what the application that *factory* (``module:name``) makes, with so many *people*, serves.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="todo-bench-")))
        data = Path(stack.enter_context(TemporaryDirectory(prefix="todo-postgres-"))).resolve()
        url = stack.enter_context(fresh_database(stack.enter_context(EmbeddedServer(data).running(needless=()))))
        migrate.upgrade(url)
        sign_up(url, people)
        print_machine(url)
        office = stack.enter_context(PostOffice())
        settings = {**HASTY, **_UNLIMITED, "DATABASE_URL": url, **office.environment(), **settings}
        port = free_port()
        process = stack.enter_context(_process(factory, folder, port, settings))
        yield Scene(folder, port, process.pid, url, settings)


def sign_up(url: str, people: int) -> None:
    """
    Give so many people an account, with the usual password, in the database at *url*.
    """
    import argon2  # noqa: PLC0415 - the program itself, which imports this module too, has no use for it

    password_hash = argon2.PasswordHasher.from_parameters(OWASP_MINIMUM).hash(PASSWORD)
    now = datetime.now(UTC)
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.cursor().copy(_COPY) as copy:
            for number in range(people):
                copy.write_row((uuid4(), f"known{number:06}@example.org", password_hash, now, "en", "UTC", now))
        connection.execute("VACUUM ANALYZE users")


@contextmanager
def _process(factory: str, folder: Path, port: int, settings: dict[str, str]) -> Generator[subprocess.Popen[bytes]]:
    options = ["--factory", factory, "--host=127.0.0.1", f"--port={port}", "--http=httptools", "--lifespan=on"]
    options += ["--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level=warning"]
    command = [sys.executable, "-m", "uvicorn", *options, f"--app-dir={ROOT}"]
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, env=environment(**settings), stdout=output, stderr=output)  # noqa: S603 - our own program
    try:
        eventually(lambda: _answers(process, port, folder), within=30)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(process: subprocess.Popen[bytes], port: int, folder: Path) -> bool:
    assert process.poll() is None, (folder / "output.txt").read_text()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def log_in(on: Scene, address: str) -> str:
    """
    Return an access token of whoever has this address.
    """
    connection = on.connect()
    body = json.dumps({"email": address, "password": PASSWORD})
    connection.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
    token: str = json.loads(connection.getresponse().read())["access_token"]
    connection.close()
    return token


def rest(seconds: float) -> None:
    """
    Wait until what was started has settled.
    """
    os.sync()
    time.sleep(seconds)
