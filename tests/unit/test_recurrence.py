"""
Rules of recurrence, with python-dateutil for a judge.
"""

# ruff: noqa: DTZ001 - what a wall shows has no time zone

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from todo_core.errors import InvalidInput
from todo_core.model.recurrence import (
    LARGEST_COUNT,
    LARGEST_INTERVAL,
    LAST_DAY,
    Frequency,
    Nth,
    Recurrence,
    anchored,
    coming,
    following,
)

BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
EVER = (date(1970, 1, 1), date(2100, 12, 31))
RULES = 10_000
SEED = 7
NUMBER = 12


def _random_rule(chance: random.Random, start: datetime) -> Recurrence:
    frequency, choices = chance.choice(list(Frequency)), {}
    if frequency is Frequency.WEEKLY and chance.random() < 0.7:
        choices["weekdays"] = chance.sample(range(7), chance.randrange(1, 5))
    if frequency is Frequency.MONTHLY:
        which = chance.random()
        if which < 0.4:
            choices["month_day"] = chance.choice([*range(1, 32), -1, -2, -15, -31])
        elif which < 0.8:
            choices["nth"] = Nth(chance.choice([1, 2, 3, 4, 5, -1, -2, -5]), chance.randrange(7))
    if chance.random() < 0.3:
        choices["count"] = chance.randrange(1, 20)
    elif chance.random() < 0.3:
        choices["until"] = (start + timedelta(days=chance.randrange(900))).date()
    if chance.random() < 0.1:
        choices["at"] = time(chance.randrange(24), chance.randrange(60))
    interval, week_start = chance.choice([1, 1, 2, 3, 4, 7, 12]), chance.choice([0, 6, 3])
    return Recurrence(frequency, interval=interval, week_start=week_start, **choices)


def _random_start(chance: random.Random) -> datetime:
    if chance.random() < 0.1:
        return datetime(2024, 2, 29, 9)
    first = datetime(chance.randrange(1990, 2060), chance.randrange(1, 13), 1)
    return first + timedelta(days=chance.randrange(31), hours=chance.randrange(24), minutes=chance.randrange(60))


def _judged(rule: Recurrence, start: datetime) -> list[datetime]:
    """
    Return what python-dateutil takes for the next occurrences.

    For it, COUNT counts the start only where the rule meets it, and UNTIL is a moment.
    """
    text = str(rule)
    number = NUMBER
    if rule.count is not None:
        text, number = text.replace(f"COUNT={rule.count}", "COUNT=100"), min(NUMBER, rule.count - 1)
    if rule.until is not None:
        text = text.replace(f"UNTIL={rule.until:%Y%m%d}", f"UNTIL={rule.until:%Y%m%d}T235959")
    occurrences = rrulestr(text, dtstart=start)
    return list(islice((moment for moment in occurrences if moment.date() > start.date()), number))


def test_ten_thousand_rules_mean_what_dateutil_takes_them_for():
    """
    The next twelve occurrences of random rules of each kind, from random starts, are the same.
    """
    chance = random.Random(SEED)  # noqa: S311 - the same rules each time
    for _ in range(RULES):
        start = _random_start(chance)
        rule = _random_rule(chance, start)
        assert coming(rule, start, NUMBER) == _judged(rule, start), (str(rule), start)


weekdays = st.lists(st.integers(0, 6), max_size=7)
seconds = st.datetimes(datetime(1900, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
lasts = st.one_of(st.dates(date(1900, 1, 1)), seconds, seconds.map(lambda moment: moment.replace(tzinfo=UTC)))
ends = st.one_of(
    st.just({}),
    st.builds(lambda count: {"count": count}, st.integers(1, LARGEST_COUNT)),
    st.builds(lambda until: {"until": until}, lasts),
)
kinds = st.one_of(
    st.builds(lambda: {"frequency": Frequency.DAILY}),
    st.builds(lambda days: {"frequency": Frequency.WEEKLY, "weekdays": days}, weekdays),
    st.builds(lambda: {"frequency": Frequency.MONTHLY}),
    st.builds(
        lambda day, sign: {"frequency": Frequency.MONTHLY, "month_day": sign * day},
        st.integers(1, 31),
        st.sampled_from([1, -1]),
    ),
    st.builds(
        lambda number, sign, day: {"frequency": Frequency.MONTHLY, "nth": Nth(sign * number, day)},
        st.integers(1, 5),
        st.sampled_from([1, -1]),
        st.integers(0, 6),
    ),
    st.builds(lambda: {"frequency": Frequency.YEARLY}),
)
hours = st.one_of(st.none(), st.builds(time, st.integers(0, 23), st.integers(0, 59)))
rules = st.builds(
    lambda kind, end, interval, week_start, at: Recurrence(
        **kind, **end, interval=interval, week_start=week_start, at=at
    ),
    kinds,
    ends,
    st.integers(1, LARGEST_INTERVAL),
    st.integers(0, 6),
    hours,
)
starts = st.one_of(st.dates(*EVER), st.datetimes(datetime(1970, 1, 1), datetime(2100, 12, 31)))


@settings(derandomize=True, deadline=None)
@given(rules)
def test_a_rule_is_written_as_it_is_read(rule):
    """
    What a rule writes is read as the same rule, and is no longer than a rule may be.
    """
    assert Recurrence.parse(str(rule)) == rule
    assert Recurrence.parse(f"RRULE:{rule}") == rule


@settings(derandomize=True, deadline=None)
@given(rules, starts)
def test_occurrences_come_after_the_start_in_their_order(rule, start):
    """
    Each is later than the one before, on another day, and none is later than the rule ends; they are as many as asked.
    """
    found = coming(rule, start, 5)
    assert len(found) <= 5
    assert all(type(one) is type(start) for one in found)
    days = [one.date() if isinstance(one, datetime) else one for one in (start, *found)]
    assert all(one < another for one, another in pairwise(days))
    assert days[-1] <= LAST_DAY
    assert coming(rule, start, 3) == found[:3]
    settled = anchored(rule, start)
    if settled.until is not None and found:
        assert days[-1] <= settled.until
    if rule.count is not None:
        assert len(found) < rule.count


@settings(derandomize=True, deadline=None)
@given(rules.filter(lambda rule: rule.at is None), starts)
def test_whoever_goes_on_from_each_occurrence_misses_none(rule, start):
    """
    An anchored rule that goes on from one occurrence to the following finds the same ones as from the start.
    """
    found, now, left = [], start, anchored(rule, start)
    for _ in range(5):
        step = following(left, now)
        if step is None:
            break
        now, left = step
        left = anchored(left, now)
        found.append(now)
    assert found == coming(rule, start, 5)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("RRULE:FREQ=DAILY;INTERVAL=1", "FREQ=DAILY"),
        ("COUNT=3;FREQ=DAILY", "FREQ=DAILY;COUNT=3"),
        ("FREQ=WEEKLY;BYDAY=FR,MO,FR", "FREQ=WEEKLY;BYDAY=MO,FR"),
        ("FREQ=WEEKLY;INTERVAL=02;WKST=SU", "FREQ=WEEKLY;INTERVAL=2;WKST=SU"),
        ("FREQ=WEEKLY;WKST=MO", "FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYMONTHDAY=+15", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("FREQ=MONTHLY;BYDAY=+2TU", "FREQ=MONTHLY;BYDAY=2TU"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("FREQ=YEARLY;UNTIL=20301231", "FREQ=YEARLY;UNTIL=20301231"),
        ("FREQ=YEARLY;UNTIL=20301231T235959", "FREQ=YEARLY;UNTIL=20301231T235959"),
        ("FREQ=YEARLY;UNTIL=20301231T235959Z", "FREQ=YEARLY;UNTIL=20301231T235959Z"),
        ("FREQ=DAILY;BYMINUTE=5;BYHOUR=2", "FREQ=DAILY;BYHOUR=2;BYMINUTE=5"),
    ],
)
def test_what_is_understood(text, canonical):
    """
    A rule is read in any order of its parts, and written in one.
    """
    assert str(Recurrence.parse(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DAILY",
        "freq=daily",
        "FREQ=HOURLY",
        "INTERVAL=2",
        "FREQ=DAILY;",
        ";FREQ=DAILY",
        "FREQ=DAILY\n",
        "FREQ=DAILY;FREQ=DAILY",
        "RRULE:RRULE:FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=\u0662",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=10000",
        "FREQ=DAILY;COUNT=2;UNTIL=20301231",
        "FREQ=DAILY;UNTIL=20300231",
        "FREQ=DAILY;UNTIL=18991231",
        "FREQ=DAILY;UNTIL=20301231T240000",
        "FREQ=DAILY;UNTIL=20301231Z",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=WEEKLY;BYDAY=+MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=2MO,FR",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=-32",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=1MO",
        "FREQ=YEARLY;BYMONTH=2",
        "FREQ=YEARLY;BYMONTHDAY=2",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;BYHOUR=2",
        "FREQ=DAILY;BYMINUTE=2",
        "FREQ=DAILY;BYHOUR=24;BYMINUTE=0",
        "FREQ=DAILY;BYHOUR=2;BYMINUTE=60",
        "FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0",
        "FREQ=DAILY;" + "INTERVAL=1;" * 20,
    ],
)
def test_what_is_not_understood(text):
    """
    What is no rule, or one outside the subset, is refused, and where; people are told what is understood.
    """
    with pytest.raises(InvalidInput) as refusal:
        Recurrence.parse(text)
    assert refusal.value.field == "recurrence"
    assert refusal.value.detail.startswith("A rule is written as in RFC 5545: FREQ=DAILY,")


@pytest.mark.parametrize("number", [-6, 0, 6])
def test_a_month_has_five_of_a_weekday_at_most(number):
    """
    Counted from its start or from its end.
    """
    with pytest.raises(InvalidInput) as refusal:
        Recurrence(Frequency.MONTHLY, nth=Nth(number, 0))
    assert refusal.value.field == "recurrence"


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"FREQ=[A-Z]{5,7}(;[A-Z]{4,10}=[0-9A-Z,+-]{1,8}){0,4}", fullmatch=True))
def test_whatever_is_read_is_a_rule_or_refused(text):
    """
    Nothing else happens, whatever the text.
    """
    try:
        rule = Recurrence.parse(text)
    except InvalidInput:
        return
    assert Recurrence.parse(str(rule)) == rule


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("FREQ=DAILY;COUNT=1", date(2026, 1, 1), []),
        ("FREQ=DAILY;COUNT=3", date(2026, 1, 1), [date(2026, 1, 2), date(2026, 1, 3)]),
        ("FREQ=DAILY;UNTIL=20260102", date(2026, 1, 1), [date(2026, 1, 2)]),
        ("FREQ=DAILY;UNTIL=20260101", date(2026, 1, 1), []),
        ("FREQ=DAILY;UNTIL=19700101", date(2026, 1, 1), []),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE;UNTIL=20260106", date(2026, 1, 1), [date(2026, 1, 5), date(2026, 1, 6)]),
        ("FREQ=DAILY", date(9998, 12, 30), [date(9998, 12, 31)]),
        ("FREQ=DAILY", date(9999, 6, 1), []),
        ("FREQ=DAILY;INTERVAL=999", date(9998, 6, 1), []),
        ("FREQ=WEEKLY;INTERVAL=99", date(9998, 6, 1), []),
        ("FREQ=MONTHLY;INTERVAL=99", date(9998, 6, 1), []),
        ("FREQ=YEARLY;INTERVAL=99", date(9998, 6, 1), []),
        ("FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=12", date(2026, 4, 1), []),
        ("FREQ=YEARLY;INTERVAL=999", date(2024, 2, 29), [date(6020, 2, 29)]),
        ("FREQ=YEARLY", date(2096, 2, 29), [date(year, 2, 29) for year in (2104, 2108, 2112, 2116)]),
        ("FREQ=MONTHLY", date(2026, 1, 31), [date(2026, month, 31) for month in (3, 5, 7, 8)]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 1, 31), [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]),
    ],
)
def test_where_rules_end(text, start, expected):
    """
    A rule ends by its count, on its last day, with the calendar, or before it begins; days that are not are left out.
    """
    found = coming(Recurrence.parse(text), start, 4 if len(expected) == 4 else 3)
    assert found == expected
    assert (following(Recurrence.parse(text), start) is None) == (not expected)


def test_what_is_not_counted_goes_on_as_it_is():
    """
    A rule that counts has one less to come each time; any other stays the same.
    """
    counted, endless = Recurrence(Frequency.DAILY, count=3), Recurrence(Frequency.DAILY)
    start = date(2026, 1, 1)
    assert following(counted, start) == (date(2026, 1, 2), Recurrence(Frequency.DAILY, count=2))
    assert following(endless, start) == (date(2026, 1, 2), endless)


def test_whether_a_rule_goes_on_is_seen_on_the_owners_wall():
    """
    At half past nine in Berlin what is due at nine is in time; in UTC it would not be.
    """
    rule = Recurrence(Frequency.DAILY, until=datetime(2026, 1, 2, 8, 30, tzinfo=UTC))
    assert following(rule, datetime(2026, 1, 1, 9), zone=BERLIN) == (datetime(2026, 1, 2, 9), rule)
    assert following(rule, datetime(2026, 1, 1, 9)) is None


def test_a_month_that_lacks_the_day_does_not_lose_it():
    """
    An anchored rule remembers the 31st of its start; whose day is said already keeps that.
    """
    rule = anchored(Recurrence(Frequency.MONTHLY), date(2026, 1, 31))
    assert rule.month_day == 31
    assert anchored(rule, date(2026, 3, 30)) == rule
    second_tuesday = Recurrence(Frequency.MONTHLY, nth=Nth(2, 1))
    assert anchored(second_tuesday, date(2026, 1, 31)) == second_tuesday


@pytest.mark.parametrize(
    ("until", "zone", "last"),
    [
        (datetime(2026, 12, 31, 23, 59, 59), LOS_ANGELES, date(2026, 12, 31)),
        (datetime(2026, 12, 31, 9), LOS_ANGELES, date(2026, 12, 31)),
        (datetime(2026, 12, 31, 8, 59, 59), LOS_ANGELES, date(2026, 12, 30)),
        (datetime(2027, 1, 1, 7, 59, 59, tzinfo=UTC), LOS_ANGELES, date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), LOS_ANGELES, date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), LOS_ANGELES, date(2026, 12, 30)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), BERLIN, date(2026, 12, 31)),
        (datetime(2026, 12, 31, 8, 0, tzinfo=UTC), BERLIN, date(2026, 12, 31)),
        (datetime(2026, 12, 31, 7, 59, 59, tzinfo=UTC), BERLIN, date(2026, 12, 30)),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), BERLIN, date(9999, 12, 31)),
    ],
)
def test_a_rule_that_ends_at_a_moment_ends_on_a_day(until, zone, last):
    """
    It is the last day on which the time of the start is not too late, on the wall of its owner.
    """
    start = datetime(2026, 12, 1, 9)
    rule = Recurrence(Frequency.DAILY, until=until)
    assert anchored(rule, start, zone=zone).until == last
    assert coming(rule, start, 40, zone=zone)[-1].date() == min(last, date(2027, 1, 10))


def test_what_is_due_on_a_day_ends_on_the_day_of_the_moment():
    """
    A day has no time that could be too late.
    """
    rule = Recurrence(Frequency.DAILY, until=datetime(2026, 12, 31, 0, 0, tzinfo=UTC))
    assert anchored(rule, date(2026, 12, 1), zone=BERLIN).until == date(2026, 12, 31)
    assert anchored(rule, date(2026, 12, 1), zone=LOS_ANGELES).until == date(2026, 12, 30)


@pytest.mark.parametrize(
    ("start", "at", "kept"),
    [
        (datetime(2026, 3, 29, 3, 30), time(2, 30), True),
        (datetime(2026, 3, 29, 3, 30, 15), time(2, 30), True),
        (datetime(2026, 3, 29, 3, 30), time(2, 31), False),
        (datetime(2026, 3, 29, 3, 30), time(3, 30), False),
        (datetime(2026, 3, 30, 3, 30), time(2, 30), False),
        (date(2026, 3, 29), time(2, 30), False),
    ],
)
def test_a_time_of_its_own_is_kept_where_the_clocks_skip_it(start, at, kept):
    """
    Where the start shows a time only because the clocks skipped the one that is meant, that one is remembered.
    """
    rule = Recurrence(Frequency.DAILY, at=at)
    assert (anchored(rule, start, zone=BERLIN).at == at) is kept
