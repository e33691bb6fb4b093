"""
The words in which a day, a moment or a rule is given.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import click

CLEARED = "none"
"""Clears what it is given for."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = {"today": 0, "tomorrow": 1}
_RULES = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY"}

_UNDERSTOOD = "today, tomorrow, a weekday or 2026-12-31, with a time behind it such as 14:00"


def day_or_moment(text: str, *, now: datetime) -> date | datetime:
    """
    Return the day, or the moment in the time zone of this machine, that *text* names.

    ``today``, ``tomorrow``, a weekday (the next one, not today) or ``2026-12-31``, with a time behind it or without;
    or RFC 3339 with its own offset.

    Raises:
        ValueError: it names none.
    """
    word, _, clock = text.strip().partition(" ")
    day = _day(word.lower(), now.date())
    if day is None:
        return datetime.fromisoformat(text.strip()).astimezone()
    if not clock:
        return day
    return datetime.combine(day, time.fromisoformat(clock.strip().zfill(len("00:00")))).astimezone()


def rule_of(text: str) -> str:
    """
    Return the RRULE (RFC 5545) that *text* is, or that a word such as ``weekly`` means.
    """
    word = text.strip()
    return f"FREQ={_RULES[word.lower()]}" if word.lower() in _RULES else word


class _Due(click.ParamType[dict[str, str | None]]):
    name = "DAY [TIME]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str | None]:
        """
        Return both fields that say when a todo is due: the one that is not said is cleared.
        """
        due: dict[str, str | None] = {"due_date": None, "due_at": None}
        if value == CLEARED:
            return due
        found = _found(value)
        if found is None:
            self.fail(f"{value!r} is no day: {_UNDERSTOOD}.", param, ctx)
        return {**due, ("due_at" if isinstance(found, datetime) else "due_date"): found.isoformat()}


class _Reminder(click.ParamType[dict[str, str | None]]):
    name = "DAY TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str | None]:
        """
        Return the field that says when to remind.
        """
        if value == CLEARED:
            return {"remind_at": None}
        found = _found(value)
        if not isinstance(found, datetime):
            self.fail(f"{value!r} is no day with a time: {_UNDERSTOOD}.", param, ctx)
        return {"remind_at": found.isoformat()}


class _Rule(click.ParamType[dict[str, str | None]]):
    name = "RULE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str | None]:
        """
        Return the field that says how a todo recurs.
        """
        del param, ctx  # the service knows what a rule is
        return {"recurrence": None if value == CLEARED else rule_of(value)}


DUE = _Due()
REMINDER = _Reminder()
RULE = _Rule()


def _found(text: str) -> date | datetime | None:
    try:
        return day_or_moment(text, now=datetime.now().astimezone())
    except (ValueError, OverflowError):
        return None


def _day(word: str, today: date) -> date | None:
    if word in _DAYS:
        return today + timedelta(days=_DAYS[word])
    if word in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS.index(word) - today.weekday() - 1) % 7 + 1)
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None
