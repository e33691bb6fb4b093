"""
Rate limits, counted by ``limits`` in whichever storage it is given.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol, runtime_checkable

from attrs import field, frozen
from limits import RateLimitItemPerSecond
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from todo_core.errors import CountersUnavailable, Unavailable
from todo_core.model.limit import Allowance, Limit
from todo_core.ports import RateLimiter


@runtime_checkable
class PrunableStorage(Protocol):
    """
    A storage that does not forget by itself, as Redis does.
    """

    async def prune(self, *, limit: int) -> int:
        """
        Forget up to *limit* counters whose window is over, and return how many.
        """
        ...


@frozen
class LimitsRateLimiter(RateLimiter):
    """
    Counts in fixed windows that open with a key's first hit.

    Keys are e-mail and network addresses: the storage sees only their HMAC under *secret*.
    """

    _storage: Storage
    _secret: bytes = field(repr=False)

    async def hit(self, limit: Limit, key: str) -> Allowance:
        """
        Count in the storage, and ask it for the window's end only when it is full.
        """
        window, pseudonym = _window(limit), self._pseudonym(key)
        with self._out_of_reach():
            if await FixedWindowRateLimiter(self._storage).hit(window, pseudonym):
                return Allowance(allowed=True)
            ends_at = await self._storage.get_expiry(window.key_for(pseudonym))
        return Allowance(allowed=False, retry_after=timedelta(seconds=max(0.0, ends_at - time.time())))

    async def forget(self, limit: Limit, key: str) -> None:
        """
        Clear the window in the storage.
        """
        with self._out_of_reach():
            await self._storage.clear(_window(limit).key_for(self._pseudonym(key)))

    async def prune(self, *, limit: int) -> int:
        """
        Have the storage do so, where it does not forget by itself.
        """
        return await self._storage.prune(limit=limit) if isinstance(self._storage, PrunableStorage) else 0

    def _pseudonym(self, key: str) -> str:
        return hmac.digest(self._secret, key.encode(), hashlib.sha256).hex()

    @contextmanager
    def _out_of_reach(self) -> Generator[None]:
        try:
            yield
        except Unavailable:
            raise  # the database's own: with it everything is away, not only the counters
        except self._storage.base_exceptions as error:
            raise CountersUnavailable(f"rate limits: {type(error).__name__}") from None


def _window(limit: Limit) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(limit.amount, int(limit.window.total_seconds()), namespace=limit.name)
