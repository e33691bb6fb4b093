from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine, inspect

from tests.support.postgres import fresh_database
from tests.support.server import run_todo
from todo_adapters.postgres import migrate
from todo_adapters.postgres.engine import normalised
from todo_adapters.postgres.todo_tables import metadata
from todo_core.errors import Unavailable

LOCK = "SELECT pg_advisory_lock(hashtext('todo migrations'))"


@pytest.fixture
def url(postgres_server: str) -> Generator[str]:
    """
    Yield the URL of an empty database.
    """
    with fresh_database(postgres_server) as url:
        yield url


def tables_in(url: str) -> set[str]:
    """
    Return the names of the database's tables.
    """
    engine = create_engine(normalised(url))
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_an_empty_database_is_brought_to_the_head(url):
    """
    An upgrade makes every table, and the status tells where the database stands before and after.
    """
    assert migrate.status(url) == migrate.SchemaStatus(current=None, head=migrate.head())
    assert not migrate.status(url).up_to_date
    migrate.upgrade(url)
    assert migrate.status(url).up_to_date
    assert tables_in(url) == {*metadata.tables, "alembic_version"}


def test_nobody_comes_with_the_tables(url):
    """
    New tables are empty: there is no account that everybody knows (ASVS 6.3.2).
    """
    migrate.upgrade(url)
    with psycopg.connect(url) as connection:
        for table in metadata.tables:
            assert connection.execute(f"TABLE {table}").fetchall() == []  # the names are our own


def test_migrations_and_tables_say_the_same(url):
    """
    Alembic finds no difference between what the migrations made and what the tables say.
    """
    migrate.upgrade(url)
    command.check(migrate.configuration(url))


def test_the_counters_of_the_rate_limits_are_not_logged(url):
    """
    Alembic does not compare this, so it is looked up: ``rate_limits`` is unlogged and nothing else is.
    """
    migrate.upgrade(url)
    with psycopg.connect(url) as connection:
        unlogged = connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u'")
        assert unlogged.fetchall() == [("rate_limits",)]


def test_the_way_back(url):
    """
    Going back to the beginning leaves nothing, and the way up is open again.
    """
    migrate.upgrade(url)
    migrate.downgrade(url, "base")
    assert tables_in(url) == {"alembic_version"}
    migrate.upgrade(url)
    assert migrate.status(url).up_to_date


def test_an_upgrade_twice(url):
    """
    A database that is up to date stays as it is.
    """
    migrate.upgrade(url)
    migrate.upgrade(url)
    assert migrate.status(url).up_to_date


def test_five_programs_at_once(url, tmp_path):
    """
    R19: of five ``todo migrate up`` at once all succeed.
    """
    migrating = partial(run_todo, "migrate", "up", settings={"DATABASE_URL": url}, folder=tmp_path, within=120)
    with ThreadPoolExecutor(5) as threads:
        runs = [threads.submit(migrating) for _ in range(5)]
    told = (0, f"The schema is at {migrate.head()}.\n")
    assert [(run.result().returncode, run.result().stdout) for run in runs] == [told] * 5
    assert migrate.status(url).up_to_date


def test_a_lock_that_is_let_go_in_time(url):
    """
    An upgrade that does not get its lock at once tries again.
    """
    with psycopg.connect(url) as holder, ThreadPoolExecutor() as threads:
        holder.execute(LOCK)
        upgrading = threads.submit(migrate.upgrade, url, patience=0.05)
        with pytest.raises(TimeoutError):
            upgrading.result(timeout=0.4)
        holder.close()
        upgrading.result(timeout=5)
    assert migrate.status(url).up_to_date


def test_a_lock_that_is_never_let_go(url, monkeypatch):
    """
    An upgrade gives up after some tries, and has changed nothing.
    """
    monkeypatch.setattr(migrate, "_TRIES", 2)
    monkeypatch.setattr(migrate, "_PAUSE", 0.01)
    with psycopg.connect(url) as holder:
        holder.execute(LOCK)
        with pytest.raises(Unavailable):
            migrate.upgrade(url, patience=0.05)
    assert migrate.status(url).current is None


def test_a_database_out_of_reach_is_unavailable():
    """
    Nothing but that is said: neither a traceback's worth of causes nor the URL.
    """
    for ask in (migrate.upgrade, migrate.status, lambda url: migrate.downgrade(url, "base")):
        with pytest.raises(Unavailable, match="database: ") as raised:
            ask("postgresql://todo:hunter2@127.0.0.1:1/todo")
        assert "hunter2" not in str(raised.value)
