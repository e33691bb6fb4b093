"""
Todos as iCalendar (RFC 5545), for calendar programs: component by component, so that any number can be streamed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, TypeGuard
from zoneinfo import ZoneInfo

from attrs import evolve
from icalendar import Calendar, Component, Event, vDuration, vRecur
from icalendar import Todo as Vtodo

from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import Priority, Todo
from todo_web.files.time_zones import vtimezone

MEDIA_TYPE = "text/calendar"

Kind = Literal["todo", "event"]
"""What a todo becomes: most calendar programs show events only."""

_NAME = "Todos"
_HOURLY = vDuration(timedelta(hours=1), params={"VALUE": "DURATION"})
_END = b"END:VCALENDAR\r\n"
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_PRIORITIES = {Priority.HIGH: 1, Priority.MEDIUM: 5, Priority.LOW: 9}
"""RFC 5545 §3.8.1.9: 1 is the highest."""

_END_OF_DAY = time(23, 59, 59)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


async def write_icalendar(
    pages: AsyncIterator[Sequence[Todo]], *, zone: tzinfo, kind: Kind = "todo", named: bool = False
) -> AsyncIterator[bytes]:
    """
    Yield the calendar page by page; *named*, it tells a program what to call it and how often to look.

    What recurs at a time of day does so in the owner's *zone*. A page takes some tenths of a second, in a thread.
    """
    yield await asyncio.to_thread(_head, zone, named=named)
    async for page in pages:
        yield await asyncio.to_thread(_components, page, zone, kind)
    yield _END


def _head(zone: tzinfo, *, named: bool) -> bytes:
    calendar = Calendar()
    properties: dict[str, object] = {"prodid": "-//todo-app//todos//EN", "version": "2.0", "calscale": "GREGORIAN"}
    if named:
        properties |= {"name": _NAME, "x-wr-calname": _NAME, "refresh-interval": _HOURLY, "x-published-ttl": "PT1H"}
    head = _written(calendar, properties).removesuffix(_END)
    return head + vtimezone(zone.key) if _is_named(zone) else head


def _is_named(zone: tzinfo) -> TypeGuard[ZoneInfo]:
    """
    Tell whether calendar programs need to be told of *zone*.
    """
    return isinstance(zone, ZoneInfo) and zone.key != "UTC"


def _components(todos: Sequence[Todo], zone: tzinfo, kind: Kind) -> bytes:
    if kind == "event":
        return b"".join(_written(Event(), _common(todo) | _event(todo, zone)) for todo in todos)
    return b"".join(_written(Vtodo(), _common(todo) | _todo(todo, zone)) for todo in todos)


def _written(component: Component, properties: Mapping[str, object]) -> bytes:
    for name, value in properties.items():
        if value is not None:
            component.add(name, value)  # pyright: ignore[reportUnknownMemberType]  # its values are untyped
    return bytes(component.to_ical())


def _common(todo: Todo) -> dict[str, object]:
    return {
        "uid": str(todo.id),
        "dtstamp": todo.updated_at,
        "created": todo.created_at,
        "last-modified": todo.updated_at,
        "summary": _plain(todo.title),
        "description": _plain(todo.notes) if todo.notes else None,
        "priority": _PRIORITIES.get(todo.priority),
        "categories": [_plain(tag) for tag in todo.tags] or None,
    }


def _todo(todo: Todo, zone: tzinfo) -> dict[str, object]:
    """
    Return what makes *todo* a VTODO.

    What recurs has a start, from which it does so (RFC 5545 §3.8.5.3), and must not end with it: a duration stands for
    the day, or for as long as there is on the clock.
    """
    state: dict[str, object] = {
        "status": "COMPLETED" if todo.completed else "NEEDS-ACTION",
        "completed": todo.completed_at,
        "related-to": None if todo.parent_id is None else str(todo.parent_id),
    }
    due = _due(todo, zone)
    if due is None or todo.recurrence is None:
        return state | {"due": due}
    duration = _MINUTE if isinstance(due, datetime) else _DAY
    return state | {"dtstart": due, "duration": duration, "rrule": _rule(todo.recurrence, due, zone)}


def _event(todo: Todo, zone: tzinfo) -> dict[str, object]:
    """
    Return what makes *todo* a VEVENT: of a whole day, or of a moment, and nobody is busy because of it.
    """
    due = _due(todo, zone)
    rule = None if due is None or todo.recurrence is None else _rule(todo.recurrence, due, zone)
    return {"transp": "TRANSPARENT", "dtstart": due, "rrule": rule}


def _due(todo: Todo, zone: tzinfo) -> date | None:
    """
    Return the day or the moment; what recurs does so on the owner's clock, everything else in UTC.
    """
    if todo.due_at is None or todo.recurrence is None or not _is_named(zone):
        return todo.due_at or todo.due_date
    return todo.due_at.astimezone(zone)


def _rule(rule: Recurrence, due: date, zone: tzinfo) -> Mapping[str, object]:
    """
    Return the *rule*, its end written as RFC 5545 §3.3.10 wants it: as a day for days, else in UTC.
    """
    written: dict[str, object] = dict(vRecur.from_ical(str(evolve(rule, until=None))))
    if rule.until is not None:
        written["UNTIL"] = _end(rule.until, zone) if isinstance(due, datetime) else _day(rule.until, zone)
    return written


def _end(until: date, zone: tzinfo) -> datetime:
    moment = until if isinstance(until, datetime) else datetime.combine(until, _END_OF_DAY)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _day(until: date, zone: tzinfo) -> date:
    if not isinstance(until, datetime):
        return until
    return (until.astimezone(zone) if until.tzinfo else until).date()


def _plain(text: str) -> str:
    """
    Return *text* with what RFC 5545 §3.3.11 has no room for as blanks, and all that ends a line as one thing.
    """
    return _CONTROLS.sub(" ", _BREAKS.sub("\n", text))
