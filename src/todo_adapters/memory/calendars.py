"""
Calendars, in dictionaries.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.model.calendar import Calendar
from todo_core.model.ids import UserId
from todo_core.ports import CalendarStore


@frozen
class MemoryCalendarStore(CalendarStore):
    """
    Calendars by their owners.
    """

    rows: dict[UserId, Calendar]

    async def put(self, calendar: Calendar) -> None:
        self.rows[calendar.owner_id] = calendar

    async def of_owner(self, owner_id: UserId) -> Calendar | None:
        return self.rows.get(owner_id)

    async def by_digest(self, digest: bytes) -> Calendar | None:
        return next((calendar for calendar in self.rows.values() if calendar.digest == digest), None)

    async def remove(self, owner_id: UserId) -> None:
        self.rows.pop(owner_id, None)

    async def remove_everyones(self) -> int:
        removed = len(self.rows)
        self.rows.clear()
        return removed
