"""
Noting what happened to an account.
"""

from __future__ import annotations

from datetime import datetime

from todo_core.model.event import EventKind, SecurityEvent
from todo_core.model.ids import EventId, UserId, uuid7
from todo_core.ports import Randomness


def event(kind: EventKind, user_id: UserId, *, now: datetime, randomness: Randomness) -> SecurityEvent:
    """
    Return the event that *kind* happened to the user *now*.
    """
    return SecurityEvent(id=EventId(uuid7(now, randomness.draw(10))), user_id=user_id, kind=kind, at=now)
