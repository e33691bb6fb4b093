"""
Words that processes give each other, by NOTIFY and LISTEN.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import psycopg
import structlog
from attrs import define, field
from psycopg import AsyncConnection, Notify
from psycopg.conninfo import make_conninfo
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.engine import KEEPALIVE, conninfo
from todo_adapters.postgres.transaction import borrowed
from todo_core.errors import Unavailable

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.notices")

_NOTIFY = b"SELECT pg_notify(%s, word) FROM unnest(%s::text[]) AS word"

_QUIET = 0.05
"""Seconds between two NOTIFYs of one process: each makes the commits of the whole server wait for it."""

_SHORTEST_BACKOFF = 0.1
_LONGEST_BACKOFF = 2.0


@define
class Notices:
    """
    What one process says on a channel, the others hear; unless they do not, for a word can be lost.

    ``is_heard`` tells whether this process has heard itself since it listens: through a transaction pooler LISTEN
    is accepted, but nothing is ever heard.

    Args:
        engine: where NOTIFY is said.
        listen_url: where it is heard: a direct connection, for a pooler would not let it through.
        channel: its name.
        heed: called with each word of another process.
    """

    is_heard: bool = field(default=False, init=False)
    _engine: AsyncEngine
    _listen_url: str = field(repr=False)
    _channel: str
    _heed: Callable[[str], None]
    _words: set[str] = field(factory=set[str], init=False)
    _saying: asyncio.Task[None] | None = field(default=None, init=False)
    _name: str = field(factory=lambda: secrets.token_hex(8), init=False)

    def say(self, word: str = "") -> None:
        """
        Have the others hear the *word* soon; the same word is said once, however often it is given meanwhile.
        """
        self._words.add(f"{self._name} {word}")
        if self._saying is None or self._saying.done():
            self._saying = asyncio.create_task(self._say(), name=f"{self._channel}-notify")

    async def listen(self, begun: Callable[[], None]) -> None:
        """
        Hear the others, until cancelled; a lost connection is made again.

        *begun* is called each time it has begun: what was said before was missed. It should say something, to be heard.
        """
        backoff = _SHORTEST_BACKOFF
        while True:
            try:
                async with await self._connection() as connection:
                    await connection.execute(f"LISTEN {self._channel}".encode())
                    begun()
                    backoff = _SHORTEST_BACKOFF
                    async for notice in connection.notifies():
                        self._hear(notice)
            except (psycopg.Error, OSError) as error:
                _log.warning("listening lost", channel=self._channel, error=type(error).__name__, retry_in=backoff)
            finally:
                self.is_heard = False
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, _LONGEST_BACKOFF)

    async def close(self) -> None:
        """
        Return when the last word was said.
        """
        if self._saying is not None:
            await self._saying

    def _hear(self, notice: Notify) -> None:
        name, _, word = notice.payload.partition(" ")
        if name == self._name:
            self.is_heard = True
        else:
            self._heed(word)

    async def _connection(self) -> AsyncConnection:
        patience = {"connect_timeout": 2, **KEEPALIVE}
        where = make_conninfo(conninfo(self._listen_url), application_name=f"listens to {self._channel}", **patience)
        return await AsyncConnection.connect(where, autocommit=True)

    async def _say(self) -> None:
        while self._words:
            words, self._words = self._words, set()
            try:
                async with borrowed(self._engine) as connection:
                    await connection.execute(_NOTIFY, [self._channel, list(words)])
            except (psycopg.Error, Unavailable) as error:
                _log.warning("notice not sent", channel=self._channel, error=type(error).__name__)
            await asyncio.sleep(_QUIET)
