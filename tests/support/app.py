"""
The application in the test's own process, where its adapters can be exchanged and its SQL be read.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
import pytest
from dependency_injector import providers
from starlette.testclient import TestClient

from tests.support.server import KEY
from todo_adapters.fakes import RecordingEmailService
from todo_web.app import create_app
from todo_web.container import Container
from todo_web.settings import load_settings


def container_for(database_url: str, **settings: str) -> tuple[Container, RecordingEmailService]:
    """
    Return a container on the real database, and the mail service that stands in for the real one.
    """
    hasty = {"RATE_LIMIT_ENABLED": "false", "RATE_LIMIT_BAD_TOKENS": "1000000/minute"}
    environment = {"DATABASE_URL": database_url, "JWT_SECRET_KEY": KEY, **hasty, **settings}
    container = Container(settings=load_settings(environment), surroundings=environment)
    post = RecordingEmailService()
    container.email.override(providers.Object(post))
    return container, post


@contextmanager
def client_of(container: Container) -> Generator[TestClient]:
    """
    Yield a client of the application around *container*, its lifespan running.
    """
    with TestClient(create_app(container), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@contextmanager
def traced_sql(monkeypatch: pytest.MonkeyPatch) -> Generator[list[str]]:
    """
    Yield the statements that this process hands to the database while the block runs.

    Those that only wake others are left out: they are said beside the requests, some time after each.
    """
    statements: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def traced(self: psycopg.AsyncCursor, query: object, *args: object, **kwargs: object) -> object:
        statement = query.decode() if isinstance(query, bytes) else str(query)
        if "pg_notify" not in statement:
            statements.append(statement)
        return await execute(self, query, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", traced)
        yield statements
