"""
What all tests share: the kind of event loop, and one PostgreSQL server for the whole run.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.postgres import running_server

pytest.register_assert_rewrite("todo_core.contracts")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """
    Return the only event loop the service runs on.
    """
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server() -> Generator[str]:
    """
    Yield the URL of a running server's maintenance database.
    """
    with TemporaryDirectory(prefix="todo-postgres-") as folder, running_server(Path(folder)) as url:
        yield url


@pytest.fixture
def server_folder() -> Generator[Path]:
    """
    Yield an empty folder for a server of the test's own.

    pytest's ``tmp_path`` is closed to other users, and root's servers run as another.
    """
    with TemporaryDirectory(prefix="todo-postgres-") as folder:
        yield Path(folder).resolve()
