"""
Todos.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from enum import IntEnum
from typing import Any, TypedDict

from attrs import evolve, field, frozen
from attrs.converters import optional

from todo_core.errors import InvalidInput
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.position import check_position
from todo_core.model.recurrence import Recurrence

LONGEST_TITLE = 200
LONGEST_NOTES = 10_000
LONGEST_TAG = 50
MOST_TAGS = 20
LARGEST_PAGE = 200
"""Characters, characters, characters, tags, todos."""

LONGEST_WORD = 50
"""Characters of a word that are searched."""

NEVER = datetime.max.replace(tzinfo=UTC)
"""When what has no due date is due, so that it comes last."""

_WORD = re.compile(r"[^\W_]+")


class Priority(IntEnum):
    """
    How much a todo matters.
    """

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class TodoChanges(TypedDict, total=False):
    """
    What to change of a todo: a key that is absent leaves its field alone.
    """

    title: str
    notes: str | None
    completed: bool
    priority: Priority
    due_at: datetime | None
    due_date: date | None
    tags: Sequence[str]
    position: str
    list_id: ListId | None
    parent_id: TodoId | None
    recurrence: Recurrence | None
    remind_at: datetime | None


def words_of(text: str) -> frozenset[str]:
    """
    Return the words of *text* for searching: runs of letters and digits, folded, up to 50 characters of each.
    """
    return frozenset(word[:LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _tidied(tag: str) -> str:
    """
    Return the *tag* composed (NFC), without blanks around it.
    """
    return unicodedata.normalize("NFC", tag).strip()


def _tidy(tags: Sequence[str]) -> tuple[str, ...]:
    """
    Return the *tags* tidied, each once, in their order.
    """
    return tuple(dict.fromkeys(_tidied(tag) for tag in tags))


def fields_of(changes: TodoChanges, *, completed_at: datetime | None, now: datetime) -> dict[str, Any]:
    """
    Return the *changes* as fields of a todo that was completed so far at *completed_at*, if it was.
    """
    fields: dict[str, Any] = {**changes}
    if "completed" in changes:
        fields["completed_at"] = (completed_at or now) if fields.pop("completed") else None
    return fields


@frozen
class Todo:
    """
    Something a person wants to get done.

    It is due at a moment, or on a day wherever its owner is, or never. ``parent_id`` makes it a step of another
    todo, which is no step itself. ``recurrence`` says when it is to be done again. A todo that was deleted keeps
    ``deleted_at`` until it is restored or purged. ``version`` counts the changes, from 1; it is how two writers notice
    each other.

    Raises:
        InvalidInput: a field breaks its rule, or two do not go together.
    """

    id: TodoId
    owner_id: UserId
    title: str
    position: str
    created_at: datetime
    updated_at: datetime
    list_id: ListId | None = None
    parent_id: TodoId | None = None
    notes: str | None = None
    completed_at: datetime | None = None
    priority: Priority = Priority.NONE
    due_at: datetime | None = None
    due_date: date | None = None
    tags: tuple[str, ...] = field(default=(), converter=_tidy)
    recurrence: Recurrence | None = None
    remind_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int = 1

    def __attrs_post_init__(self) -> None:
        if not self.title.strip() or len(self.title) > LONGEST_TITLE:
            raise InvalidInput(f"A title needs 1 to {LONGEST_TITLE} characters that are not all blank.", field="title")
        if self.notes is not None and len(self.notes) > LONGEST_NOTES:
            raise InvalidInput(f"Notes can have at most {LONGEST_NOTES} characters.", field="notes")
        if len(self.tags) > MOST_TAGS:
            raise InvalidInput(f"A todo can have at most {MOST_TAGS} tags.", field="tags")
        if any(not 1 <= len(tag) <= LONGEST_TAG for tag in self.tags):
            raise InvalidInput(f"A tag needs 1 to {LONGEST_TAG} characters that are not all blank.", field="tags")
        check_position(self.position)
        self._check_dates()
        if self.parent_id == self.id:
            raise InvalidInput("A todo cannot be a step of itself.", field="parent_id")

    @property
    def completed(self) -> bool:
        """
        Tell whether it is done.
        """
        return self.completed_at is not None

    @property
    def due(self) -> datetime:
        """
        Return when it is due, for sorting: a day counts from its first moment in UTC, and no due date as never.
        """
        if self.due_date is not None:
            return datetime.combine(self.due_date, time(tzinfo=UTC))
        return self.due_at or NEVER

    @property
    def words(self) -> frozenset[str]:
        """
        Return the words that it is found by.
        """
        return words_of(f"{self.title} {self.notes or ''}")

    def edited(self, changes: TodoChanges, *, now: datetime) -> Todo:
        """
        Return the todo with *changes* made, one version on; or itself, when they change nothing.
        """
        changed = evolve(self, **fields_of(changes, completed_at=self.completed_at, now=now))
        return self if changed == self else evolve(changed, updated_at=now, version=self.version + 1)

    def deleted(self, *, now: datetime) -> Todo:
        """
        Return the todo as it stands in the bin.
        """
        return evolve(self, deleted_at=now, updated_at=now, version=self.version + 1)

    def restored(self, *, now: datetime) -> Todo:
        """
        Return the todo taken out of the bin.
        """
        return evolve(self, deleted_at=None, updated_at=now, version=self.version + 1)

    def _check_dates(self) -> None:
        if self.due_at is not None and self.due_date is not None:
            raise InvalidInput("A todo is due at a moment or on a day, not both.", field="due_date")
        if self.recurrence is not None and self.due_at is None and self.due_date is None:
            raise InvalidInput("What recurs needs to be due first.", field="recurrence")
        if self.recurrence is not None and self.parent_id is not None:
            raise InvalidInput("A step does not recur; the todo it is a step of may.", field="recurrence")


class SortKey(IntEnum):
    """
    What todos are sorted by. Where they are equal, their ids decide.
    """

    POSITION = 0
    DUE_AT = 1
    CREATED_AT = 2
    UPDATED_AT = 3
    PRIORITY = 4

    def of(self, todo: Todo) -> str | datetime | int:
        """
        Return the *todo*'s value to sort by.
        """
        values = (todo.position, todo.due, todo.created_at, todo.updated_at, int(todo.priority))
        return values[self]


@frozen
class TodoSort:
    """
    In which order to list todos.
    """

    key: SortKey = SortKey.CREATED_AT
    descending: bool = False


@frozen
class TodoFilter:
    """
    Which todos to list; None leaves a question unasked.

    ``text`` is words: each must begin a word of title or notes, without regard to case. ``due_after`` is included,
    ``due_before`` is not; what has no due date fits neither. ``deleted`` lists the bin instead.
    """

    completed: bool | None = None
    list_id: ListId | None = None
    tag: str | None = field(default=None, converter=optional(_tidied))
    priority: Priority | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None
    parent_id: TodoId | None = None
    text: str | None = None
    deleted: bool = False


@frozen
class PageMark:
    """
    Where a page ends: the last todo's value to sort by and its id, as of the owner's change number ``as_of``.

    ``as_of`` is the owner's latest change when the first page was read. What was moved since is still listed where
    it stood then, so whoever reads on sees each todo once.
    """

    value: str | datetime | int
    id: TodoId
    as_of: int


@frozen
class TodoPage:
    """
    A run of todos; ``next_after`` is where the following page starts, None on the last.
    """

    items: Sequence[Todo]
    next_after: PageMark | None


@frozen
class TagCount:
    """
    A tag in use, and how many todos have it that are not deleted.
    """

    tag: str
    todos: int
