"""
Todos and security events, in dictionaries.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from todo_adapters.memory.rows import insert
from todo_core.model.event import SecurityEvent
from todo_core.model.ids import EventId, TodoId, UserId
from todo_core.model.todo import Todo, TodoFilter, TodoPage
from todo_core.ports import EventStore, TodoStore


@frozen
class MemoryEventStore(EventStore):
    """
    Security events by their ids.
    """

    rows: dict[EventId, SecurityEvent]

    async def add(self, event: SecurityEvent) -> None:
        insert(self.rows, event.id, event)

    async def of_user(self, user_id: UserId, *, before: EventId | None = None, limit: int) -> Sequence[SecurityEvent]:
        events = [event for event in self.rows.values() if event.user_id == user_id]
        older = [event for event in events if before is None or event.id < before]
        return sorted(older, key=lambda event: event.id, reverse=True)[:limit]


@frozen
class MemoryTodoStore(TodoStore):
    """
    Todos by their ids.
    """

    rows: dict[TodoId, Todo]

    async def add(self, todo: Todo) -> None:
        insert(self.rows, todo.id, todo)

    async def get(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        todo = self.rows.get(todo_id)
        return todo if todo is not None and todo.owner_id == owner_id else None

    async def hold(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        return await self.get(todo_id, owner_id=owner_id)  # units of work take turns: nobody else can change it

    async def page(self, wanted: TodoFilter, *, owner_id: UserId, after: TodoId | None, limit: int) -> TodoPage:
        fitting = [todo for todo in self.rows.values() if todo.owner_id == owner_id and _fits(todo, wanted)]
        behind = sorted((todo for todo in fitting if after is None or todo.id > after), key=lambda todo: todo.id)
        items = behind[:limit]
        return TodoPage(items, next_after=items[-1].id if len(behind) > limit else None)

    async def replace(self, todo: Todo) -> None:
        if await self.get(todo.id, owner_id=todo.owner_id) is not None:
            self.rows[todo.id] = todo

    async def remove(self, todo_id: TodoId, *, owner_id: UserId) -> None:
        if await self.get(todo_id, owner_id=owner_id) is not None:
            del self.rows[todo_id]


def _fits(todo: Todo, wanted: TodoFilter) -> bool:
    wanted_text = (wanted.text or "").casefold()
    found = any(wanted_text in text.casefold() for text in (todo.title, todo.notes or ""))
    return found and wanted.completed in {None, todo.completed}
