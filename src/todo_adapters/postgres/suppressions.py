"""
Suppressed addresses, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.tables import mail_events, suppressions
from todo_adapters.postgres.transaction import Row, Transaction, change, question
from todo_core.model.email import EmailAddress
from todo_core.model.suppression import MailEventKind, Suppression
from todo_core.ports import SuppressionStore

_insertion = insert(suppressions)
_ADD = change(
    _insertion.on_conflict_do_update(
        index_elements=[suppressions.c.address],
        set_={name: _insertion.excluded[name] for name in ("reason", "at")},
        where=(suppressions.c.reason == bindparam("weaker")) & (_insertion.excluded.reason == bindparam("stronger")),
    )
)
_BY_ADDRESS = question(select(suppressions).where(suppressions.c.address == bindparam("address")))
_NEWEST = question(
    select(suppressions).order_by(suppressions.c.at.desc(), suppressions.c.address.desc()).limit(bindparam("limit"))
)
_REMOVE = change(delete(suppressions).where(suppressions.c.address == bindparam("address")))
_NOTE_EVENT = change(insert(mail_events).on_conflict_do_nothing(index_elements=[mail_events.c.id]))
_FORGET_EVENTS = change(delete(mail_events).where(mail_events.c.at < bindparam("before")))


def _suppression(row: Row) -> Suppression:
    address, reason, at = row
    return Suppression(EmailAddress(address), MailEventKind(reason), at)


@frozen
class PostgresSuppressionStore(SuppressionStore):
    """
    The tables ``suppressions`` and ``mail_events``.
    """

    _transaction: Transaction

    async def add(self, suppression: Suppression) -> bool:
        """
        Insert, or update where a complaint meets a bounce.
        """
        values = {
            "address": suppression.address.text,
            "reason": suppression.reason,
            "at": suppression.at,
            "weaker": MailEventKind.BOUNCE,
            "stronger": MailEventKind.COMPLAINT,
        }
        return await self._transaction.count(_ADD, values) == 1

    async def by_address(self, address: EmailAddress) -> Suppression | None:
        """
        Select by primary key.
        """
        row = await self._transaction.first(_BY_ADDRESS, {"address": address.text})
        return _suppression(row) if row else None

    async def newest(self, *, limit: int) -> Sequence[Suppression]:
        """
        Read an index from its end.
        """
        return [_suppression(row) for row in await self._transaction.all(_NEWEST, {"limit": limit})]

    async def remove(self, address: EmailAddress) -> bool:
        """
        Delete by primary key.
        """
        return await self._transaction.count(_REMOVE, {"address": address.text}) == 1

    async def note_event(self, event_id: str, *, at: datetime) -> bool:
        """
        Insert, unless the event is there.
        """
        return await self._transaction.count(_NOTE_EVENT, {"id": event_id, "at": at}) == 1

    async def forget_events(self, *, before: datetime) -> None:
        """
        Delete by the index on the time.
        """
        await self._transaction.count(_FORGET_EVENTS, {"before": before})
