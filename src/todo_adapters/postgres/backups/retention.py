"""
Which backups are kept: as many as help, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from datetime import datetime
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

DAYS, WEEKS = 7, 4


def outdated(moments: Collection[datetime], *, days: int = DAYS, weeks: int = WEEKS) -> set[datetime]:
    """
    Return those of the backups made at these *moments* (UTC) that are not needed any more.

    The newest of each of the last *days* and of the last *weeks* (ISO 8601) that have one are kept: days without a
    backup do not count, so that none goes because none comes.
    """
    kept = _newest(moments, lambda at: at.date(), days) | _newest(moments, lambda at: at.isocalendar()[:2], weeks)
    return set(moments) - kept


def _newest(moments: Collection[datetime], period: Callable[[datetime], K], number: int) -> set[datetime]:
    by_period = {period(at): at for at in sorted(moments)}
    return set(sorted(by_period.values())[-number:])
