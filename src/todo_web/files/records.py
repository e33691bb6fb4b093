"""
A list and a todo as files write them: what is not said is left out.
"""

from __future__ import annotations

from typing import Annotated

from attrs import field, frozen
from msgspec import Meta

from todo_core.model.recurrence import Recurrence
from todo_core.model.todo_file import FiledList, FiledTodo, Place
from todo_web.fields import (
    Colour,
    Day,
    ListName,
    Moment,
    Notes,
    PositionText,
    PriorityWord,
    RecurrenceText,
    Tags,
    Title,
)
from todo_web.todo_json import in_utc, priority_of, word_of

Number = Annotated[int, Meta(ge=1, le=2**31 - 1, description="By which others in the file refer to it")]


@frozen(slots=False)
class ListRecord:
    """
    A list in a file.
    """

    name: ListName
    ref: Number | None = None
    colour: Colour | None = None
    position: PositionText | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None

    @classmethod
    def of(cls, filed: FiledList) -> ListRecord:
        """
        Return what is written of a list.
        """
        return cls(
            name=filed.name,
            ref=filed.ref,
            colour=filed.colour,
            position=filed.position,
            created_at=filed.created_at,
            updated_at=filed.updated_at,
        )

    def filed(self, place: Place) -> FiledList:
        """
        Return the list as the core knows it.
        """
        return FiledList(
            name=self.name,
            ref=self.ref,
            colour=self.colour,
            position=self.position,
            created_at=self.created_at and in_utc(self.created_at),
            updated_at=self.updated_at and in_utc(self.updated_at),
            place=place,
        )


@frozen(slots=False)
class TodoRecord:
    """
    A todo in a file: `parent_ref` makes it a step of the todo with this `ref`, `list_ref` puts it into a list.
    """

    title: Title
    ref: Number | None = None
    parent_ref: Number | None = None
    list_ref: Number | None = None
    notes: Notes | None = None
    completed_at: Moment | None = None
    priority: PriorityWord = "none"
    due_at: Moment | None = None
    due_date: Day | None = None
    tags: Tags = field(factory=list[str])
    recurrence: RecurrenceText | None = None
    remind_at: Moment | None = None
    position: PositionText | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None

    @classmethod
    def of(cls, filed: FiledTodo) -> TodoRecord:
        """
        Return what is written of a todo.
        """
        return cls(
            title=filed.title,
            ref=filed.ref,
            parent_ref=filed.parent_ref,
            list_ref=filed.list_ref,
            notes=filed.notes,
            completed_at=filed.completed_at,
            priority=word_of(filed.priority),
            due_at=filed.due_at,
            due_date=filed.due_date,
            tags=list(filed.tags),
            recurrence=None if filed.recurrence is None else str(filed.recurrence),
            remind_at=filed.remind_at,
            position=filed.position,
            created_at=filed.created_at,
            updated_at=filed.updated_at,
        )

    def filed(self, place: Place, *, list_ref: int | None) -> FiledTodo:
        """
        Return the todo as the core knows it, in the list with this number.
        """
        return FiledTodo(
            title=self.title,
            ref=self.ref,
            parent_ref=self.parent_ref,
            list_ref=list_ref,
            notes=self.notes,
            completed_at=self.completed_at and in_utc(self.completed_at),
            priority=priority_of(self.priority),
            due_at=self.due_at and in_utc(self.due_at),
            due_date=self.due_date,
            tags=tuple(self.tags),
            recurrence=None if self.recurrence is None else Recurrence.parse(self.recurrence),
            remind_at=self.remind_at and in_utc(self.remind_at),
            position=self.position,
            created_at=self.created_at and in_utc(self.created_at),
            updated_at=self.updated_at and in_utc(self.updated_at),
            place=place,
        )
