"""
Real things for whole stories: a database, a mail server with TLS and accounts, the program in a process.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.postgres import copied_database, fresh_database
from tests.support.server import KEY, TodoServer
from tests.support.smtp import SmtpServer
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
def mail() -> Generator[SmtpServer]:
    """
    Yield a mail server with STARTTLS and AUTH.
    """
    with SmtpServer() as server:
        yield server


@pytest.fixture
def settings(database_url: str, mail: SmtpServer, tmp_path: Path) -> dict[str, str]:
    """
    Return settings as a deployment has them, with limits high enough for a test's haste.
    """
    return {
        "DATABASE_URL": database_url,
        "JWT_SECRET_KEY": KEY,
        "EMAIL_PROVIDER": "smtp",
        "SSL_CERT_FILE": str(mail.write_authority(tmp_path / "authority.pem")),
        **mail.environment(),
        "LOG_FORMAT": "json",
        "RATE_LIMIT_ENABLED": "false",
        "RATE_LIMIT_LOGIN": "1000/minute",
        "RATE_LIMIT_REGISTER": "1000/minute",
        "RATE_LIMIT_RESET_CLIENT": "1000/minute",
        "RATE_LIMIT_BAD_TOKENS": "1000000/minute",
    }


@pytest.fixture
def server(settings: dict[str, str], tmp_path: Path) -> Generator[TodoServer]:
    """
    Yield the running program.
    """
    with TodoServer(tmp_path, settings) as running:
        yield running
