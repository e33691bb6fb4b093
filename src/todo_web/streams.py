"""
Streams of events: how many may be open, when they look for news, and that all end together.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from secrets import SystemRandom
from typing import Protocol

from attrs import define, field

from todo_core.errors import TooManyRequests
from todo_core.model.ids import UserId

LONGEST_LIFE = timedelta(hours=1)

_AT_ONCE = 4
"""Streams of one process that look at the same time: they leave the database's connections to requests."""


class ChangeSignal(Protocol):
    """
    Tells that a person's todos or lists have changed, or that a session of theirs has ended.  It is a hint.
    """

    @property
    def is_heard(self) -> bool:
        """
        Tell whether news from other processes reach this one.
        """
        ...

    def following(self, owner_id: UserId) -> AbstractContextManager[asyncio.Event]:
        """
        Yield an event that is set whenever there may be news; the follower clears it before they look.
        """
        ...


@define
class Streams:
    """
    The streams that are open in this process.

    Args:
        signal: tells when to look.
        most: how many one person may have open.
        rest: seconds between two looks while nothing happens, the least and the most: streams that began together
            come apart.  It is also how often a sign of life is sent, and how long a lost session goes unnoticed.
        poll: the same, while the signal is not heard.
        patience: seconds that a reader may take for one piece.
        life: seconds until a stream ends and the reader begins another, the least and the most.
    """

    signal: ChangeSignal
    most: int = 10
    rest: tuple[float, float] = (15.0, 25.0)
    poll: float = 3.0
    patience: float = 30.0
    life: tuple[float, float] = (3000.0, LONGEST_LIFE.total_seconds())
    looking: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(_AT_ONCE), init=False)
    _open: Counter[UserId] = field(factory=Counter[UserId], init=False)
    _ending: asyncio.Event = field(factory=asyncio.Event, init=False)

    @contextmanager
    def opened(self, owner_id: UserId) -> Generator[asyncio.Event]:
        """
        Take one of the person's places for the block, and yield what ends its rests.

        Raises:
            TooManyRequests: they have as many open as they may.
        """
        if self._open[owner_id] >= self.most:
            wait = timedelta(seconds=self.rest[1])
            raise TooManyRequests("streams", amount=self.most, window=LONGEST_LIFE, retry_after=wait)
        self._open[owner_id] += 1
        try:
            with self.signal.following(owner_id) as rung:
                yield rung
        finally:
            self._open -= Counter([owner_id])

    @property
    def open(self) -> int:
        """
        How many are open.
        """
        return self._open.total()

    async def wait(self, rung: asyncio.Event) -> None:
        """
        Return when it is time to look.
        """
        seconds = SystemRandom().uniform(*self.rest) if self.signal.is_heard else self.poll
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await rung.wait()
        rung.clear()

    def end(self) -> None:
        """
        End all streams, and those that are yet to begin.
        """
        self._ending.set()

    async def ended(self) -> None:
        """
        Return once they are to end.
        """
        await self._ending.wait()

    async def lived(self) -> None:
        """
        Return once a stream that begins now has lived long enough.
        """
        await asyncio.sleep(SystemRandom().uniform(*self.life))
