"""
Todos as JSON: what is said of them, and what is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypedDict, cast
from uuid import UUID

from attrs import frozen
from msgspec import UNSET, UnsetType, to_builtins

from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import Priority, Todo, TodoChanges
from todo_web.answers import json_answer
from todo_web.etags import etag
from todo_web.fields import Day, Moment, Notes, PositionText, PriorityWord, RecurrenceText, Tags, Title
from todo_web.idempotency import Told

ETAG = {"ETag": "The version, for `If-Match` and `If-None-Match`"}
IF_MATCH = {"If-Match": "The `ETag` last seen, or `*`; the request is refused if it has changed since"}
IF_NONE_MATCH = {"If-None-Match": "An `ETag` seen before; 304 if it is still the same"}
LOCATION = {"Location": "Where it is"}


class TodoFields(TypedDict, total=False):
    """
    What may be said of a todo beside its title.
    """

    list_id: UUID | None
    notes: Notes | None
    completed: bool
    priority: PriorityWord
    due_at: Moment | None
    due_date: Day | None
    tags: Tags
    position: PositionText
    parent_id: UUID | None
    recurrence: RecurrenceText | None
    remind_at: Moment | None


class AddTodoBody(TodoFields):
    """
    A new todo.
    """

    title: Title


class EditTodoBody(TodoFields, total=False):
    """
    A JSON merge patch (RFC 7396): an absent field stays as it is, null clears.
    """

    title: Title


@frozen(slots=False)
class TodoAnswer:
    """
    A todo, as its owner sees it.

    ``deleted_at`` is told of those in the bin only; ``coming``, where it is asked for: the next days, or moments, on
    which it is due again.
    """

    id: UUID
    list_id: UUID | None
    title: str
    notes: str | None
    completed: bool
    completed_at: datetime | None
    priority: PriorityWord
    due_at: datetime | None
    due_date: date | None
    tags: tuple[str, ...]
    position: str
    parent_id: UUID | None
    recurrence: str | None
    remind_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    deleted_at: datetime | UnsetType = UNSET
    coming: Sequence[str] | UnsetType = UNSET

    @classmethod
    def of(cls, todo: Todo, *, coming: Sequence[date] | None = None) -> TodoAnswer:
        """
        Return what to tell of *todo*, and of its *coming* occurrences, if they are given.
        """
        return cls(
            id=todo.id,
            list_id=todo.list_id,
            title=todo.title,
            notes=todo.notes,
            completed=todo.completed,
            completed_at=todo.completed_at,
            priority=_WORDS[todo.priority],
            due_at=todo.due_at,
            due_date=todo.due_date,
            tags=todo.tags,
            position=todo.position,
            parent_id=todo.parent_id,
            recurrence=None if todo.recurrence is None else str(todo.recurrence),
            remind_at=todo.remind_at,
            created_at=todo.created_at,
            updated_at=todo.updated_at,
            version=todo.version,
            deleted_at=UNSET if todo.deleted_at is None else todo.deleted_at,
            coming=UNSET if coming is None else [to_builtins(due) for due in coming],
        )


def changes_of(body: Mapping[str, Any]) -> TodoChanges:
    """
    Return what *body* says of a todo, as the core knows it; members that are no fields are passed over.
    """
    said = {name: value for name, value in body.items() if name in TodoChanges.__annotations__}
    return cast("TodoChanges", {name: _meant(name, value) for name, value in said.items()})


def priority_of(word: PriorityWord) -> Priority:
    """
    Return the priority that *word* names.
    """
    return _PRIORITIES[word]


def word_of(priority: Priority) -> PriorityWord:
    """
    Return the word that names *priority*.
    """
    return _WORDS[priority]


def in_utc(moment: datetime) -> datetime:
    """
    Return the *moment* as UTC says it.
    """
    return moment.astimezone(UTC)


def told_of(todo: Todo, *, status: int = 200) -> Told:
    """
    Return the answer that tells of *todo*; of a new one, where it is.
    """
    headers = {"ETag": etag(todo.version)}
    if status == _CREATED:
        headers = {"Location": f"/api/v1/todos/{todo.id}", **headers}
    return Told(status, headers, bytes(json_answer(TodoAnswer.of(todo)).body))


def _meant(name: str, value: Any) -> Any:
    return value if value is None or name not in _MEANINGS else _MEANINGS[name](value)


_CREATED = 201
_WORDS: Mapping[Priority, PriorityWord] = {
    Priority.NONE: "none",
    Priority.LOW: "low",
    Priority.MEDIUM: "medium",
    Priority.HIGH: "high",
}
_PRIORITIES = {word: priority for priority, word in _WORDS.items()}
_MEANINGS: Mapping[str, Callable[[Any], Any]] = {
    "priority": priority_of,
    "due_at": in_utc,
    "remind_at": in_utc,
    "recurrence": Recurrence.parse,
}
