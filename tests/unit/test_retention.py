from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from todo_adapters.postgres.backups.retention import DAYS, WEEKS, outdated

MOMENTS = st.sets(
    st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made UTC behind
    max_size=60,
)


@given(MOMENTS)
def test_the_newest_is_kept_and_never_more_than_promised(moments):
    """
    Whatever there is: what goes was there, the newest stays, and so do seven and four at the most.
    """
    gone = outdated(moments)
    kept = moments - gone
    assert gone <= moments
    assert len(kept) <= DAYS + WEEKS
    assert not moments or max(moments) in kept


@given(MOMENTS)
def test_the_newest_of_each_of_the_last_days_and_weeks_is_kept(moments):
    """
    No day and no week goes while an older one stays for its own sake.
    """
    kept = moments - outdated(moments)
    for day in sorted({at.date() for at in moments})[-DAYS:]:
        assert max(at for at in moments if at.date() == day) in kept
    for week in sorted({at.isocalendar()[:2] for at in moments})[-WEEKS:]:
        assert max(at for at in moments if at.isocalendar()[:2] == week) in kept


@given(MOMENTS)
def test_once_is_enough(moments):
    """
    Of what was kept nothing goes the second time.
    """
    assert outdated(moments - outdated(moments)) == set()


@given(MOMENTS)
def test_one_after_another_as_all_at_once(moments):
    """
    Whoever removes the old after each backup keeps what they would keep who remove once.
    """
    kept: set[datetime] = set()
    for moment in sorted(moments):
        kept.add(moment)
        kept -= outdated(kept)
    assert kept == moments - outdated(moments)


def test_a_backup_each_night_for_a_year():
    """
    The last seven nights are there, and the last nights of the three weeks before this one.
    """
    last = datetime(2026, 11, 20, 2, tzinfo=UTC)  # a Friday
    nights = [last - timedelta(days=number) for number in range(365)]
    kept = set(nights) - outdated(nights)
    sundays = {last - timedelta(days=days) for days in (5, 12, 19)}
    assert kept == {*nights[:7], *sundays}
