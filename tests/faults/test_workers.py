"""
Workers are killed, poisoned and told to end, and every mail that was promised comes.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.fleet import TEST_LEASE, Fleet, launched
from tests.support.post_office import PostOffice, Weather
from tests.support.under_fire import Ended, end_worker, kill_workers, orphan, send_poison

ROOT = Path(__file__).parents[2]
SLOTS = 4


def test_killed_workers_lose_nothing(database_url: str, tmp_path: Path) -> None:
    """
    R1: of many mails in bad weather, with workers killed again and again, none is lost.

    What came twice is what a killed worker had in its hands, no more, and is the same mail with the same link.
    """
    weather = Weather(refused=0.2, cut=0.02, delay=0.02)
    with PostOffice(weather, seed=1) as office, launched(tmp_path, database_url, office, workers=3) as fleet:
        seen = kill_workers(fleet, requests=60, kills=6, every=0.5, seed=1)
    assert (seen.verdict.asked, seen.verdict.lost) == (60, 0)
    assert seen.verdict.duplicates <= seen.kills * SLOTS
    assert seen.verdict.strangers == 0
    assert office.troubles["refused"] > 0
    assert fleet.states() == {"sent": 60}


def test_an_orphan_is_adopted_when_its_lease_ends(database_url: str, office: PostOffice, tmp_path: Path) -> None:
    """
    R2: what a killed worker held is sent by another within the lease and a moment, however seldom that one looks.
    """
    with launched(tmp_path, database_url, office, workers=2, OUTBOX_POLL_SECONDS="60") as fleet:
        assert orphan(fleet, mails=3) <= TEST_LEASE + 2
        assert fleet.verdict().lost == 0


def test_a_mail_that_kills_its_worker(database_url: str, office: PostOffice, tmp_path: Path) -> None:
    """
    R4: it is given up after it has killed as often as a mail may be tried; the others are sent.
    """
    settings = {
        "EMAIL_PROVIDER": "tests.support.poison",
        "PYTHONPATH": str(ROOT),
        "OUTBOX_MAX_ATTEMPTS": "2",
        "OUTBOX_CONCURRENCY": "1",  # nothing else is in the hands of who dies
    }
    with launched(tmp_path, database_url, office, workers=2, **settings) as fleet:
        seen = send_poison(fleet, others=10, within=60)
    assert (seen.deaths, seen.state, seen.reason) == (2, "dead", "too many attempts")
    assert (seen.others.asked, seen.others.lost) == (10, 0)


def test_a_worker_that_is_told_to_end(fleet: Fleet) -> None:
    """
    R7: what it has in its hands arrives, once, and others take the rest at once.

    While the mail server is silent it ends in time all the same, and others send what it could not.
    """
    _is_orderly(end_worker(fleet, Weather(delay=1.0), mails=8))
    fleet.workers[0].start()
    _is_orderly(end_worker(fleet, Weather(silent=True), mails=4))


def _is_orderly(seen: Ended) -> None:
    assert (seen.code, seen.verdict.lost, seen.verdict.duplicates) == (0, 0, 0)
    assert seen.took <= 10
    assert seen.rest_after <= 2
