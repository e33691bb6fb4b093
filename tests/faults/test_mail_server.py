"""
The mail server loses its answers and goes away, and every mail that is still of use comes.
"""

from __future__ import annotations

from tests.support.fleet import Fleet
from tests.support.post_office import Weather
from tests.support.under_fire import mail_server_away


def test_an_answer_that_is_lost_makes_a_duplicate(fleet: Fleet) -> None:
    """
    R3: where the server accepted and could not say so, the same mail comes once more, and only there.
    """
    fleet.office.weather = Weather(lost=0.3)
    fleet.ask(fleet.sign_up(30))
    fleet.drained(within=60)
    seen = fleet.verdict()
    assert (seen.asked, seen.lost, seen.strangers) == (30, 0, 0)
    assert seen.duplicates == fleet.office.troubles["lost"] > 0


def test_mail_server_away(fleet: Fleet) -> None:
    """
    R5: what is still of use is sent soon after its return; what has expired meanwhile is dead, and never sent late.
    """
    seen = mail_server_away(fleet, seconds=3, mails=20, expiring=5)
    assert (seen.verdict.asked, seen.verdict.lost, seen.verdict.duplicates) == (15, 0, 0)
    assert seen.states == {"sent": 15, "dead": 5}
    assert seen.late == 0
    assert seen.attempts == 1, "a server that is away costs no attempt"
    assert seen.last_after <= 10
