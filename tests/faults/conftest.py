"""
Real processes, a real database and a mail server in bad weather.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.fleet import Fleet, launched
from tests.support.post_office import PostOffice
from tests.support.postgres import EmbeddedServer, copied_database, fresh_database
from todo_adapters.postgres import migrate


@pytest.fixture(scope="session")
def migrated_database(postgres_server: str) -> Generator[str]:
    """
    Yield the URL of a migrated database that nobody connects to: copying it is quicker than migrating another.
    """
    with fresh_database(postgres_server) as url:
        migrate.upgrade(url)
        yield url


@pytest.fixture
def database_url(migrated_database: str) -> Generator[str]:
    """
    Yield the URL of a migrated database of the test's own.
    """
    with copied_database(migrated_database) as url:
        yield url


@pytest.fixture
def office() -> Generator[PostOffice]:
    """
    Yield a mail server in fair weather.
    """
    with PostOffice() as office:
        yield office


@pytest.fixture
def fleet(database_url: str, office: PostOffice, tmp_path: Path) -> Generator[Fleet]:
    """
    Yield a server that queues, and two workers that deliver.
    """
    with launched(tmp_path, database_url, office, workers=2) as fleet:
        yield fleet


@pytest.fixture
def database(server_folder: Path) -> Generator[EmbeddedServer]:
    """
    Yield a PostgreSQL server that a test may stop; what it acknowledged survives its crash.
    """
    server = EmbeddedServer(server_folder)
    with server.running(needless=("fsync",)):
        yield server
