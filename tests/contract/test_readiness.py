from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.support.postgres import fresh_database
from todo_adapters.postgres import migrate
from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.readiness import check_database, check_schema
from todo_core.errors import Unavailable


async def test_a_database_that_is_ready(engine):
    """
    A database that answers, at the revision that is expected, is ready.
    """
    await check_database(engine)
    await check_schema(engine)


async def test_a_database_that_cannot_be_reached(tmp_path):
    """
    Without a database neither check passes; the reason names no host, user or password.
    """
    engine = create_engine(f"postgresql://ann:secret@/todo?host={tmp_path}")
    for check in (check_database, check_schema):
        with pytest.raises(Unavailable) as unavailable:
            await check(engine)
        assert str(unavailable.value) == "database: OperationalError"
    await engine.dispose()


async def test_a_schema_that_was_never_made(postgres_server):
    """
    An empty database answers, but is not ready.
    """
    with fresh_database(postgres_server) as url:
        engine = create_engine(url)
        await check_database(engine)
        with pytest.raises(Unavailable, match=f"schema: at nothing, not {migrate.head()}"):
            await check_schema(engine)
        await engine.dispose()


async def test_a_schema_of_another_version(postgres_server):
    """
    A database at another revision is not ready.
    """
    with fresh_database(postgres_server) as url:
        migrate.upgrade(url)
        engine = create_engine(url)
        async with engine.connect() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        with pytest.raises(Unavailable, match=f"schema: at 0000, not {migrate.head()}"):
            await check_schema(engine)
        await engine.dispose()
