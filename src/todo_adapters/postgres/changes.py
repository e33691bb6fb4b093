"""
Numbered changes, in PostgreSQL; the stores of todos and lists write them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen
from sqlalchemy import Integer, bindparam, select

from todo_adapters.postgres.todo_tables import change_counters, changes
from todo_adapters.postgres.todo_writes import forgetting
from todo_adapters.postgres.transaction import Row, Transaction, question
from todo_core.model.change import Change, ChangedThing, ChangeKind
from todo_core.model.ids import UserId
from todo_core.ports import ChangeStore

_is_theirs = changes.c.owner_id == bindparam("owner")
_LATEST = question(select(change_counters.c.latest).where(change_counters.c.owner_id == bindparam("owner")))
_TOLD = [each for each in changes.columns if not each.name.startswith("old_")]
_SINCE = question(
    select(*_TOLD)
    .where(_is_theirs, changes.c.number > bindparam("number"))
    .order_by(changes.c.number)
    .limit(bindparam("limit", type_=Integer))
)
_PRUNE = forgetting(changes.c.at)


def _change(row: Row) -> Change:
    owner_id, number, at, thing, kind, *rest = row
    return Change(owner_id, number, at, ChangedThing(thing), ChangeKind(kind), *rest)


@frozen
class PostgresChangeStore(ChangeStore):
    """
    The tables ``changes`` and ``change_counters``.
    """

    _transaction: Transaction

    async def latest(self, owner_id: UserId) -> int:
        """
        Read the owner's counter.
        """
        row = await self._transaction.first(_LATEST, {"owner": owner_id})
        return 0 if row is None else int(row[0])

    async def since(self, number: int, *, owner_id: UserId, limit: int) -> Sequence[Change]:
        """
        Walk the primary key.
        """
        values = {"owner": owner_id, "number": number, "limit": limit}
        return [_change(row) for row in await self._transaction.all(_SINCE, values)]

    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Delete some rows.
        """
        return await self._transaction.count(_PRUNE, {"before": before, "limit": limit})
