"""
Todos, in dictionaries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from todo_adapters.memory.changes import MemoryChangeStore
from todo_adapters.memory.rows import insert, prune
from todo_core.errors import Conflict
from todo_core.model.change import ChangedThing, ChangeKind
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.todo import PageMark, TagCount, Todo, TodoFilter, TodoPage, TodoSort, words_of
from todo_core.model.todo_list import TodoList
from todo_core.ports import TodoStore


@frozen
class MemoryTodoStore(TodoStore):
    """
    Todos by their owners and ids.
    """

    rows: dict[tuple[UserId, TodoId], Todo]
    lists: dict[tuple[UserId, ListId], TodoList]
    changes: MemoryChangeStore

    async def add(self, *todos: Todo) -> None:
        for todo in sorted(todos, key=lambda todo: todo.id):
            insert(self.rows, (todo.owner_id, todo.id), todo)
            self._note(todo, ChangeKind.ADDED)
        self._check(todos)

    async def get(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        return await self.hold(todo_id, owner_id=owner_id)

    async def hold(self, todo_id: TodoId, *, owner_id: UserId, deleted: bool = False) -> Todo | None:
        todo = self.rows.get((owner_id, todo_id))  # units of work take turns: nobody else can change it
        return todo if todo is not None and _is_deleted(todo) is deleted else None

    async def hold_steps(self, parent_id: TodoId, *, owner_id: UserId, deleted: bool = False) -> Sequence[Todo]:
        return [todo for todo in self._of(owner_id, deleted=deleted) if todo.parent_id == parent_id]

    async def hold_list(self, list_id: ListId, *, owner_id: UserId) -> Sequence[Todo]:
        return [todo for todo in self._of(owner_id, deleted=False) if todo.list_id == list_id]

    async def page(
        self, wanted: TodoFilter, sort: TodoSort, *, owner_id: UserId, after: PageMark | None, limit: int
    ) -> TodoPage:
        as_of = self.changes.counters.get(owner_id, 0) if after is None else after.as_of
        stood = self._as_of(as_of, owner_id)
        fitting = [todo for todo in self._of(owner_id, deleted=wanted.deleted) if _fits(todo, wanted)]
        placed = [(_place(stood.get(todo.id, todo), sort), todo) for todo in fitting if stood.get(todo.id, todo)]
        placed.sort(key=lambda pair: pair[0], reverse=sort.descending)
        if after is not None:
            mark = (after.value, after.id)
            placed = [pair for pair in placed if (pair[0] < mark if sort.descending else pair[0] > mark)]
        items = placed[:limit]
        following = PageMark(*items[-1][0], as_of) if len(placed) > limit else None
        return TodoPage([todo for _, todo in items], next_after=following)

    async def replace(self, *todos: Todo) -> None:
        known = [todo for todo in todos if (todo.owner_id, todo.id) in self.rows]
        for todo in sorted(known, key=lambda todo: todo.id):
            before = self.rows[todo.owner_id, todo.id]
            self.rows[todo.owner_id, todo.id] = evolve(todo, created_at=before.created_at)
            was, now = _is_deleted(before), _is_deleted(todo)
            kind = {(False, True): ChangeKind.DELETED, (True, False): ChangeKind.ADDED}.get((was, now))
            self._note(todo, kind or ChangeKind.EDITED, before)
        self._check(known)

    async def tags(self, owner_id: UserId) -> Sequence[TagCount]:
        counts = Counter(tag for todo in self._of(owner_id, deleted=False) for tag in todo.tags)
        return [TagCount(tag, counts[tag]) for tag in sorted(counts)]

    async def purge(self, *, before: datetime, limit: int) -> int:
        purged = prune(self.rows, lambda todo: todo.deleted_at is not None and todo.deleted_at < before, limit)
        prune(self.rows, self._is_left_over, len(self.rows))
        return purged

    def _of(self, owner_id: UserId, *, deleted: bool) -> list[Todo]:
        theirs = [todo for todo in self.rows.values() if todo.owner_id == owner_id and _is_deleted(todo) is deleted]
        return sorted(theirs, key=lambda todo: todo.id)

    def _check(self, todos: Sequence[Todo]) -> None:
        """
        Do what the foreign keys of a database do.
        """
        for todo in todos:
            is_astray = todo.list_id is not None and (todo.owner_id, todo.list_id) not in self.lists
            if is_astray or self._is_left_over(todo):
                raise Conflict

    def _is_left_over(self, todo: Todo) -> bool:
        return todo.parent_id is not None and (todo.owner_id, todo.parent_id) not in self.rows

    def _as_of(self, number: int, owner_id: UserId) -> dict[TodoId, Todo | None]:
        """
        Return how each todo that was changed since stood at that *number*; None for those that were not there.
        """
        noted = self.changes.noted(owner_id, since=number)
        if len(noted) < self.changes.counters.get(owner_id, 0) - number:
            return {}  # it was forgotten how some of them stood
        todos = [one for one in noted if one.change.thing is ChangedThing.TODO]
        return {TodoId(one.change.id): one.before for one in reversed(todos)}

    def _note(self, todo: Todo, kind: ChangeKind, before: Todo | None = None) -> None:
        self.changes.note(
            todo.owner_id,
            ChangedThing.TODO,
            kind,
            changed_id=todo.id,
            version=todo.version,
            at=todo.updated_at,
            before=before,
        )


def _is_deleted(todo: Todo) -> bool:
    return todo.deleted_at is not None


def _place(todo: Todo | None, sort: TodoSort) -> tuple[Any, TodoId]:
    assert todo is not None  # noqa: S101 - what was not there is left out before
    return sort.key.of(todo), todo.id


def _fits(todo: Todo, wanted: TodoFilter) -> bool:
    words = words_of(wanted.text or "")
    return (
        wanted.completed in {None, todo.completed}
        and wanted.list_id in {None, todo.list_id}
        and (wanted.tag is None or wanted.tag in todo.tags)
        and wanted.priority in {None, todo.priority}
        and wanted.parent_id in {None, todo.parent_id}
        and _is_due_within(todo, wanted)
        and (wanted.text is None or bool(words))
        and all(any(has.startswith(word) for has in todo.words) for word in words)
    )


def _is_due_within(todo: Todo, wanted: TodoFilter) -> bool:
    if wanted.due_after is None and wanted.due_before is None:
        return True
    if todo.due_at is None and todo.due_date is None:
        return False
    late_enough = wanted.due_after is None or wanted.due_after <= todo.due
    return late_enough and (wanted.due_before is None or todo.due < wanted.due_before)
