"""
What only the database knows, and knows for all processes at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from attrs import define, field

from todo_core.ports import Clock
from todo_core.use_cases.outbox import OutboxStats
from todo_web.metrics import catalog
from todo_web.metrics.meter import Numbers

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.metrics")

_SHARE = 50


@define
class Deployment:
    """
    Asks how the outbox does, when somebody wants to know, and not more often than each *rest* seconds.

    Counting looks at every mail that is kept, so an answer holds for fifty times as long as it took, at least.

    Args:
        count_mail: the use case.
        clock: tells for how long something has been due.
        deadline: seconds that the answer may take; the page comes without it then, and says so.
        rest: seconds that an answer, or its absence, holds.
    """

    count_mail: Callable[[], Awaitable[OutboxStats]]
    clock: Clock
    deadline: float = 2.0
    rest: float = 10.0
    _known: Numbers | None = field(default=None, init=False)
    _stale_at: float = field(default=0.0, init=False)
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def numbers(self) -> Numbers:
        """
        Return what the database says, or only that it does not answer.
        """
        async with self._turn:
            if self._known is None or time.monotonic() >= self._stale_at:
                asked_at = time.monotonic()
                self._known = await self._ask()
                taken = time.monotonic() - asked_at
                answered = catalog.OUTBOX in self._known
                self._stale_at = time.monotonic() + max(self.rest, _SHARE * taken if answered else 0.0)
            return self._known

    async def _ask(self) -> Numbers:
        try:
            async with asyncio.timeout(self.deadline):
                stats = await self.count_mail()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the page comes
            _log.warning("outbox not counted", error=type(error).__name__)
            return {catalog.DATABASE_ANSWERS: {(): 0.0}}
        return {catalog.DATABASE_ANSWERS: {(): 1.0}, **self._told(stats)}

    def _told(self, stats: OutboxStats) -> Numbers:
        oldest = stats.backlog.oldest_due
        due = 0.0 if oldest is None else max(0.0, (self.clock.now() - oldest).total_seconds())
        return {
            catalog.OUTBOX: {(state.value,): float(number) for state, number in stats.counts.items()},
            catalog.OLDEST_DUE: {(): due},
            catalog.MISCONFIGURED: {(): float(stats.backlog.misconfigured is not None)},
        }
