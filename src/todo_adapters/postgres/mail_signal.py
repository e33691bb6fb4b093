"""
Waking couriers: at once in this process, and by NOTIFY in the others.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

import psycopg
import structlog
from attrs import define, field
from psycopg import AsyncConnection, Notify
from psycopg.conninfo import make_conninfo
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.engine import KEEPALIVE, conninfo
from todo_adapters.postgres.transaction import borrowed
from todo_core.errors import Unavailable

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.mail_signal")

_CHANNEL = "todo_mail"
_NOTIFY = b"SELECT pg_notify('todo_mail', %s)"

_QUIET = 0.05
"""Seconds between two NOTIFYs of one process: each makes the commits of the whole server wait for it."""

_SHORTEST_BACKOFF = 0.1
_LONGEST_BACKOFF = 2.0


@define
class PostgresMailSignal:
    """
    A bell for couriers.  It is only a hint: they look into the outbox from time to time all the same.

    ``is_heard`` tells whether the listener has heard this very process since it listens: through a transaction
    pooler LISTEN is accepted, but nothing is ever heard.

    Args:
        engine: where NOTIFY is said.
        listen_url: where it is heard: a direct connection, for a pooler would not let it through.
    """

    is_heard: bool = field(default=False, init=False)
    _engine: AsyncEngine
    _listen_url: str = field(repr=False)
    _rung: asyncio.Event = field(factory=asyncio.Event, init=False)
    _notifying: asyncio.Task[None] | None = field(default=None, init=False)
    _rung_again: bool = field(default=False, init=False)
    _name: str = field(factory=lambda: secrets.token_hex(8), init=False)

    def ring(self) -> None:
        """
        Wake this process's couriers now, and the others' soon.
        """
        self._rung.set()
        self._rung_again = True
        if self._notifying is None or self._notifying.done():
            self._notifying = asyncio.create_task(self._notify(), name="mail-notify")

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
        backoff = _SHORTEST_BACKOFF
        while True:
            try:
                async with await self._connection() as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}".encode())
                    self.ring()
                    backoff = _SHORTEST_BACKOFF
                    async for notice in connection.notifies():
                        self._hear(notice)
            except (psycopg.Error, OSError) as error:
                _log.warning("mail signal lost", error=type(error).__name__, retry_in=backoff)
            finally:
                self.is_heard = False
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, _LONGEST_BACKOFF)

    async def close(self) -> None:
        """
        Return when the last ring was sent to the other processes.
        """
        if self._notifying is not None:
            await self._notifying

    def _hear(self, notice: Notify) -> None:
        if notice.payload == self._name:
            self.is_heard = True
        else:
            self._rung.set()

    async def _connection(self) -> AsyncConnection:
        patience = {"connect_timeout": 2, **KEEPALIVE}
        where = make_conninfo(conninfo(self._listen_url), application_name="todo mail signal", **patience)
        return await AsyncConnection.connect(where, autocommit=True)

    async def _notify(self) -> None:
        while self._rung_again:
            self._rung_again = False
            try:
                async with borrowed(self._engine) as connection:
                    await connection.execute(_NOTIFY, [self._name])
            except (psycopg.Error, Unavailable) as error:
                _log.warning("mail signal not sent", error=type(error).__name__)
            await asyncio.sleep(_QUIET)
