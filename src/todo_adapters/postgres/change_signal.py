"""
Waking those who follow a person's changes: at once in this process, and by NOTIFY in the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from attrs import define, field
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.notices import Notices
from todo_core.model.ids import UserId

_CHANNEL = "todo_changes"


@define
class PostgresChangeSignal:
    """
    A bell for each person's followers.  It is only a hint: they look from time to time all the same.

    Args:
        engine: where NOTIFY is said.
        listen_url: where it is heard: a direct connection, for a pooler would not let it through.
    """

    _engine: AsyncEngine
    _listen_url: str = field(repr=False)
    _followers: dict[str, list[asyncio.Event]] = field(factory=dict[str, list[asyncio.Event]], init=False)
    _needed: asyncio.Event = field(factory=asyncio.Event, init=False)
    _notices: Notices = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._notices = Notices(self._engine, self._listen_url, _CHANNEL, self._wake)

    @property
    def is_heard(self) -> bool:
        """
        Tell whether the listener has heard this very process since it listens.
        """
        return self._notices.is_heard

    def ring(self, owner_id: UserId) -> None:
        """
        Wake the person's followers in this process now, and in the others soon.
        """
        self._wake(owner_id.hex)
        self._notices.say(owner_id.hex)

    @contextmanager
    def following(self, owner_id: UserId) -> Generator[asyncio.Event]:
        """
        Yield an event that is set whenever the person's things may have changed; the follower clears it.
        """
        rung = asyncio.Event()
        self._followers.setdefault(owner_id.hex, []).append(rung)
        self._needed.set()
        try:
            yield rung
        finally:
            self._leave(owner_id.hex, rung)

    async def listen(self) -> None:
        """
        Hear the other processes' bells from the first follower on, until cancelled; before, no connection is held.
        """
        await self._needed.wait()
        await self._notices.listen(begun=self._begin)

    async def close(self) -> None:
        """
        Return when the last ring was sent to the other processes.
        """
        await self._notices.close()

    def _begin(self) -> None:
        for owner in self._followers:
            self._wake(owner)
        self._notices.say()

    def _wake(self, owner: str) -> None:
        for rung in self._followers.get(owner, ()):
            rung.set()

    def _leave(self, owner: str, rung: asyncio.Event) -> None:
        self._followers[owner].remove(rung)
        if not self._followers[owner]:
            del self._followers[owner]
