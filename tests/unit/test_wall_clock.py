from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo_core.model.wall_clock import as_shown, moment_of, wall_of

# ruff: noqa: DTZ001 - what a wall shows has no time zone

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "UTC",
]


@pytest.mark.parametrize(
    ("zone", "wall", "moment", "shown"),
    [
        ("Europe/Berlin", (2026, 3, 29, 1, 59), (2026, 3, 29, 0, 59), (2026, 3, 29, 1, 59)),
        ("Europe/Berlin", (2026, 3, 29, 2, 30), (2026, 3, 29, 1, 30), (2026, 3, 29, 3, 30)),
        ("Europe/Berlin", (2026, 3, 29, 3, 0), (2026, 3, 29, 1, 0), (2026, 3, 29, 3, 0)),
        ("Europe/Berlin", (2026, 10, 25, 2, 30), (2026, 10, 25, 0, 30), (2026, 10, 25, 2, 30)),
        ("Europe/Berlin", (2026, 10, 25, 3, 0), (2026, 10, 25, 2, 0), (2026, 10, 25, 3, 0)),
        ("America/New_York", (2026, 3, 8, 2, 30), (2026, 3, 8, 7, 30), (2026, 3, 8, 3, 30)),
        ("America/New_York", (2026, 11, 1, 1, 30), (2026, 11, 1, 5, 30), (2026, 11, 1, 1, 30)),
        ("Asia/Kolkata", (2026, 3, 29, 2, 30), (2026, 3, 28, 21, 0), (2026, 3, 29, 2, 30)),
        ("Australia/Lord_Howe", (2026, 10, 4, 2, 15), (2026, 10, 3, 15, 45), (2026, 10, 4, 2, 45)),
        ("Australia/Lord_Howe", (2026, 4, 5, 1, 45), (2026, 4, 4, 14, 45), (2026, 4, 5, 1, 45)),
    ],
)
def test_what_clocks_skip_comes_later_and_what_they_show_twice_is_the_first(zone, wall, moment, shown):
    """
    Berlin and New York skip an hour in spring and show one twice in autumn, Lord Howe half an hour, Kolkata none.
    """
    clocks = ZoneInfo(zone)
    assert moment_of(datetime(*wall), clocks) == datetime(*moment, tzinfo=UTC)
    assert as_shown(datetime(*wall), clocks) == datetime(*shown)


def test_a_time_that_is_shown_twice_is_shown_as_one():
    """
    What the wall shows does not tell which of the two it is.
    """
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    walls = [wall_of(first, berlin), wall_of(first + timedelta(hours=1), berlin)]
    assert walls == [datetime(2026, 10, 25, 2, 30)] * 2
    assert {wall.fold for wall in walls} == {0}


@settings(derandomize=True, deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)), st.sampled_from(ZONES))
def test_what_is_shown_is_shown_again(wall, zone):
    """
    A wall never shows less than was asked for, and what it shows stands for itself.
    """
    clocks = ZoneInfo(zone)
    shown = as_shown(wall, clocks)
    assert shown >= wall
    assert as_shown(shown, clocks) == shown
    assert moment_of(shown, clocks) == moment_of(wall, clocks)
