"""
Todos that recur: when they are due again, and the todo that follows one which is done.

A recurring todo keeps its time on the wall of its owner: what is due at nine stays due at nine when the clocks change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from attrs import evolve, frozen

from todo_core.model.ids import TodoId
from todo_core.model.recurrence import Recurrence, anchored, coming, following
from todo_core.model.todo import Todo
from todo_core.model.wall_clock import as_shown, moment_of, wall_of

MOST_COMING = 100
"""Occurrences that are listed at once."""


def with_anchor(todo: Todo, zone: tzinfo) -> Todo:
    """
    Return the *todo* with a rule that knows its start, so that it can go on from a later one.
    """
    start = _due(todo, zone)
    if todo.recurrence is None or start is None:
        return todo
    return evolve(todo, recurrence=anchored(todo.recurrence, start, zone=zone))


def coming_of(todo: Todo, number: int, zone: tzinfo) -> Sequence[date]:
    """
    Return when the *todo* is due again, the next *number* times or fewer: days, or moments in UTC.
    """
    start = _due(todo, zone)
    if todo.recurrence is None or start is None:
        return []
    found = coming(anchored(todo.recurrence, start, zone=zone), start, number)
    return [moment_of(due, zone) if isinstance(due, datetime) else due for due in found]


def next_of(done: Todo, steps: Sequence[Todo], *, ids: Sequence[TodoId], now: datetime, zone: tzinfo) -> Sequence[Todo]:
    """
    Return what follows on the recurring todo that is *done*, and its *steps* behind it; nothing where its rule ends.

    All are open, and each date about them comes as many days later, at the same time on the wall. There is one of
    *ids* for each, in this order.
    """
    start = _due(done, zone)
    if done.recurrence is None or start is None:
        return []
    rule = anchored(done.recurrence, start, zone=zone)
    found = following(rule, start)
    if found is None:
        return []
    due, rule_left = found
    later = _Later((_day(due) - _day(start)).days, _slip(rule, start), zone)
    todo = _anew(
        done,
        now,
        id=ids[0],
        recurrence=evolve(rule_left, at=_skipped(due, zone)),
        due_at=moment_of(due, zone) if isinstance(due, datetime) else None,
        due_date=None if isinstance(due, datetime) else due,
        remind_at=later.moment(done.remind_at),
    )
    return [todo, *(later.step(step, todo.id, step_id, now) for step, step_id in zip(steps, ids[1:], strict=True))]


@frozen
class _Later:
    """
    So many *days* later, on the wall in *zone*, whose clocks were *slip* late for what was meant on the day before.
    """

    days: int
    slip: timedelta
    zone: tzinfo

    def moment(self, moment: datetime | None) -> datetime | None:
        """
        Return the moment at which the clocks show the same, or None where the calendar ends before it.
        """
        try:
            return None if moment is None else moment_of(self._meant(moment) + timedelta(days=self.days), self.zone)
        except OverflowError:
            return None

    def step(self, step: Todo, parent_id: TodoId, step_id: TodoId, now: datetime) -> Todo:
        """
        Return the *step* anew, as one of another todo.
        """
        try:
            due_date = None if step.due_date is None else step.due_date + timedelta(days=self.days)
        except OverflowError:
            due_date = None
        return _anew(
            step,
            now,
            id=step_id,
            parent_id=parent_id,
            due_at=self.moment(step.due_at),
            due_date=due_date,
            remind_at=self.moment(step.remind_at),
        )

    def _meant(self, moment: datetime) -> datetime:
        shown = wall_of(moment, self.zone)
        skipped = shown - self.slip
        return skipped if as_shown(skipped, self.zone) == shown else shown


def _anew(todo: Todo, now: datetime, **fields: Any) -> Todo:
    return evolve(todo, created_at=now, updated_at=now, completed_at=None, version=1, **fields)


def _due(todo: Todo, zone: tzinfo) -> date | None:
    """
    Return the day on which the *todo* is due, or what the wall shows then, as a ``datetime``.
    """
    return todo.due_date if todo.due_at is None else wall_of(todo.due_at, zone)


def _day(due: date) -> date:
    return due.date() if isinstance(due, datetime) else due


def _slip(rule: Recurrence, start: date) -> timedelta:
    if rule.at is None or not isinstance(start, datetime):
        return timedelta(0)
    return start - start.replace(hour=rule.at.hour, minute=rule.at.minute)


def _skipped(due: date, zone: tzinfo) -> time | None:
    """
    Return the hour and minute at which it is *due*, if the clocks skip them that day.
    """
    if isinstance(due, datetime) and as_shown(due, zone) != due:
        return time(due.hour, due.minute)
    return None
