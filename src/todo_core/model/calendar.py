"""
Calendars: the secret addresses at which calendar programs read somebody's todos.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from todo_core.model.ids import UserId

CALENDAR_SECRET_BYTES = 32
"""256 bits: nothing to guess, so the address alone may let a calendar program in."""


@frozen
class Calendar:
    """
    That somebody's due todos can be read by whoever knows a secret, of which ``digest`` is the SHA-256.
    """

    owner_id: UserId
    digest: bytes = field(repr=False)
    created_at: datetime
