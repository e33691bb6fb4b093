"""
Leaving a mail provider alone that wants nothing from us until an operator acts, or that is not there.
"""

from __future__ import annotations

import asyncio

import structlog
from attrs import define, field

from todo_core.use_cases.courier import Delivery, Outcome

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.courier")

_BLINK = 1.0
"""Seconds until whoever is away is looked for again, the first time."""


def _set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@define
class Pause:
    """
    Begins with the provider's first complaint about us or its absence, and ends with the first mail that it takes.

    Meanwhile one mail at a time may be tried; each that fails doubles the wait for the next. Whoever is away
    may be back any moment, so the waits begin with a second then, and grow to ``longest_absence`` only.

    Args:
        shortest: seconds until the first try.
        longest: seconds between two tries, however many failed.
        longest_absence: the same, while the provider is away.
    """

    shortest: float = 15.0
    longest: float = 300.0
    longest_absence: float = 20.0
    _wait: float = field(init=False, default=0.0)
    _next_try: float = field(init=False, default=0.0)
    _over: asyncio.Event = field(init=False, factory=_set_event)

    @property
    def is_on(self) -> bool:
        """
        Tell whether mail is paused.
        """
        return not self._over.is_set()

    def heed(self, delivery: Delivery) -> None:
        """
        Begin, go on or end as *delivery* says.

        What was in flight when it began, and fails as the first did, is no try.
        """
        now = asyncio.get_running_loop().time()
        if (delivery.misconfigured or delivery.away) and now >= self._next_try:
            self._begin(now, delivery)
        elif delivery.outcome is Outcome.SENT and self.is_on:
            self._end()

    async def until_next_try(self) -> None:
        """
        Return when it is over, or when a mail may be tried.
        """
        try:
            async with asyncio.timeout_at(self._next_try):
                await self._over.wait()
        except TimeoutError:
            pass

    def _begin(self, now: float, delivery: Delivery) -> None:
        shortest, longest = (_BLINK, self.longest_absence) if delivery.away else (self.shortest, self.longest)
        self._wait = min(max(self._wait * 2, shortest), longest) if self.is_on else shortest
        self._next_try = now + self._wait
        self._over.clear()
        log = _log.warning if delivery.away else _log.error
        log("mail paused", reason=delivery.reason, next_try_in=self._wait)

    def _end(self) -> None:
        self._next_try = 0.0
        self._over.set()
        _log.info("mail resumed")
