"""
Todos as files have them: lists and todos that refer to each other by number, so that they can move anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from uuid import UUID

from attrs import field, frozen

from todo_core.errors import Fault, InvalidFile, InvalidInput
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import Priority, Todo
from todo_core.model.todo_list import TodoList

MOST_FILED = 50_000
"""Todos of one file."""

MOST_FAULTS = 100
"""Told at once."""

_NOBODY = UserId(UUID(int=0))
_NO_LIST, _NO_TODO, _NO_PARENT = ListId(UUID(int=0)), TodoId(UUID(int=1)), TodoId(UUID(int=2))
_SOMEWHERE = "V"
_SOME_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Place:
    """
    Where something stands in a file: its JSON Pointer (RFC 6901), and its line where lines are what people see.
    """

    pointer: str = ""
    line: int | None = None

    def fault(self, detail: str, *, field: str | None = None) -> Fault:
        """
        Return what is wrong with it, or with its *field*.
        """
        pointer = self.pointer if field is None else f"{self.pointer}/{field}"
        return Fault(pointer, detail if self.line is None else f"Line {self.line}: {detail}")


@frozen
class FiledList:
    """
    A list as a file has it; ``ref`` is the number that todos name it by.
    """

    name: str
    ref: int | None = None
    colour: str | None = None
    position: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    place: Place = field(default=Place(), eq=False)

    def as_list(self, list_id: ListId, *, owner_id: UserId, position: str, now: datetime) -> TodoList:
        """
        Return it as a list of the owner's, with this *position* where it has none of its own.

        Raises:
            InvalidInput: a field breaks its rule.
        """
        created_at = min(self.created_at or now, now)
        return TodoList(
            id=list_id,
            owner_id=owner_id,
            name=self.name,
            position=self.position or position,
            created_at=created_at,
            updated_at=min(self.updated_at or created_at, now),
            colour=self.colour,
        )


@frozen
class FiledTodo:
    """
    A todo as a file has it.

    ``ref`` is the number that its steps name it by as ``parent_ref``; ``list_ref`` is its list's. A step is in the list
    of the todo that it is a step of, whatever its own ``list_ref``. A moment that has not come when it is read
    counts as that one, where it tells of something done.
    """

    title: str
    ref: int | None = None
    parent_ref: int | None = None
    list_ref: int | None = None
    notes: str | None = None
    completed_at: datetime | None = None
    priority: Priority = Priority.NONE
    due_at: datetime | None = None
    due_date: date | None = None
    tags: tuple[str, ...] = ()
    recurrence: Recurrence | None = None
    remind_at: datetime | None = None
    position: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    place: Place = field(default=Place(), eq=False)

    def as_todo(
        self,
        todo_id: TodoId,
        *,
        owner_id: UserId,
        list_id: ListId | None,
        parent_id: TodoId | None,
        position: str,
        now: datetime,
    ) -> Todo:
        """
        Return it as a todo of the owner's, with this *position* where it has none of its own.

        Raises:
            InvalidInput: a field breaks its rule, or two do not go together.
        """
        created_at = min(self.created_at or now, now)
        return Todo(
            id=todo_id,
            owner_id=owner_id,
            title=self.title,
            position=self.position or position,
            created_at=created_at,
            updated_at=min(self.updated_at or created_at, now),
            list_id=list_id,
            parent_id=parent_id,
            notes=self.notes,
            completed_at=self.completed_at and min(self.completed_at, now),
            priority=self.priority,
            due_at=self.due_at,
            due_date=self.due_date,
            tags=self.tags,
            recurrence=self.recurrence,
            remind_at=self.remind_at,
        )


@frozen
class TodoFile:
    """
    A file's lists and todos, of which each keeps the rules and refers to what is in the file.

    Raises:
        InvalidFile: some do not; the first hundred faults are told.
    """

    lists: Sequence[FiledList]
    todos: Sequence[FiledTodo]

    def __attrs_post_init__(self) -> None:
        if len(self.todos) > MOST_FILED:
            raise InvalidFile([Fault("/todos", f"A file can have at most {MOST_FILED} todos.")])
        faults = list(islice(self._faults(), MOST_FAULTS))
        if faults:
            raise InvalidFile(faults)

    def _faults(self) -> Iterator[Fault]:
        list_refs: set[int] = set()
        for one in self.lists:
            if one.ref in list_refs:
                yield one.place.fault("Another list has this number.", field="ref")
            if one.ref is not None:
                list_refs.add(one.ref)
            yield from _broken_list(one)
        named = {todo.ref: todo for todo in reversed(self.todos) if todo.ref is not None}
        for todo in self.todos:
            yield from _unclear(todo, named, list_refs)
            yield from _broken_todo(todo)


def _unclear(todo: FiledTodo, named: dict[int, FiledTodo], list_refs: set[int]) -> Iterator[Fault]:
    """
    Yield what is wrong with what the *todo* refers to.
    """
    if todo.ref is not None and named[todo.ref] is not todo:
        yield todo.place.fault("Another todo has this number.", field="ref")
    if todo.list_ref is not None and todo.list_ref not in list_refs:
        yield todo.place.fault("No list in the file has this number.", field="list_ref")
    if todo.parent_ref is None:
        return
    parent = named.get(todo.parent_ref)
    if parent is None:
        yield todo.place.fault("No todo in the file has this number.", field="parent_ref")
    elif parent.parent_ref is not None:
        yield todo.place.fault("A step has no steps of its own.", field="parent_ref")


def _broken_list(one: FiledList) -> Iterator[Fault]:
    try:
        one.as_list(_NO_LIST, owner_id=_NOBODY, position=_SOMEWHERE, now=_SOME_MOMENT)
    except InvalidInput as error:
        yield one.place.fault(error.detail, field=error.field)


def _broken_todo(todo: FiledTodo) -> Iterator[Fault]:
    parent_id = None if todo.parent_ref is None else _NO_PARENT
    try:
        todo.as_todo(
            _NO_TODO, owner_id=_NOBODY, list_id=None, parent_id=parent_id, position=_SOMEWHERE, now=_SOME_MOMENT
        )
    except InvalidInput as error:
        yield todo.place.fault(error.detail, field=error.field)
