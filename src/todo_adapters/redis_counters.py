"""
Counters for ``limits``, in Redis, for those who want them apart from the database.

Redis forgets a counter by itself when its window is over. Nothing else of the service is kept there.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import Final, TypeVar, cast

from limits.aio.storage import RedisStorage

from todo_core.errors import CountersUnavailable

T = TypeVar("T")

_log = logging.getLogger("todo.redis")

DEADLINE: Final = 1.0
"""Seconds that Redis has for an answer, with all that comes before it: requests wait for it."""

_MOST_CONNECTIONS: Final = 50
_MILLISECONDS: Final = 1000


class RedisCounters(RedisStorage):
    """
    The Redis at *url*, ``redis://…`` or ``rediss://…``; the latter's certificate is verified.

    It needs the extra ``redis``. Nothing is connected to before the first hit.
    """

    def __init__(self, url: str) -> None:
        from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415 - an extra: who does not want it lacks it

        pool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - redis leaves it untyped
            url, max_connections=_MOST_CONNECTIONS
        )
        super().__init__(url, implementation="redispy", key_prefix="todo", connection_pool=pool)  # type: ignore[arg-type]  # documented, not declared
        self._pool = pool
        self._redis = Redis(connection_pool=pool)
        self._away: str | None = None

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """
        Return what is raised when the counters cannot be reached.
        """
        from redis.exceptions import RedisError  # noqa: PLC0415 - as above

        return RedisError, TimeoutError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """
        Count *amount* more for *key*, in a window of *expiry* seconds, and return the sum.
        """
        return await self._soon(super().incr(key, expiry, amount))

    async def get(self, key: str) -> int:
        """
        Return the sum of *key*'s open window.
        """
        return await self._soon(super().get(key))

    async def get_expiry(self, key: str) -> float:
        """
        Return when *key*'s window ends, in seconds of this machine's clock, and not rounded to whole ones.
        """
        rest = await self._soon(cast("Awaitable[int]", self._redis.pttl(self.bridge.prefixed_key(key))))
        return time.time() + max(rest, 0) / _MILLISECONDS

    async def clear(self, key: str) -> None:
        """
        Forget *key*'s counter.
        """
        await self._soon(super().clear(key))

    async def examine(self) -> None:
        """
        Return if the counters can be reached.

        Raises:
            CountersUnavailable: they cannot; in a word, why.
        """
        try:
            await self.get("")
        except self.base_exceptions as error:
            raise CountersUnavailable(type(error).__name__) from None

    async def close(self) -> None:
        """
        Let go of the connections.
        """
        await self._pool.disconnect()

    async def _soon(self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(DEADLINE):
                found = await answer
        except self.base_exceptions as error:
            self._tell(away=type(error).__name__)
            raise
        self._tell(away=None)
        return found

    def _tell(self, *, away: str | None) -> None:
        """
        Log that Redis went away or came back, once each.
        """
        if (away is None) is not (self._away is None):
            _log.warning("redis is back" if away is None else f"redis is away: {away}")
        self._away = away
