"""
What a terminal shows: columns that stand, words for days, and nothing that a terminal would obey.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from wcwidth import wcswidth, wcwidth

from todo_web.cli.mine.told import TodoJson

PRIORITY_MARKS = {"none": "", "low": "!", "medium": "!!", "high": "!!!"}

_OBEYED = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows: a title could hide what it says (CVE-2021-42574)."""

_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_WEEK = 7
"""Days that are called by their weekday."""


def harmless(text: str) -> str:
    r"""
    Return *text* with what a terminal would obey written out, such as ``\x1b``.
    """
    return "".join(_written_out(character) for character in text)


def padded(text: str, width: int) -> str:
    """
    Return *text* with blanks behind it up to *width* columns, of which a wide character takes two.
    """
    return text + " " * (width - columns_of(text))


def cut(text: str, width: int) -> str:
    """
    Return *text*, or as much of it as fits into *width* columns with an ellipsis.
    """
    if columns_of(text) <= width:
        return text
    taken, used = "", 1
    for character in text:
        used += max(wcwidth(character), 0)
        if used > width:
            break
        taken += character
    return f"{taken}…"


def columns_of(text: str) -> int:
    """
    Return how many columns *text* takes.
    """
    return max(wcswidth(text), 0)


def aligned(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    """
    Return the *rows* with cells as wide as the widest of their column; columns that are empty are left out.
    """
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    widths = [max(map(columns_of, column)) for column in columns]
    padded_columns = [[padded(cell, width) for cell in column] for column, width in zip(columns, widths, strict=True)]
    return [list(row) for row in zip(*padded_columns, strict=True)]


def due_of(todo: TodoJson, *, now: datetime) -> str:
    """
    Say when *todo* is due, as seen from *now*: ``today``, ``Friday 14:00``, ``overdue, yesterday``.
    """
    due, clock = _day_and_clock(todo)
    if due is None:
        return ""
    said = f"{_day(due, now.date())} {clock}".strip()
    return f"overdue, {said}" if is_overdue(todo, now=now) else said


def is_overdue(todo: TodoJson, *, now: datetime) -> bool:
    """
    Tell whether *todo* is open and its day, or its moment, is over.
    """
    if todo["completed"]:
        return False
    if todo["due_at"] is not None:
        return datetime.fromisoformat(todo["due_at"]) < now
    return todo["due_date"] is not None and date.fromisoformat(todo["due_date"]) < now.date()


def is_due_today(todo: TodoJson, *, now: datetime) -> bool:
    """
    Tell whether *todo* is due on the day of *now*.
    """
    return _day_and_clock(todo)[0] == now.date()


def moment(text: str) -> str:
    """
    Return the moment that *text* (RFC 3339) names, as the clock of this machine shows it.
    """
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"


def _day_and_clock(todo: TodoJson) -> tuple[date | None, str]:
    if todo["due_at"] is not None:
        at = datetime.fromisoformat(todo["due_at"]).astimezone()
        return at.date(), f"{at:%H:%M}"
    return (None if todo["due_date"] is None else date.fromisoformat(todo["due_date"])), ""


def _day(day: date, today: date) -> str:
    distance = (day - today).days
    if distance in _NEAR:
        return _NEAR[distance]
    return f"{day:%A}" if 0 < distance < _WEEK else f"{day:%Y-%m-%d}"


def _written_out(character: str) -> str:
    if unicodedata.category(character) in _OBEYED or character in _TURNING:
        return character.encode("unicode_escape").decode("ascii")
    return character
