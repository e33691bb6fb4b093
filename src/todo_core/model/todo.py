"""
Todos.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from attrs import evolve, frozen

from todo_core.errors import InvalidInput
from todo_core.model.ids import TodoId, UserId

LONGEST_TITLE = 200
LONGEST_NOTES = 10_000
LARGEST_PAGE = 200
"""Characters, characters, todos."""


class TodoChanges(TypedDict, total=False):
    """
    What to change of a todo: a key that is absent leaves its field alone.
    """

    title: str
    notes: str | None
    completed: bool


@frozen
class Todo:
    """
    Something a person wants to get done.

    ``version`` counts the changes, from 1; it is how two writers notice each other.

    Raises:
        InvalidInput: the title is blank or too long, or the notes are too long.
    """

    id: TodoId
    owner_id: UserId
    title: str
    notes: str | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int = 1

    def __attrs_post_init__(self) -> None:
        if not self.title.strip() or len(self.title) > LONGEST_TITLE:
            raise InvalidInput(f"A title needs 1 to {LONGEST_TITLE} characters that are not all blank.", field="title")
        if self.notes is not None and len(self.notes) > LONGEST_NOTES:
            raise InvalidInput(f"Notes can have at most {LONGEST_NOTES} characters.", field="notes")

    @property
    def completed(self) -> bool:
        """
        Tell whether it is done.
        """
        return self.completed_at is not None

    def edited(self, changes: TodoChanges, *, now: datetime) -> Todo:
        """
        Return the todo with *changes* made, one version on; or itself, when they change nothing.
        """
        changed = evolve(
            self,
            title=changes.get("title", self.title),
            notes=changes.get("notes", self.notes),
            completed_at=self._completed_at(completed=changes.get("completed", self.completed), now=now),
        )
        return self if changed == self else evolve(changed, updated_at=now, version=self.version + 1)

    def _completed_at(self, *, completed: bool, now: datetime) -> datetime | None:
        if not completed:
            return None
        return self.completed_at or now


@frozen
class TodoFilter:
    """
    Which todos to list; None leaves a question unasked.

    ``text`` is looked for in title and notes, without regard to case.
    """

    completed: bool | None = None
    text: str | None = None


@frozen
class TodoPage:
    """
    A run of todos, oldest first; ``next_after`` is where the following page starts, None on the last.
    """

    items: Sequence[Todo]
    next_after: TodoId | None
