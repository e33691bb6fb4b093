"""
Recurrence: when something is to be done again, a subset of the RRULE of RFC 5545 §3.3.10.

Days and times are the owner's, as the clock on the wall shows them: what is due at nine stays due at nine when the
clocks change.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from todo_core.errors import InvalidInput
from todo_core.model.wall_clock import as_shown

LONGEST_RULE = 200
"""Characters."""

LARGEST_INTERVAL = 999
LARGEST_COUNT = 9_999

LAST_DAY = date(9998, 12, 31)
"""After which nothing is due: a day on, it may be the year 10000 somewhere on earth, which no ``datetime`` knows."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNDERSTOOD = (
    "A rule is written as in RFC 5545: FREQ=DAILY, WEEKLY (BYDAY=MO,FR), MONTHLY (BYMONTHDAY=15 or BYDAY=2TU) or"
    " YEARLY, with INTERVAL, and with COUNT or UNTIL (a day)."
)

Moment = TypeVar("Moment", date, datetime)


class Frequency(StrEnum):
    """
    How long a period of a rule is.
    """

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


def _in_order(weekdays: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(weekdays)))


@frozen
class Nth:
    """
    A weekday (0 is Monday) of a month: the first is 1, the last is -1.
    """

    number: int
    weekday: int


@frozen
class Recurrence:
    """
    A rule: every so many days, weeks, months or years.

    ``weekdays`` are for weeks, ``month_day`` (from the end when it is negative) or ``nth`` for months; without them the
    day of the start is meant. ``count`` counts occurrences, the start among them; ``until`` is the last day, or the
    last moment, in UTC or on the wall. ``at`` is the hour and minute that are meant where the start shows others,
    because the clocks skipped them that day.

    Raises:
        InvalidInput: the parts do not go together.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = field(default=(), converter=_in_order)
    month_day: int | None = None
    nth: Nth | None = None
    count: int | None = None
    until: date | None = None
    week_start: int = 0
    at: time | None = None

    def __attrs_post_init__(self) -> None:
        fits = (
            1 <= self.interval <= LARGEST_INTERVAL
            and (self.count is None or 1 <= self.count <= LARGEST_COUNT)
            and not (self.count is not None and self.until is not None)
            and not (self.weekdays and self.frequency is not Frequency.WEEKLY)
            and not ((self.month_day is not None or self.nth is not None) and self.frequency is not Frequency.MONTHLY)
            and not (self.month_day is not None and self.nth is not None)
            and (self.month_day is None or 1 <= abs(self.month_day) <= 31)  # noqa: PLR2004 - days of a month
            and (self.nth is None or 1 <= abs(self.nth.number) <= 5)  # noqa: PLR2004 - weeks of a month
        )
        if not fits:
            raise _not_understood()

    def __str__(self) -> str:
        parts = {
            "FREQ": self.frequency,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYDAY": ",".join(_WEEKDAYS[day] for day in self.weekdays),
            "BYMONTHDAY": "" if self.month_day is None else str(self.month_day),
            "COUNT": "" if self.count is None else str(self.count),
            "UNTIL": "" if self.until is None else _written(self.until),
            "WKST": _WEEKDAYS[self.week_start] if self.week_start else "",
            "BYHOUR": "" if self.at is None else str(self.at.hour),
            "BYMINUTE": "" if self.at is None else str(self.at.minute),
        }
        if self.nth is not None:
            parts["BYDAY"] = f"{self.nth.number}{_WEEKDAYS[self.nth.weekday]}"
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    @classmethod
    def parse(cls, text: str) -> Recurrence:
        """
        Return the rule that *text* writes.

        Raises:
            InvalidInput: it is none, or one that is not understood.
        """
        match = _RULE.fullmatch(text.removeprefix("RRULE:")) if len(text) <= LONGEST_RULE else None
        if match is None:
            raise _not_understood()
        pairs = [part.split("=", 1) for part in text.removeprefix("RRULE:").split(";")]
        parts = dict(pairs)
        if len(parts) != len(pairs) or "FREQ" not in parts or ("BYHOUR" in parts) != ("BYMINUTE" in parts):
            raise _not_understood()
        try:
            return cls(**_fields(parts))
        except ValueError:  # a day or a time that there is not
            raise _not_understood() from None


_PART = (
    r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)|INTERVAL=[0-9]{1,3}|COUNT=[0-9]{1,4}"
    r"|UNTIL=(?:19|[2-9][0-9])[0-9]{6}(?:T[0-9]{6}Z?)?"
    r"|WKST=(?:MO|TU|WE|TH|FR|SA|SU)|BYMONTHDAY=[+-]?[0-9]{1,2}|BYHOUR=[0-9]{1,2}|BYMINUTE=[0-9]{1,2}"
    r"|BYDAY=[+-]?[1-5]?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:MO|TU|WE|TH|FR|SA|SU)){0,6}"
)
_RULE = re.compile(rf"(?:{_PART})(?:;(?:{_PART})){{0,7}}")
_NTH = re.compile(r"([+-]?[1-5])([A-Z]{2})")


def _not_understood() -> InvalidInput:
    return InvalidInput(_UNDERSTOOD, field="recurrence")


def _fields(parts: dict[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"frequency": Frequency(parts["FREQ"])}
    for name, key in (("INTERVAL", "interval"), ("COUNT", "count"), ("BYMONTHDAY", "month_day")):
        if name in parts:
            fields[key] = int(parts[name])
    if "UNTIL" in parts:
        fields["until"] = _read(parts["UNTIL"])
    if "WKST" in parts:
        fields["week_start"] = _WEEKDAYS.index(parts["WKST"])
    if "BYHOUR" in parts:
        fields["at"] = time(int(parts["BYHOUR"]), int(parts["BYMINUTE"]))
    if "BYDAY" in parts:
        nth = _NTH.fullmatch(parts["BYDAY"])
        if nth is not None:
            fields["nth"] = Nth(int(nth[1]), _WEEKDAYS.index(nth[2]))
        else:
            fields["weekdays"] = [_WEEKDAYS.index(day) for day in parts["BYDAY"].split(",")]
    return fields


def _read(until: str) -> date:
    return datetime.fromisoformat(until) if "T" in until else date.fromisoformat(until)


def _written(until: date) -> str:
    moment = f"T{until:%H%M%S}{'Z' if until.tzinfo else ''}" if isinstance(until, datetime) else ""
    return f"{until.isoformat()[:10].replace('-', '')}{moment}"


def coming(rule: Recurrence, start: Moment, number: int, *, zone: tzinfo = UTC) -> list[Moment]:
    """
    Return the next *number* occurrences after *start*, fewer where the rule ends.

    *zone* tells what the wall shows when the rule ends at a moment in UTC.
    """
    left = number if rule.count is None else min(number, rule.count - 1)
    settled = _settled(rule, start, zone)
    return [_on(day, start, rule.at) for day in islice(_days(settled, _day(start)), max(left, 0))]


def following(rule: Recurrence, start: Moment, *, zone: tzinfo = UTC) -> tuple[Moment, Recurrence] | None:
    """
    Return the first occurrence after *start*, and the rule as it goes on from there; None when it has ended.
    """
    found = coming(rule, start, 1, zone=zone)
    if not found:
        return None
    return found[0], rule if rule.count is None else evolve(rule, count=rule.count - 1)


def anchored(rule: Recurrence, start: date, *, zone: tzinfo = UTC) -> Recurrence:
    """
    Return the rule with all that it owes to its *start*, so that it keeps it when it goes on from a later one.

    That is the day of the month, where a later month may lack it; the last day, where the rule ends at a moment; and
    the time ``at``, which is dropped where *start* is not what the clocks in *zone* show instead of it.
    """
    return evolve(_settled(rule, start, zone), at=rule.at if _is_skipped(rule.at, start, zone) else None)


def _settled(rule: Recurrence, start: date, zone: tzinfo) -> Recurrence:
    by_day = rule.frequency is Frequency.MONTHLY and rule.month_day is None and rule.nth is None
    return evolve(
        rule,
        month_day=start.day if by_day else rule.month_day,
        until=_last_day(rule.until, start, zone) if isinstance(rule.until, datetime) else rule.until,
    )


def _last_day(until: datetime, start: date, zone: tzinfo) -> date:
    """
    Return the last day on which what is due at the time of *start* is due by *until*.
    """
    try:
        shown = until if until.tzinfo is None else until.astimezone(zone)
    except OverflowError:  # the last hours of the year 9999, as good as never
        shown = until
    too_early = isinstance(start, datetime) and shown.time() < start.time()
    return shown.date() - timedelta(days=too_early)


def _is_skipped(at: time | None, start: date, zone: tzinfo) -> bool:
    if at is None or not isinstance(start, datetime):
        return False
    meant = _on(start.date(), start, at)
    return meant != start and as_shown(meant, zone) == start


def _day(start: date) -> date:
    return start.date() if isinstance(start, datetime) else start


def _on(day: date, start: Moment, at: time | None) -> Moment:
    if not isinstance(start, datetime):
        return day
    shown = start.time()
    return datetime.combine(day, shown if at is None else shown.replace(hour=at.hour, minute=at.minute))


def _days(rule: Recurrence, start: date) -> Iterator[date]:
    """
    Yield the days after *start*, as long as the rule and the calendar go on.
    """
    last = min(rule.until or LAST_DAY, LAST_DAY)
    for period in range((last - start).days + 2):
        try:
            days = _PERIODS[rule.frequency](rule, start, period * rule.interval)
        except (OverflowError, ValueError):  # the calendar ends with the year 9999
            return
        if days and days[0] > last:
            return
        yield from (day for day in days if start < day <= last)


def _in_days(_: Recurrence, start: date, number: int) -> list[date]:
    return [start + timedelta(days=number)]


def _in_weeks(rule: Recurrence, start: date, number: int) -> list[date]:
    first = start - timedelta(days=(start.weekday() - rule.week_start) % 7) + timedelta(weeks=number)
    wanted = rule.weekdays or (start.weekday(),)
    return [day for day in (first + timedelta(days=offset) for offset in range(7)) if day.weekday() in wanted]


def _in_months(rule: Recurrence, start: date, number: int) -> list[date]:
    year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
    return _of_month(rule, date(year, month + 1, 1))


def _of_month(rule: Recurrence, first: date) -> list[date]:
    length = calendar.monthrange(first.year, first.month)[1]
    if rule.nth is not None:
        days = [day for day in range(1, length + 1) if (first.weekday() + day - 1) % 7 == rule.nth.weekday]
        index = rule.nth.number - 1 if rule.nth.number > 0 else len(days) + rule.nth.number
        return [first.replace(day=days[index])] if 0 <= index < len(days) else []
    wanted = rule.month_day or 1
    day = wanted if wanted > 0 else length + 1 + wanted
    return [first.replace(day=day)] if 1 <= day <= length else []


def _in_years(_: Recurrence, start: date, number: int) -> list[date]:
    year = start.year + number
    if year > date.max.year:
        raise OverflowError
    is_missing = (start.month, start.day) == (2, 29) and not calendar.isleap(year)
    return [] if is_missing else [start.replace(year=year)]


_PERIODS = {
    Frequency.DAILY: _in_days,
    Frequency.WEEKLY: _in_weeks,
    Frequency.MONTHLY: _in_months,
    Frequency.YEARLY: _in_years,
}
