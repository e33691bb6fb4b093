"""
Rate limits, counted by ``limits`` in whichever storage it is given.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import timedelta
from typing import Protocol, runtime_checkable

from attrs import field, frozen
from limits import RateLimitItemPerSecond
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from todo_core.errors import Unavailable
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
        window = RateLimitItemPerSecond(limit.amount, int(limit.window.total_seconds()), namespace=limit.name)
        pseudonym = hmac.digest(self._secret, key.encode(), hashlib.sha256).hex()
        try:
            if await FixedWindowRateLimiter(self._storage).hit(window, pseudonym):
                return Allowance(allowed=True)
            ends_at = await self._storage.get_expiry(window.key_for(pseudonym))
        except self._storage.base_exceptions as error:
            raise Unavailable(f"rate limits: {type(error).__name__}") from None
        return Allowance(allowed=False, retry_after=timedelta(seconds=max(0.0, ends_at - time.time())))

    async def prune(self, *, limit: int) -> int:
        """
        Have the storage do so, where it does not forget by itself.
        """
        return await self._storage.prune(limit=limit) if isinstance(self._storage, PrunableStorage) else 0
