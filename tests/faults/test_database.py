"""
The database crashes, restarts and stays away under load, and nothing that was acknowledged is lost.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.fleet import Fleet, launched
from tests.support.outages import Outage, database_away, log_in, restart_under_load
from tests.support.post_office import PostOffice
from tests.support.postgres import EmbeddedServer, fresh_database
from todo_adapters.postgres import migrate


@pytest.fixture
def database_url(database: EmbeddedServer) -> Generator[str]:
    """
    Yield the URL of a migrated database on the server that is stopped.
    """
    with fresh_database(database.url) as url:
        migrate.upgrade(url)
        yield url


def test_restarts_under_load(fleet: Fleet, database: EmbeddedServer) -> None:
    """
    R8: writers are answered 503 while the database restarts or crashes, and no acknowledged write is lost.
    """
    session = log_in(fleet)
    _is_harmless(restart_under_load(fleet, database, session, mode="fast"))
    _is_harmless(restart_under_load(fleet, database, session, mode="immediate"))


def _is_harmless(seen: Outage) -> None:
    assert set(seen.statuses) <= {201, 202, 503}
    assert seen.kept > 0
    assert seen.lost == 0
    assert seen.unknown <= 4
    assert seen.served_after <= 2
    assert (seen.verdict.lost, seen.verdict.strangers) == (0, 0)
    assert seen.drained_after <= 10


def test_a_long_absence(database_url: str, database: EmbeddedServer, office: PostOffice, tmp_path: Path) -> None:
    """
    R9: the processes live and say that they are not ready; afterwards mail goes out, and bells are heard again.
    """
    with launched(tmp_path, database_url, office, workers=1, OUTBOX_POLL_SECONDS="60") as fleet:
        seen = database_away(fleet, database, seconds=3, mails=5)
    assert seen.health == 200
    assert seen.unready_after <= 5
    assert seen.lived
    assert seen.drained_after <= 10
    assert seen.woken_after <= 5
    assert seen.verdict.lost == 0
