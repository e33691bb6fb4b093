"""
Security events, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from attrs import asdict, frozen
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.tables import security_events as events
from todo_adapters.postgres.transaction import Row, Transaction, change, question
from todo_core.model.event import EventKind, SecurityEvent
from todo_core.model.ids import EventId, UserId
from todo_core.ports import EventStore

_ADD = change(insert(events))
_OF_USER = question(
    select(events)
    .where(events.c.user_id == bindparam("user_id"), events.c.id < bindparam("before"))
    .order_by(events.c.id.desc())
    .limit(bindparam("limit"))
)
_ANY = UUID(int=2**128 - 1)


def _event(row: Row) -> SecurityEvent:
    event_id, user_id, kind, *rest = row
    return SecurityEvent(event_id, user_id, EventKind(kind), *rest)


@frozen
class PostgresEventStore(EventStore):
    """
    The table ``security_events``.
    """

    _transaction: Transaction

    async def add(self, event: SecurityEvent) -> None:
        """
        Insert a row.
        """
        await self._transaction.count(_ADD, asdict(event, recurse=False))

    async def of_user(self, user_id: UserId, *, before: EventId | None = None, limit: int) -> Sequence[SecurityEvent]:
        """
        Read an index backwards: ids grow with time.
        """
        values = {"user_id": user_id, "before": before or _ANY, "limit": limit}
        return [_event(row) for row in await self._transaction.all(_OF_USER, values)]
