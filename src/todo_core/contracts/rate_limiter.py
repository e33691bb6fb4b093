"""
What every ``RateLimiter`` keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from todo_core.model.limit import Limit
from todo_core.ports import RateLimiter

A_SECOND = Limit("second", 3, timedelta(seconds=1))
AN_HOUR = Limit("hour", 3, timedelta(hours=1))


class RateLimiterContract:
    """
    The promises of ``RateLimiter``.

    Fixtures:
        rate_limiter: a ``RateLimiter`` that has counted nothing yet.
        pass_time: an async function that returns when a ``timedelta`` has passed for the limiter.
        stored: an async function that returns everything the limiter has stored, as text.
    """

    forgets_by_itself = False
    """Whether what is over goes without being pruned."""

    async def test_as_many_as_the_limit_says(self, rate_limiter: RateLimiter) -> None:
        """
        So many hits are allowed as the limit says, and no more.
        """
        answers = [await rate_limiter.hit(AN_HOUR, "ann") for _ in range(5)]
        assert [answer.allowed for answer in answers] == [True, True, True, False, False]

    async def test_of_many_at_once_as_many_as_the_limit_says(self, rate_limiter: RateLimiter) -> None:
        """
        Of many hits at once, exactly as many are allowed as the limit says.
        """
        limit = Limit("crowd", 20, timedelta(hours=1))
        answers = await asyncio.gather(*(rate_limiter.hit(limit, "ann") for _ in range(50)))
        assert sum(answer.allowed for answer in answers) == 20

    async def test_keys_are_counted_apart(self, rate_limiter: RateLimiter) -> None:
        """
        One key's hits cost no other.
        """
        for _ in range(4):
            await rate_limiter.hit(AN_HOUR, "ann")
        assert (await rate_limiter.hit(AN_HOUR, "bob")).allowed

    async def test_limits_are_counted_apart(self, rate_limiter: RateLimiter) -> None:
        """
        A hit on one limit costs no other, even of the same size.
        """
        for _ in range(4):
            await rate_limiter.hit(AN_HOUR, "ann")
        assert (await rate_limiter.hit(Limit("another", AN_HOUR.amount, AN_HOUR.window), "ann")).allowed

    async def test_a_refusal_says_how_long_to_wait(self, rate_limiter: RateLimiter) -> None:
        """
        While hits are allowed there is nothing to wait for; a refusal names the rest of the window.
        """
        answers = [await rate_limiter.hit(AN_HOUR, "ann") for _ in range(4)]
        assert [answer.retry_after for answer in answers[:3]] == [timedelta(0)] * 3
        assert timedelta(minutes=59) < answers[3].retry_after <= AN_HOUR.window

    async def test_counting_starts_anew(
        self, rate_limiter: RateLimiter, pass_time: Callable[[timedelta], Awaitable[None]]
    ) -> None:
        """
        When the window has passed, counting starts anew; refused hits do not lengthen it.
        """
        for _ in range(3):
            await rate_limiter.hit(A_SECOND, "ann")
        await pass_time(timedelta(seconds=0.5))
        assert not (await rate_limiter.hit(A_SECOND, "ann")).allowed
        await pass_time(timedelta(seconds=0.6))
        answers = [await rate_limiter.hit(A_SECOND, "ann") for _ in range(4)]
        assert [answer.allowed for answer in answers] == [True, True, True, False]

    async def test_forgetting(self, rate_limiter: RateLimiter) -> None:
        """
        What is forgotten is counted anew, and no other key or limit is touched.
        """
        another = Limit("another", AN_HOUR.amount, AN_HOUR.window)
        for limit, key in ((AN_HOUR, "ann"), (AN_HOUR, "bob"), (another, "ann")):
            for _ in range(3):
                await rate_limiter.hit(limit, key)
        await rate_limiter.forget(AN_HOUR, "ann")
        answers = [await rate_limiter.hit(AN_HOUR, "ann") for _ in range(4)]
        assert [answer.allowed for answer in answers] == [True, True, True, False]
        assert not (await rate_limiter.hit(AN_HOUR, "bob")).allowed
        assert not (await rate_limiter.hit(another, "ann")).allowed

    async def test_forgetting_what_was_never_counted(self, rate_limiter: RateLimiter) -> None:
        """
        There is nothing to do, and nothing wrong.
        """
        await rate_limiter.forget(AN_HOUR, "ann")
        answers = [await rate_limiter.hit(AN_HOUR, "ann") for _ in range(4)]
        assert [answer.allowed for answer in answers] == [True, True, True, False]

    async def test_what_is_over_is_pruned(
        self, rate_limiter: RateLimiter, pass_time: Callable[[timedelta], Awaitable[None]]
    ) -> None:
        """
        Counters whose window has passed are forgotten, so many at a time, or go by themselves; the others go on.
        """
        for key in ("ann", "bob", "cat"):
            await rate_limiter.hit(A_SECOND, key)
            await rate_limiter.hit(AN_HOUR, key)
        assert await rate_limiter.prune(limit=10) == 0
        await pass_time(timedelta(seconds=1.1))
        pruned = [await rate_limiter.prune(limit=2) for _ in range(3)]
        assert pruned == ([0, 0, 0] if self.forgets_by_itself else [2, 1, 0])
        answers = [await rate_limiter.hit(AN_HOUR, "ann") for _ in range(3)]
        assert [answer.allowed for answer in answers] == [True, True, False]

    async def test_no_key_can_be_read_back(
        self, rate_limiter: RateLimiter, stored: Callable[[], Awaitable[str]]
    ) -> None:
        """
        What is stored shows that something was counted, and not for whom.
        """
        before = await stored()
        await rate_limiter.hit(AN_HOUR, "address:ann@example.org")
        after = await stored()
        assert after != before
        assert "ann" not in after
        assert "example" not in after
