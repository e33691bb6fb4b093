from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.fakes import FakeClock
from todo_adapters.memory import MemoryRateLimiter
from todo_adapters.postgres.rate_limits import PostgresStorage
from todo_adapters.postgres.tables import rate_limits
from todo_adapters.rate_limits import LimitsRateLimiter
from todo_core.contracts.rate_limiter import RateLimiterContract

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


class TestLimitsRateLimiter(RateLimiterContract):
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
