"""
Lists of todos, in dictionaries.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen

from todo_adapters.memory.changes import MemoryChangeStore
from todo_adapters.memory.rows import insert
from todo_core.model.change import ChangedThing, ChangeKind
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.todo import Todo
from todo_core.model.todo_list import TodoList
from todo_core.ports import ListStore


@frozen
class MemoryListStore(ListStore):
    """
    Lists by their owners and ids.
    """

    rows: dict[tuple[UserId, ListId], TodoList]
    todos: dict[tuple[UserId, TodoId], Todo]
    changes: MemoryChangeStore

    async def add(self, todo_list: TodoList) -> None:
        insert(self.rows, (todo_list.owner_id, todo_list.id), todo_list)
        self._note(todo_list, ChangeKind.ADDED, at=todo_list.updated_at)

    async def get(self, list_id: ListId, *, owner_id: UserId) -> TodoList | None:
        return self.rows.get((owner_id, list_id))

    async def hold(self, list_id: ListId, *, owner_id: UserId) -> TodoList | None:
        return await self.get(list_id, owner_id=owner_id)  # units of work take turns: nobody else can change it

    async def of_owner(self, owner_id: UserId) -> Sequence[TodoList]:
        theirs = [todo_list for todo_list in self.rows.values() if todo_list.owner_id == owner_id]
        return sorted(theirs, key=lambda todo_list: (todo_list.position, todo_list.id))

    async def replace(self, todo_list: TodoList) -> None:
        key = (todo_list.owner_id, todo_list.id)
        if key in self.rows:
            self.rows[key] = evolve(todo_list, created_at=self.rows[key].created_at)
            self._note(todo_list, ChangeKind.EDITED, at=todo_list.updated_at)

    async def remove(self, list_id: ListId, *, owner_id: UserId, at: datetime) -> None:
        removed = self.rows.pop((owner_id, list_id), None)
        if removed is None:
            return
        for key, todo in self.todos.items():
            if (todo.owner_id, todo.list_id) == (owner_id, list_id):
                self.todos[key] = evolve(todo, list_id=None)
        self._note(removed, ChangeKind.DELETED, at=at)

    def _note(self, todo_list: TodoList, kind: ChangeKind, *, at: datetime) -> None:
        self.changes.note(
            todo_list.owner_id, ChangedThing.LIST, kind, changed_id=todo_list.id, version=todo_list.version, at=at
        )
