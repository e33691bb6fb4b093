"""
pgbouncer between the service and its database, sharing connections between transactions.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.support.server import eventually, free_port

_CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
server_login_retry = 1
"""


@contextmanager
def pooled(database_url: str, folder: Path) -> Generator[str]:
    """
    Yield a URL of the same database that leads through pgbouncer; the test is skipped where it is not installed.
    """
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    direct = make_url(database_url)
    host, listen_port = str(direct.query.get("host", direct.host)), free_port()
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        _CONFIGURATION.format(host=host, port=direct.port or 5432, user=direct.username, listen_port=listen_port)
    )
    identity = ["-u", Path(host).owner() if host.startswith("/") else "nobody"] if os.geteuid() == 0 else []
    with configuration.with_suffix(".log").open("wb") as log, configuration.open("rb") as readable:
        command = [program, *identity, f"/dev/fd/{readable.fileno()}"]
        process = subprocess.Popen(command, stdout=log, stderr=log, pass_fds=[readable.fileno()])  # noqa: S603 - a program of the machine's
    url = direct.set(host="127.0.0.1", port=listen_port, query={}).render_as_string(hide_password=False)
    try:
        eventually(lambda: _answers(url), within=10)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
