from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.redis import RedisServer
from todo_adapters.fakes import FakeClock
from todo_adapters.memory import MemoryRateLimiter
from todo_adapters.metered import MeteredRateLimiter
from todo_adapters.postgres.rate_limits import PostgresStorage
from todo_adapters.postgres.tables import rate_limits
from todo_adapters.rate_limits import LimitsRateLimiter
from todo_adapters.redis_counters import RedisCounters
from todo_core.contracts.rate_limiter import AN_HOUR, RateLimiterContract

Pass = Callable[[timedelta], Awaitable[None]]
Stored = Callable[[], Awaitable[str]]


class TestMemoryRateLimiter(RateLimiterContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def rate_limiter(self, clock: FakeClock) -> MemoryRateLimiter:
        return MemoryRateLimiter(clock)

    @pytest.fixture
    def pass_time(self, clock: FakeClock) -> Pass:
        async def pass_time(duration: timedelta) -> None:
            clock.pass_time(duration)

        return pass_time

    @pytest.fixture
    def stored(self, rate_limiter: MemoryRateLimiter) -> Stored:
        async def stored() -> str:
            return repr(rate_limiter._windows)

        return stored


class TestMeteredRateLimiter(TestMemoryRateLimiter):
    """
    Whoever counts beside a limiter changes nothing of what it promises.
    """

    @pytest.fixture
    def limiter(self, clock: FakeClock) -> MemoryRateLimiter:
        return MemoryRateLimiter(clock)

    @pytest.fixture
    def rate_limiter(self, limiter: MemoryRateLimiter) -> MeteredRateLimiter:
        return MeteredRateLimiter(limiter, lambda _: None)

    @pytest.fixture
    def stored(self, limiter: MemoryRateLimiter) -> Stored:
        async def stored() -> str:
            return repr(limiter._windows)

        return stored


class TestLimitsRateLimiterOnPostgres(RateLimiterContract):
    @pytest.fixture
    def rate_limiter(self, engine: AsyncEngine) -> LimitsRateLimiter:
        return LimitsRateLimiter(PostgresStorage(engine=engine), b"secret")

    @pytest.fixture
    def pass_time(self) -> Pass:
        async def pass_time(duration: timedelta) -> None:
            await asyncio.sleep(duration.total_seconds())

        return pass_time

    @pytest.fixture
    def stored(self, engine: AsyncEngine) -> Stored:
        async def stored() -> str:
            async with engine.connect() as connection:
                return str((await connection.execute(select(rate_limits))).all())

        return stored


class TestLimitsRateLimiterOnRedis(RateLimiterContract):
    forgets_by_itself = True

    @pytest.fixture
    async def client(self, redis: RedisServer) -> AsyncGenerator[Redis]:
        async with Redis.from_url(redis.url) as client:
            await client.flushall()
            yield client

    @pytest.fixture
    async def rate_limiter(self, redis: RedisServer, client: Redis) -> AsyncGenerator[LimitsRateLimiter]:  # noqa: ARG002 - empties the server
        counters = RedisCounters(redis.url)
        yield LimitsRateLimiter(counters, b"secret")
        await counters.close()

    @pytest.fixture
    def pass_time(self) -> Pass:
        async def pass_time(duration: timedelta) -> None:
            await asyncio.sleep(duration.total_seconds())

        return pass_time

    @pytest.fixture
    def stored(self, client: Redis) -> Stored:
        async def stored() -> str:
            return str([(key, await client.get(key)) for key in await client.keys()])

        return stored

    async def test_every_counter_goes_by_itself(self, rate_limiter: LimitsRateLimiter, client: Redis) -> None:
        """
        Redis is told when each counter's window ends, so nothing has to be pruned.
        """
        for key in ("ann", "bob"):
            for _ in range(5):
                await rate_limiter.hit(AN_HOUR, key)
        keys = await client.keys()
        assert len(keys) == 2
        assert {0 < await client.ttl(key) <= 3600 for key in keys} == {True}
