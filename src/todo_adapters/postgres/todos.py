"""
Todos, in PostgreSQL.
"""

from __future__ import annotations

from uuid import UUID

from attrs import asdict, frozen
from sqlalchemy import ColumnElement, Text, and_, bindparam, delete, func, literal_column, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.tables import todos
from todo_adapters.postgres.transaction import Statement, Transaction, change, question
from todo_core.model.ids import TodoId, UserId
from todo_core.model.todo import Todo, TodoFilter, TodoPage
from todo_core.ports import TodoStore

_BEFORE_ALL = UUID(int=0)

_one = and_(todos.c.owner_id == bindparam("owner"), todos.c.id == bindparam("todo_id"))

_ADD = change(insert(todos))
_GET = question(select(todos).where(_one))
_HOLD = change(select(todos).where(_one).with_for_update())
_REPLACE = change(
    update(todos)
    .where(_one)
    .values({name: bindparam(name) for name in ("title", "notes", "completed_at", "updated_at", "version")})
)
_REMOVE = change(delete(todos).where(_one))


def _holds_text(column: ColumnElement[str]) -> ColumnElement[bool]:
    """
    Compare without patterns, so that no character of the wanted text means anything but itself.
    """
    return func.strpos(func.lower(column), func.lower(bindparam("text", type_=Text))) > literal_column("0")


def _page(*, completed: bool | None, searching: bool) -> Statement:
    conditions = {None: true(), True: todos.c.completed_at.is_not(None), False: todos.c.completed_at.is_(None)}
    return question(
        select(todos)
        .where(
            todos.c.owner_id == bindparam("owner"),
            todos.c.id > bindparam("after"),
            conditions[completed],
            or_(_holds_text(todos.c.title), _holds_text(todos.c.notes)) if searching else true(),
        )
        .order_by(todos.c.id)
        .limit(bindparam("limit"))
    )


_PAGES = {
    (completed, searching): _page(completed=completed, searching=searching)
    for completed in (None, True, False)
    for searching in (True, False)
}


@frozen
class PostgresTodoStore(TodoStore):
    """
    The table ``todos``.
    """

    _transaction: Transaction

    async def add(self, todo: Todo) -> None:
        """
        Insert a row.
        """
        await self._transaction.count(_ADD, asdict(todo, recurse=False))

    async def get(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        """
        Select by primary key.
        """
        row = await self._transaction.first(_GET, {"todo_id": todo_id, "owner": owner_id})
        return Todo(*row) if row else None

    async def hold(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        """
        Select and lock the row.
        """
        row = await self._transaction.first(_HOLD, {"todo_id": todo_id, "owner": owner_id})
        return Todo(*row) if row else None

    async def page(self, wanted: TodoFilter, *, owner_id: UserId, after: TodoId | None, limit: int) -> TodoPage:
        """
        Walk the primary key from behind *after*: the thousandth page costs what the first does.
        """
        statement = _PAGES[wanted.completed, wanted.text is not None]
        values = {"owner": owner_id, "after": after or _BEFORE_ALL, "limit": limit + 1, "text": wanted.text}
        rows = await self._transaction.all(statement, values)
        items = [Todo(*row) for row in rows[:limit]]
        return TodoPage(items, next_after=items[-1].id if len(rows) > limit else None)

    async def replace(self, todo: Todo) -> None:
        """
        Update everything that may change.
        """
        values = {**asdict(todo, recurse=False), "todo_id": todo.id, "owner": todo.owner_id}
        await self._transaction.count(_REPLACE, values)

    async def remove(self, todo_id: TodoId, *, owner_id: UserId) -> None:
        """
        Delete one row, if it is there.
        """
        await self._transaction.count(_REMOVE, {"todo_id": todo_id, "owner": owner_id})
