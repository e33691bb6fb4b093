"""
Todos, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from attrs import frozen
from sqlalchemy import bindparam, func, select

from todo_adapters.postgres.todo_pages import first_page, following_page, questions_of
from todo_adapters.postgres.todo_rows import fields, rows_of, todo_of
from todo_adapters.postgres.todo_tables import todos
from todo_adapters.postgres.todo_writes import ADD_TODOS, REPLACE_TODOS, TAKE_TURN, forgetting, turn
from todo_adapters.postgres.transaction import Transaction, change, question
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.todo import PageMark, TagCount, Todo, TodoFilter, TodoPage, TodoSort, words_of
from todo_core.ports import TodoStore

_is_theirs = todos.c.owner_id == bindparam("owner")
_is_one = todos.c.id == bindparam("todo_id")
_is_step = todos.c.parent_id == bindparam("parent")
_is_deleted = {True: todos.c.deleted_at.is_not(None), False: todos.c.deleted_at.is_(None)}
_held = (
    select(*fields).join_from(todos, turn, todos.c.owner_id == turn.c.owner_id).order_by(todos.c.id)
).with_for_update(of=todos)

_GET = question(select(*fields).where(_is_theirs, _is_one, _is_deleted[False]))
_HOLD = {deleted: change(_held.where(_is_one, where)) for deleted, where in _is_deleted.items()}
_HOLD_STEPS = {deleted: change(_held.where(_is_step, where)) for deleted, where in _is_deleted.items()}
_HOLD_LIST = change(_held.where(todos.c.list_id == bindparam("list"), _is_deleted[False]))
_used = select(func.unnest(todos.c.tags).label("tag")).where(_is_theirs, _is_deleted[False]).subquery()
_TAGS = question(select(_used.c.tag, func.count()).group_by(_used.c.tag).order_by(_used.c.tag.collate("C")))
_PURGE = forgetting(todos.c.deleted_at)


@frozen
class PostgresTodoStore(TodoStore):
    """
    The table ``todos``; *on_change* is called, with whose they are, once some are changed.
    """

    _transaction: Transaction
    _on_change: Callable[[UserId], None]

    async def add(self, *todos: Todo) -> None:
        """
        Insert rows and note them, by one statement.
        """
        if todos:
            await self._transaction.count(ADD_TODOS, rows_of(todos))
            self._transaction.afterwards(partial(self._on_change, todos[0].owner_id))

    async def get(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        """
        Select by primary key.
        """
        row = await self._transaction.first(_GET, {"todo_id": todo_id, "owner": owner_id})
        return todo_of(row) if row else None

    async def hold(self, todo_id: TodoId, *, owner_id: UserId, deleted: bool = False) -> Todo | None:
        """
        Select by primary key, and lock the row after the owner's counter; look again before there is none.

        What fits only since the statement began, such as what was taken out of the bin, is seen by the next.
        """
        values = {"todo_id": todo_id, "owner": owner_id}
        row = await self._transaction.first(_HOLD[deleted], values)
        if row is None and await self._transaction.first(TAKE_TURN, values):
            row = await self._transaction.first(_HOLD[deleted], values)
        return todo_of(row) if row else None

    async def hold_steps(self, parent_id: TodoId, *, owner_id: UserId, deleted: bool = False) -> Sequence[Todo]:
        """
        Select and lock rows, after the owner's counter.
        """
        values = {"parent": parent_id, "owner": owner_id}
        await self._transaction.first(TAKE_TURN, values)
        return [todo_of(row) for row in await self._transaction.all(_HOLD_STEPS[deleted], values)]

    async def hold_list(self, list_id: ListId, *, owner_id: UserId) -> Sequence[Todo]:
        """
        Select and lock rows, after the owner's counter.
        """
        values = {"list": list_id, "owner": owner_id}
        await self._transaction.first(TAKE_TURN, values)
        return [todo_of(row) for row in await self._transaction.all(_HOLD_LIST, values)]

    async def page(
        self, wanted: TodoFilter, sort: TodoSort, *, owner_id: UserId, after: PageMark | None, limit: int
    ) -> TodoPage:
        """
        Walk an index from behind *after*: the thousandth page costs what the first does.
        """
        if wanted.text is not None and not words_of(wanted.text):
            return TodoPage([], next_after=None)
        questions, values = questions_of(wanted, owner_id)
        values |= {"owner": owner_id, "limit": limit + 1}
        if after is None:
            statement = first_page(questions, sort)
        else:
            statement = following_page(questions, sort)
            values |= {"value": after.value, "id": after.id, "as_of": after.as_of}
        rows = await self._transaction.all(statement, values)
        items = [todo_of(row[:-2]) for row in rows[:limit]]
        mark = PageMark(rows[limit - 1][-2], items[-1].id, rows[limit - 1][-1]) if len(rows) > limit else None
        return TodoPage(items, next_after=mark)

    async def replace(self, *todos: Todo) -> None:
        """
        Update rows and note what they were, by one statement.
        """
        if todos:
            await self._transaction.count(REPLACE_TODOS, rows_of(todos))
            self._transaction.afterwards(partial(self._on_change, todos[0].owner_id))

    async def tags(self, owner_id: UserId) -> Sequence[TagCount]:
        """
        Count over the owner's rows.
        """
        return [TagCount(*row) for row in await self._transaction.all(_TAGS, {"owner": owner_id})]

    async def purge(self, *, before: datetime, limit: int) -> int:
        """
        Delete some rows, and their steps with them.
        """
        return await self._transaction.count(_PURGE, {"before": before, "limit": limit})
