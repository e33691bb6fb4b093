"""
Time zones as iCalendar has them (RFC 5545 §3.6.5).

The library's own have each clock put forward an hour too late: an onset is told by the clock as it was before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import frozen
from icalendar import Component, Timezone, TimezoneDaylight, TimezoneStandard

_FIRST = int(datetime(1970, 1, 1, tzinfo=UTC).timestamp())
_LAST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_WEEK = 7 * 24 * 60 * 60
"""Seconds; no clocks were put forward and back within one since 1970."""


@frozen
class _Shown:
    """
    What the clocks go by: how far they are from UTC, and what that is called.
    """

    offset: timedelta
    is_daylight: bool
    name: str


@lru_cache(maxsize=64)
def vtimezone(key: str) -> bytes:
    """
    Return the time zone that the IANA calls *key*, from 1970 to 2100; it takes some hundredths of a second.
    """
    zone = ZoneInfo(key)
    onsets: dict[tuple[_Shown, timedelta], list[datetime]] = {}
    for second, before, after in _changes(zone):
        wall = datetime.fromtimestamp(second, UTC).replace(tzinfo=None) + before.offset
        onsets.setdefault((after, before.offset), []).append(wall)
    component = Timezone()
    _add(component, "tzid", key)
    for (after, offset_before), walls in onsets.items():
        component.add_component(_observance(after, offset_before, walls))
    return bytes(component.to_ical())


def _observance(shown: _Shown, offset_before: timedelta, walls: list[datetime]) -> Component:
    component = TimezoneDaylight() if shown.is_daylight else TimezoneStandard()
    first, *others = walls
    _add(component, "dtstart", first)
    if others:
        _add(component, "rdate", others)
    _add(component, "tzname", shown.name)
    _add(component, "tzoffsetfrom", offset_before)
    _add(component, "tzoffsetto", shown.offset)
    return component


def _add(component: Component, name: str, value: object) -> None:
    component.add(name, value)  # pyright: ignore[reportUnknownMemberType]  # the library's values are untyped


def _changes(zone: ZoneInfo) -> Iterator[tuple[int, _Shown, _Shown]]:
    """
    Yield each second at which the clocks in *zone* are changed, with what they go by before and after.

    The first is no change: from there on it is told.
    """
    shown = _shown(zone, _FIRST)
    yield _FIRST, shown, shown
    for second in range(_FIRST, _LAST, _WEEK):
        after = _shown(zone, second + _WEEK)
        if after != shown:
            yield _change_between(zone, second, second + _WEEK), shown, after
            shown = after


def _change_between(zone: ZoneInfo, before: int, after: int) -> int:
    old = _shown(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _shown(zone, middle) == old else (before, middle)
    return after


def _shown(zone: ZoneInfo, second: int) -> _Shown:
    moment = datetime.fromtimestamp(second, zone)
    return _Shown(moment.utcoffset() or timedelta(), bool(moment.dst()), moment.tzname() or "")
