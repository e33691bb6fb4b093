"""
One limit for all the steps of a backup or a restore together.
"""

from __future__ import annotations

import time
from typing import Self

from attrs import frozen

from todo_adapters.postgres.backups.errors import TOO_LONG, BackupFailed


@frozen
class Deadline:
    """
    The moment, on the clock that never goes back, by which all must be done.
    """

    at: float

    @classmethod
    def within(cls, seconds: float) -> Self:
        """
        Return the deadline in so many *seconds* from now.
        """
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """
        Return how many seconds are left.

        Raises:
            BackupFailed: none.
        """
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise BackupFailed(TOO_LONG)
        return seconds
