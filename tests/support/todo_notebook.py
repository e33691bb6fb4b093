"""
What somebody's todos and lists should be, in plain dictionaries: the judge of ``tests.support.todo_machine``.

It knows nothing of the core's classes but their fields' names, and does what the documentation says: a write changes
what was sent and what is said to follow from it, once, or it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define, evolve, field

from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, RetryKeyReused

Row = dict[str, Any]

DAY = timedelta(days=1)
BIN_KEPT, CHANGES_KEPT, ANSWERS_KEPT = 30 * DAY, 7 * DAY, DAY
RULES = {
    "FREQ=DAILY": (1, "FREQ=DAILY"),
    "FREQ=DAILY;INTERVAL=3": (3, "FREQ=DAILY;INTERVAL=3"),
    "FREQ=WEEKLY": (7, "FREQ=WEEKLY"),
    "FREQ=DAILY;COUNT=2": (1, "FREQ=DAILY;COUNT=1"),
    "FREQ=DAILY;COUNT=1": None,
}
"""How many days later each is due again, and by which rule; None where it ends."""

_NEW_TODO: Row = {
    "list_id": None,
    "parent_id": None,
    "notes": None,
    "completed_at": None,
    "priority": 0,
    "due_at": None,
    "due_date": None,
    "tags": (),
    "recurrence": None,
    "remind_at": None,
    "deleted_at": None,
    "version": 1,
    "position": None,
}


class Refused(Exception):
    """
    A write is to be refused with this *error*.
    """

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self.error = error


@define
class Answered:
    """
    What was *asked* under a key, and the *words* in which it was answered.
    """

    asked: object
    words: bytes | None
    at: datetime


@define
class Notebook:
    """
    Todos and lists by their ids, changes in any order, answers by their keys.

    What is new is *unnamed*: it has a number for an id and maybe no position, until somebody tells what it got.
    """

    owner_id: UUID
    todos: dict[UUID, Row] = field(factory=dict[UUID, Row])
    lists: dict[UUID, Row] = field(factory=dict[UUID, Row])
    changes: list[Row] = field(factory=list[Row])
    answers: dict[str, Answered] = field(factory=dict[str, Answered])
    unnamed: list[UUID] = field(factory=list[UUID])
    written: int = 0
    born: int = 0

    def copy(self) -> Notebook:
        """
        Return another one with the same in it.
        """
        rows = (self.todos, self.lists)
        todos, lists = ({key: {**row} for key, row in table.items()} for table in rows)
        changes, answers = [{**change} for change in self.changes], {**self.answers}
        return evolve(self, todos=todos, lists=lists, changes=changes, answers=answers, unnamed=[*self.unnamed])

    def add(self, fields: Row, now: datetime) -> Row:
        """
        Add a todo with these *fields*.
        """
        row = {**_NEW_TODO, "title": None, **_said(fields, None, now), "owner_id": self.owner_id}
        row |= {"created_at": now, "updated_at": now, "id": self._unborn()}
        self._place(row, list_said="list_id" in fields)
        self._check(row, None, now)
        self._note("todo", "added", row, now)
        self.todos[row["id"]] = row
        return row

    def edit(self, todo_id: UUID, changes: Row, seen: int | None, now: datetime) -> Row:
        """
        Change of a todo what *changes* say, and what follows from it.
        """
        before = self._seen(todo_id, seen)
        row = {**before, **_said(changes, before["completed_at"], now)}
        if row == before:
            return row
        self._check(row, before, now)
        if row["parent_id"] not in {None, before["parent_id"]} and self._steps(todo_id):
            raise Refused(InvalidInput)
        if any(row[name] != before[name] for name in ("parent_id", "list_id")):
            self._place(row, list_said="list_id" in changes)
        for step in self._steps(todo_id) if row["list_id"] != before["list_id"] else ():
            self._write({**step, "list_id": row["list_id"]}, now)
        is_done_now = row["completed_at"] is not None and before["completed_at"] is None
        written = self._write({**row, "recurrence": None} if is_done_now else row, now)
        if is_done_now and row["recurrence"] is not None:
            self._repeat(row, now)
        return written

    def delete(self, todo_id: UUID, seen: int | None, now: datetime) -> Row:
        """
        Put a todo and its steps into the bin.
        """
        row = self._seen(todo_id, seen)
        for step in self._steps(todo_id):
            self._write({**step, "deleted_at": now}, now, "deleted")
        return self._write({**row, "deleted_at": now}, now, "deleted")

    def restore(self, todo_id: UUID, now: datetime) -> Row:
        """
        Take a todo out of the bin, and the steps that went there with it.
        """
        row = self.todos.get(todo_id)
        if row is None or row["deleted_at"] is None:
            raise Refused(NotFound)
        parent = self._living(row["parent_id"])
        if row["parent_id"] is not None and (parent is None or parent["parent_id"] is not None):
            row = {**row, "parent_id": None}
        elif parent is not None:
            row = {**row, "list_id": parent["list_id"]}
        for step in self._steps(todo_id, deleted_at=row["deleted_at"]):
            self._write({**step, "deleted_at": None}, now, "added")
        return self._write({**row, "deleted_at": None}, now, "added")

    def add_list(self, fields: Row, now: datetime) -> Row:
        """
        Make a list with these *fields*.
        """
        row = {"colour": None, "position": None, **fields, "owner_id": self.owner_id, "id": self._unborn()}
        row |= {"created_at": now, "updated_at": now, "version": 1}
        self._note("list", "added", row, now)
        self.lists[row["id"]] = row
        return row

    def edit_list(self, list_id: UUID, changes: Row, seen: int | None, now: datetime) -> Row:
        """
        Change of a list what *changes* say.
        """
        before = self._seen_list(list_id, seen)
        row = {**before, **changes}
        if row != before:
            row |= {"updated_at": now, "version": before["version"] + 1}
            self._note("list", "edited", row, now)
            self.lists[list_id] = row
        return row

    def delete_list(self, list_id: UUID, *, move: bool, to: UUID | None, seen: int | None, now: datetime) -> None:
        """
        Drop a list; what is in it moves *to* another or goes into the bin, and what is in the bin is in none.
        """
        if to == list_id:
            raise Refused(InvalidInput)
        row = self._seen_list(list_id, seen)
        if to is not None and to not in self.lists:
            raise Refused(InvalidInput)
        for todo in [todo for todo in self.todos.values() if todo["list_id"] == list_id]:
            if todo["deleted_at"] is None and move:
                self._write({**todo, "list_id": to}, now)
            elif todo["deleted_at"] is None:
                self._write({**todo, "deleted_at": now}, now, "deleted")
        for todo in self.todos.values():
            todo["list_id"] = None if todo["list_id"] == list_id else todo["list_id"]
        self._note("list", "deleted", row, now)
        del self.lists[list_id]

    def answered(self, key: str | None, asked: object) -> Answered | None:
        """
        Return what the same was answered before under this *key*.
        """
        found = None if key is None else self.answers.get(key)
        if found is not None and found.asked != asked:
            raise Refused(RetryKeyReused)
        return found

    def prune(self, now: datetime) -> None:
        """
        Forget what is old.
        """
        gone = {
            key
            for key, row in self.todos.items()
            if row["deleted_at"] is not None and row["deleted_at"] < now - BIN_KEPT
        }
        self.todos = {key: row for key, row in self.todos.items() if key not in gone and row["parent_id"] not in gone}
        self.changes = [change for change in self.changes if change["at"] >= now - CHANGES_KEPT]
        self.answers = {key: answer for key, answer in self.answers.items() if answer.at >= now - ANSWERS_KEPT}

    def name(self, number: UUID, row: Mapping[str, Any]) -> None:
        """
        Let what is new have the id, and where none was said the position, that *row* tells.
        """
        self.unnamed.remove(number)
        table = self.todos if number in self.todos else self.lists
        own = table.pop(number)
        own |= {"id": row["id"], "position": own["position"] or row["position"]}
        table[row["id"]] = own
        for other in self.todos.values():
            other["parent_id"] = row["id"] if other["parent_id"] == number else other["parent_id"]
        for change in self.changes:
            change["id"] = row["id"] if change["id"] == number else change["id"]

    def recognise(self, rows: Mapping[UUID, Row]) -> None:
        """
        Name what nobody told of: todos that followed on others, each by all else that is known of it.
        """
        for number in sorted(self.unnamed, key=lambda number: self.todos[number]["parent_id"] is not None):
            wanted, parent_id = _looks(number, self.todos), self.todos[number]["parent_id"]
            strange = [row for key, row in rows.items() if key not in self.todos and row["parent_id"] == parent_id]
            alike = [row for row in strange if _looks(row["id"], rows) == wanted]
            assert alike, f"none of the rows is as this one should be: {self.todos[number]}"
            self.name(number, alike[0])

    def _unborn(self) -> UUID:
        self.born += 1
        self.unnamed.append(number := UUID(int=self.born))
        return number

    def _living(self, todo_id: UUID | None) -> Row | None:
        row = None if todo_id is None else self.todos.get(todo_id)
        return None if row is None or row["deleted_at"] is not None else row

    def _steps(self, todo_id: UUID, deleted_at: datetime | None = None) -> list[Row]:
        return [row for row in self.todos.values() if (row["parent_id"], row["deleted_at"]) == (todo_id, deleted_at)]

    def _seen(self, todo_id: UUID, seen: int | None) -> Row:
        row = self._living(todo_id)
        if row is None:
            raise Refused(NotFound)
        if seen not in {None, row["version"]}:
            raise Refused(PreconditionFailed)
        return row

    def _seen_list(self, list_id: UUID, seen: int | None) -> Row:
        row = self.lists.get(list_id)
        if row is None:
            raise Refused(NotFound)
        if seen not in {None, row["version"]}:
            raise Refused(PreconditionFailed)
        return row

    def _place(self, row: Row, *, list_said: bool) -> None:
        if row["parent_id"] is None:
            if row["list_id"] is not None and row["list_id"] not in self.lists:
                raise Refused(InvalidInput)
            return
        parent = self._living(row["parent_id"])
        if parent is None or parent["parent_id"] is not None:
            raise Refused(InvalidInput)
        if list_said and row["list_id"] != parent["list_id"]:
            raise Refused(InvalidInput)
        row["list_id"] = parent["list_id"]

    def _check(self, row: Row, before: Row | None, now: datetime) -> None:
        is_due = row["due_at"] is not None or row["due_date"] is not None
        is_new = row["remind_at"] != (before or _NEW_TODO)["remind_at"] and row["completed_at"] is None
        broken = (
            not row["title"].strip()
            or (row["due_at"] is not None and row["due_date"] is not None)
            or (row["recurrence"] is not None and (not is_due or row["parent_id"] is not None))
            or row["parent_id"] == row["id"]
            or (is_new and row["remind_at"] is not None and row["remind_at"] <= now - DAY)
        )
        if broken:
            raise Refused(InvalidInput)

    def _write(self, row: Row, now: datetime, kind: str = "edited") -> Row:
        row |= {"updated_at": now, "version": row["version"] + 1}
        self.todos[row["id"]] = row
        self._note("todo", kind, row, now)
        return row

    def _note(self, thing: str, kind: str, row: Row, now: datetime) -> None:
        self.written += 1
        self.changes.append({"thing": thing, "kind": kind, "id": row["id"], "version": row["version"], "at": now})

    def _repeat(self, done: Row, now: datetime) -> None:
        followed = RULES[done["recurrence"]]
        if followed is None:
            return
        days, rule = followed
        todo = self._again(done, days, now, recurrence=rule)
        for step in self._steps(done["id"]):
            self._again(step, days, now, parent_id=todo["id"], list_id=todo["list_id"])

    def _again(self, row: Row, days: int, now: datetime, **fields: Any) -> Row:
        dates = {name: row[name] and row[name] + days * DAY for name in ("due_at", "due_date", "remind_at")}
        anew: Row = {"created_at": now, "updated_at": now, "completed_at": None, "version": 1, "id": self._unborn()}
        again = {**row, **dates, **anew, **fields}
        self._note("todo", "added", again, now)
        self.todos[again["id"]] = again
        return again


def _said(fields: Row, completed_at: datetime | None, now: datetime) -> Row:
    said = {**fields}
    if "completed" in said:
        said["completed_at"] = (completed_at or now) if said.pop("completed") else None
    return said


def _looks(todo_id: UUID, rows: Mapping[UUID, Row]) -> tuple[str, list[str]]:
    """
    Return all that is known of a todo but its id, and of its steps.
    """
    return _plain(rows[todo_id]), sorted(_plain(row) for row in _steps_in(rows, todo_id))


def _steps_in(rows: Mapping[UUID, Row], todo_id: UUID) -> Iterator[Row]:
    return (row for row in rows.values() if row["parent_id"] == todo_id)


def _plain(row: Row) -> str:
    return repr(sorted((name, repr(value)) for name, value in row.items() if name not in {"id", "parent_id"}))
