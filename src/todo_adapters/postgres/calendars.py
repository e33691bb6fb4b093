"""
Calendars, in PostgreSQL.
"""

from __future__ import annotations

from attrs import asdict, frozen
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.todo_tables import calendars
from todo_adapters.postgres.transaction import Transaction, change, question
from todo_core.model.calendar import Calendar
from todo_core.model.ids import UserId
from todo_core.ports import CalendarStore

_new = insert(calendars)
_PUT = change(
    _new.on_conflict_do_update(
        index_elements=[calendars.c.owner_id],
        set_={"digest": _new.excluded.digest, "created_at": _new.excluded.created_at},
    )
)
_OF_OWNER = question(select(calendars).where(calendars.c.owner_id == bindparam("owner")))
_BY_DIGEST = question(select(calendars).where(calendars.c.digest == bindparam("digest")))
_REMOVE = change(delete(calendars).where(calendars.c.owner_id == bindparam("owner")))

_REMOVE_EVERYONES = change(delete(calendars))


@frozen
class PostgresCalendarStore(CalendarStore):
    """
    The table ``calendars``.
    """

    _transaction: Transaction

    async def put(self, calendar: Calendar) -> None:
        """
        Insert a row, or replace the owner's.
        """
        await self._transaction.count(_PUT, asdict(calendar, recurse=False))

    async def of_owner(self, owner_id: UserId) -> Calendar | None:
        """
        Select by primary key.
        """
        row = await self._transaction.first(_OF_OWNER, {"owner": owner_id})
        return Calendar(*row) if row else None

    async def by_digest(self, digest: bytes) -> Calendar | None:
        """
        Select by a unique index.
        """
        row = await self._transaction.first(_BY_DIGEST, {"digest": digest})
        return Calendar(*row) if row else None

    async def remove(self, owner_id: UserId) -> None:
        """
        Delete a row, if it is there.
        """
        await self._transaction.count(_REMOVE, {"owner": owner_id})

    async def remove_everyones(self) -> int:
        """
        Delete all rows.
        """
        return await self._transaction.count(_REMOVE_EVERYONES, {})
