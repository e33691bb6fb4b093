"""
Security events, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import asdict, frozen
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.tables import security_events as events
from todo_adapters.postgres.transaction import Row, Transaction, change, question
from todo_core.model.event import EventKind, SecurityEvent
from todo_core.model.ids import UserId
from todo_core.ports import EventStore

_ADD = change(insert(events))
_OF_USER = question(
    select(events)
    .where(events.c.user_id == bindparam("user_id"))
    .order_by(events.c.at.desc(), events.c.id.desc())
    .limit(bindparam("limit"))
)


def _event(row: Row) -> SecurityEvent:
    event_id, user_id, kind, at = row
    return SecurityEvent(event_id, user_id, EventKind(kind), at)


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

    async def of_user(self, user_id: UserId, *, limit: int) -> Sequence[SecurityEvent]:
        """
        Read an index from its end; events of one moment follow their ids.
        """
        return [_event(row) for row in await self._transaction.all(_OF_USER, {"user_id": user_id, "limit": limit})]
