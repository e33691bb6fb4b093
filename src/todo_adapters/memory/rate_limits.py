"""
Counters in a dictionary.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import partial

from attrs import define, field

from todo_adapters.memory.rows import prune
from todo_core.model.limit import Allowance, Limit
from todo_core.ports import Clock, RateLimiter


@define
class MemoryRateLimiter(RateLimiter):
    """
    Counters in windows that open with a key's first hit; keys are stored under a secret of this process.
    """

    clock: Clock
    _windows: dict[tuple[str, bytes], tuple[datetime, int]] = field(
        factory=dict[tuple[str, bytes], tuple[datetime, int]], init=False, repr=False
    )
    _secret: bytes = field(factory=partial(secrets.token_bytes, 32), init=False, repr=False)

    async def hit(self, limit: Limit, key: str) -> Allowance:
        now = self.clock.now()
        counter = self._counter(limit, key)
        ends_at, hits = self._windows.get(counter, (now, 0))
        if ends_at <= now:
            ends_at, hits = now + limit.window, 0
        self._windows[counter] = (ends_at, hits + 1)
        allowed = hits < limit.amount
        return Allowance(allowed, retry_after=timedelta(0) if allowed else ends_at - now)

    async def forget(self, limit: Limit, key: str) -> None:
        self._windows.pop(self._counter(limit, key), None)

    async def prune(self, *, limit: int) -> int:
        now = self.clock.now()
        return prune(self._windows, lambda window: window[0] <= now, limit)

    def _counter(self, limit: Limit, key: str) -> tuple[str, bytes]:
        return limit.name, hashlib.blake2b(key.encode(), key=self._secret).digest()
