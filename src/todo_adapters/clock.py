"""
The time, from the operating system.
"""

from __future__ import annotations

from datetime import UTC, datetime

from todo_core.ports import Clock


class SystemClock(Clock):
    """
    Tells the machine's time.
    """

    def now(self) -> datetime:
        return datetime.now(UTC)
