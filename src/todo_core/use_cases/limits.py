"""
How often things may be asked.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from attrs import frozen

from todo_core.errors import CountersUnavailable, InvalidToken, TooManyRequests, Unavailable
from todo_core.model.limit import Allowance, Limit
from todo_core.ports import RateLimiter


async def count(limiter: RateLimiter, limit: Limit, *, key: str) -> Allowance:
    """
    Count one more for *key*, and tell whether *limit* allows it.

    Raises:
        Unavailable: the counters cannot be reached, and the limit does not fail open.
    """
    try:
        return await limiter.hit(limit, key)
    except CountersUnavailable:
        if not limit.fails_open:
            raise
    return Allowance(allowed=True)


async def admit(limiter: RateLimiter, limit: Limit, *, key: str) -> None:
    """
    Count one more for *key*.

    Raises:
        TooManyRequests: that was one too many.
        Unavailable: the counters cannot be reached, and the limit does not fail open.
    """
    allowance = await count(limiter, limit, key=key)
    if not allowance.allowed:
        raise TooManyRequests(limit.name, amount=limit.amount, window=limit.window, retry_after=allowance.retry_after)


async def forgive(limiter: RateLimiter, limit: Limit, *, key: str) -> None:
    """
    Let counting for *key* start anew; a counter that cannot be reached ends with its window.
    """
    with suppress(Unavailable):
        await limiter.forget(limit, key)


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


@frozen
class CountBadTokens:
    """
    Count the mailed tokens of a client that do not work; those that do cost nothing.

    It goes around whatever reads such a token: ``async with self.count_bad_tokens(client=client): ...``
    """

    rate_limiter: RateLimiter
    limit: Limit

    @asynccontextmanager
    async def __call__(self, *, client: str) -> AsyncGenerator[None]:
        """
        Run the block, and count it when it finds its token to be bad.

        Raises:
            InvalidToken: as the block did.
            TooManyRequests: and that was one too many.
        """
        try:
            yield
        except InvalidToken:
            await admit(self.rate_limiter, self.limit, key=f"client:{client}")
            raise
