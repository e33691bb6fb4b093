"""
Lists of todos, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from attrs import asdict, frozen
from sqlalchemy import CTE, ColumnElement, Uuid, bindparam, delete, func, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.todo_tables import changes, lists, todos
from todo_adapters.postgres.todo_writes import numbered, own, turn
from todo_adapters.postgres.transaction import Statement, Transaction, change, question
from todo_core.model.change import ChangedThing, ChangeKind
from todo_core.model.ids import ListId, UserId
from todo_core.model.todo_list import TodoList
from todo_core.ports import ListStore

_OWNER = bindparam("owner", type_=Uuid)
_is_one = (lists.c.owner_id == _OWNER) & (lists.c.id == bindparam("list"))
_FREE_TO_CHANGE = ("name", "position", "updated_at", "colour", "version")

_GET = question(select(lists).where(_is_one))
_HOLD = change(
    select(lists).join_from(lists, turn, lists.c.owner_id == turn.c.owner_id).where(_is_one).with_for_update(of=lists)
)
_OF_OWNER = question(select(lists).where(lists.c.owner_id == _OWNER).order_by(lists.c.position, lists.c.id))


def _noting(kind: ChangeKind, changed: CTE, *others: CTE, at: ColumnElement[datetime] | None = None) -> Statement:
    """
    Return the statement that notes what became of the list that *changed* has, if it has one.
    """
    counter = numbered(func.count(), unless_none=changed)
    values = {
        "owner_id": _OWNER,
        "number": counter.c.latest,
        "at": changed.c.updated_at if at is None else at,
        "thing": own(ChangedThing.LIST),
        "kind": own(kind),
        "id": changed.c.id,
        "version": changed.c.version,
    }
    noted = select(*values.values()).select_from(changed.join(counter, literal_column("true")))
    statement = insert(changes).from_select(list(values), noted)
    for other in others:
        statement = statement.add_cte(other)
    return change(statement)


def _remove() -> Statement:
    removed = delete(lists).where(_is_one).returning(lists.c.id, lists.c.version).cte("removed")
    is_inside = (todos.c.owner_id == _OWNER) & (todos.c.list_id == bindparam("list"))
    emptied = update(todos).where(is_inside).values(list_id=null()).cte("emptied")
    return _noting(ChangeKind.DELETED, removed, emptied, at=bindparam("at", type_=lists.c.updated_at.type))


_ADD = _noting(ChangeKind.ADDED, insert(lists).returning(lists).cte("added"))
_REPLACE = _noting(
    ChangeKind.EDITED,
    update(lists)
    .where(_is_one)
    .values({name: bindparam(name, type_=lists.c[name].type) for name in _FREE_TO_CHANGE})
    .returning(lists)
    .cte("replaced"),
)
_REMOVE = _remove()


@frozen
class PostgresListStore(ListStore):
    """
    The table ``lists``; *on_change* is called, with whose they are, once some are changed.
    """

    _transaction: Transaction
    _on_change: Callable[[UserId], None]

    async def add(self, todo_list: TodoList) -> None:
        """
        Insert a row and note it, by one statement.
        """
        await self._note(_ADD, _values(todo_list))

    async def get(self, list_id: ListId, *, owner_id: UserId) -> TodoList | None:
        """
        Select by primary key.
        """
        row = await self._transaction.first(_GET, {"list": list_id, "owner": owner_id})
        return TodoList(*row) if row else None

    async def hold(self, list_id: ListId, *, owner_id: UserId) -> TodoList | None:
        """
        Select by primary key, and lock the row after the owner's counter: what refers to it has to wait.
        """
        row = await self._transaction.first(_HOLD, {"list": list_id, "owner": owner_id})
        return TodoList(*row) if row else None

    async def of_owner(self, owner_id: UserId) -> Sequence[TodoList]:
        """
        Select the owner's rows, which are few.
        """
        return [TodoList(*row) for row in await self._transaction.all(_OF_OWNER, {"owner": owner_id})]

    async def replace(self, todo_list: TodoList) -> None:
        """
        Update the row and note it, by one statement.
        """
        await self._note(_REPLACE, _values(todo_list))

    async def remove(self, list_id: ListId, *, owner_id: UserId, at: datetime) -> None:
        """
        Lock the row, then delete and note it, by one statement, which takes what is left out of the list, too.
        """
        if await self.hold(list_id, owner_id=owner_id) is not None:
            await self._note(_REMOVE, {"list": list_id, "owner": owner_id, "at": at})

    async def _note(self, statement: Statement, values: Mapping[str, Any]) -> None:
        await self._transaction.count(statement, values)
        self._transaction.afterwards(partial(self._on_change, values["owner"]))


def _values(todo_list: TodoList) -> dict[str, object]:
    return {**asdict(todo_list, recurse=False), "list": todo_list.id, "owner": todo_list.owner_id}
