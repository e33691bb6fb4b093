"""
Waking couriers: at once in this process, and by NOTIFY in the others.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from attrs import define, field
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.notices import Notices

_CHANNEL = "todo_mail"


@define
class PostgresMailSignal:
    """
    A bell for couriers.  It is only a hint: they look into the outbox from time to time all the same.

    Args:
        engine: where NOTIFY is said.
        listen_url: where it is heard: a direct connection, for a pooler would not let it through.
    """

    _engine: AsyncEngine
    _listen_url: str = field(repr=False)
    _rung: asyncio.Event = field(factory=asyncio.Event, init=False)
    _notices: Notices = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._notices = Notices(self._engine, self._listen_url, _CHANNEL, lambda _: self._rung.set())

    @property
    def is_heard(self) -> bool:
        """
        Tell whether the listener has heard this very process since it listens.
        """
        return self._notices.is_heard

    def ring(self) -> None:
        """
        Wake this process's couriers now, and the others' soon.
        """
        self._rung.set()
        self._notices.say()

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109 - the signal is awaited beside others
        """
        Return when the bell was rung since the last wait, or after *timeout* seconds.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        self._rung.clear()

    async def listen(self) -> None:
        """
        Hear the other processes' bells, until cancelled; a lost connection is made again.
        """
        await self._notices.listen(begun=self.ring)

    async def close(self) -> None:
        """
        Return when the last ring was sent to the other processes.
        """
        await self._notices.close()
