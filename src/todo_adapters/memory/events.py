"""
Security events, in dictionaries.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from todo_adapters.memory.rows import insert
from todo_core.model.event import SecurityEvent
from todo_core.model.ids import EventId, UserId
from todo_core.ports import EventStore


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
