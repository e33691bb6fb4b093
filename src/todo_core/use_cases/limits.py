"""
How often things may be asked.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.errors import TooManyRequests
from todo_core.model.limit import Limit
from todo_core.ports import RateLimiter


async def admit(limiter: RateLimiter, limit: Limit, *, key: str) -> None:
    """
    Count one more for *key*.

    Raises:
        TooManyRequests: that was one too many.
    """
    allowance = await limiter.hit(limit, key)
    if not allowance.allowed:
        raise TooManyRequests(limit.name, amount=limit.amount, window=limit.window, retry_after=allowance.retry_after)


@frozen
class AdmitRequest:
    """
    Count one request of a session or a client; without a limit there is nothing to count.
    """

    rate_limiter: RateLimiter
    limit: Limit | None

    async def __call__(self, *, key: str) -> None:
        """
        Return if the request may go on.

        Raises:
            TooManyRequests: the general limit is used up.
        """
        if self.limit is not None:
            await admit(self.rate_limiter, self.limit, key=key)
