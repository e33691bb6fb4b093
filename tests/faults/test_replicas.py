"""
Three replicas behind nginx: one is killed and one restarted under load, and nothing that was acknowledged is lost.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from tests.support.fleet import launched
from tests.support.outages import log_in
from tests.support.post_office import PostOffice
from tests.support.replicas import BEHIND_NGINX, Shaken, behind_nginx, kill, restart, shake

WRITERS = 4
"""So many requests are in flight at once; each is answered at worst that nobody knows what came of it."""

SLOTS = 4


def test_a_replica_is_killed_and_another_restarted(database_url: str, office: PostOffice, tmp_path: Path) -> None:
    """
    Writers are answered 503 at worst for what was in flight; the others go on, and all mail is sent.
    """
    with launched(tmp_path, database_url, office, workers=0, **BEHIND_NGINX) as fleet, ExitStack() as stack:
        proxy, [_, second, third] = behind_nginx(fleet, tmp_path, stack)
        session = log_in(fleet)
        killed = shake(fleet, proxy, session, second, kill)
        _is_harmless(killed)
        assert killed.verdict.duplicates <= SLOTS
        restarted = shake(fleet, proxy, session, third, restart)
        _is_harmless(restarted)
        assert restarted.verdict.duplicates == killed.verdict.duplicates


def _is_harmless(seen: Shaken) -> None:
    assert set(seen.statuses) <= {201, 202, 503}
    assert seen.statuses.get(503, 0) <= WRITERS
    assert seen.lost == 0
    assert seen.unknown <= seen.statuses.get(503, 0)
    assert seen.served_meanwhile > 0
    assert (seen.verdict.lost, seen.verdict.strangers) == (0, 0)
    assert seen.verdict.asked > 0
