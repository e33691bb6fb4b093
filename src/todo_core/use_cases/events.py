"""
What happened to an account: noting it, and showing it to its owner.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from todo_core.errors import InvalidInput
from todo_core.model.event import LARGEST_PAGE, EventKind, EventPage, SecurityEvent
from todo_core.model.ids import EventId, UserId, uuid7
from todo_core.model.session import network_of
from todo_core.ports import Randomness, UnitOfWork


def event(
    kind: EventKind, user_id: UserId, *, now: datetime, randomness: Randomness, client: str | None = None
) -> SecurityEvent:
    """
    Return the event that *kind* happened to the user *now*, by a request of *client* if there was one.
    """
    return SecurityEvent(
        id=EventId(uuid7(now, randomness.draw(10))),
        user_id=user_id,
        kind=kind,
        at=now,
        network=None if client is None else network_of(client),
    )


@frozen
class ListEvents:
    """
    Show one page of what happened to a person's account.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, user_id: UserId, before: EventId | None, limit: int) -> EventPage:
        """
        Return at most *limit* events, newest first, from before *before*.

        Raises:
            InvalidInput: *limit* is not between 1 and 200.
        """
        if not 1 <= limit <= LARGEST_PAGE:
            raise InvalidInput(f"A page has 1 to {LARGEST_PAGE} events.", field="limit")
        async with self.unit_of_work.begin() as work:
            events = await work.events.of_user(user_id, before=before, limit=limit + 1)
        return EventPage(events[:limit], next_before=events[limit - 1].id if len(events) > limit else None)
