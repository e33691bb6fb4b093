from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from tests.support.redis import RedisServer, running_redis
from todo_adapters.rate_limits import LimitsRateLimiter
from todo_adapters.redis_counters import RedisCounters
from todo_core.contracts.expectations import raises
from todo_core.contracts.rate_limiter import AN_HOUR
from todo_core.errors import CountersUnavailable

LONGEST = 10.0
"""Seconds, of a deadline of one: enough for the busiest machine."""


@pytest.fixture
def own(tmp_path: Path) -> Generator[RedisServer]:
    """
    Yield a Redis that the test may stop.
    """
    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
async def counters(own: RedisServer) -> AsyncGenerator[RedisCounters]:
    """
    Yield counters in it.
    """
    counters = RedisCounters(own.url)
    yield counters
    await counters.close()


async def _is_out_of_reach(url: str) -> str:
    """
    Return what is said when the counters at *url* cannot be reached, having seen that hits and forgetting say so too.
    """
    counters = RedisCounters(url)
    limiter = LimitsRateLimiter(counters, b"secret")
    async with asyncio.timeout(LONGEST):
        for question in (limiter.hit(AN_HOUR, "ann"), limiter.forget(AN_HOUR, "ann")):
            with raises(CountersUnavailable):
                await question
        with pytest.raises(CountersUnavailable) as answer:
            await counters.examine()
    await counters.close()
    return str(answer.value)


async def test_a_counter(counters: RedisCounters) -> None:
    """
    What ``limits`` asks of a storage: sums, the window's end, and forgetting one.
    """
    assert await counters.get("ann") == 0
    assert [await counters.incr("ann", 60), await counters.incr("ann", 60, amount=4)] == [1, 5]
    assert await counters.incr("bob", 60) == 1
    assert await counters.get("ann") == 5
    assert time.time() + 50 < await counters.get_expiry("ann") <= time.time() + 60
    await counters.clear("ann")
    assert (await counters.get("ann"), await counters.get("bob")) == (0, 1)


async def test_the_end_of_a_window_is_told_exactly(counters: RedisCounters) -> None:
    """
    It is not rounded to whole seconds, so nobody is told to come back too early.
    """
    earliest = time.time() + 2
    await counters.incr("ann", 2)
    await asyncio.sleep(0.7)
    assert await counters.get_expiry("ann") > earliest - 0.01


async def test_going_away_and_coming_back(
    own: RedisServer, counters: RedisCounters, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Without Redis the limiter says so; when Redis is back it counts again. Each is logged once.
    """
    caplog.set_level(logging.WARNING, logger="todo.redis")
    limiter = LimitsRateLimiter(counters, b"secret")
    assert (await limiter.hit(AN_HOUR, "ann")).allowed
    await counters.examine()
    own.stop()
    for _ in range(3):
        with raises(CountersUnavailable):
            await limiter.hit(AN_HOUR, "ann")
    own.start()
    answers = [await limiter.hit(AN_HOUR, "ann") for _ in range(4)]
    assert [answer.allowed for answer in answers] == [True, True, True, False]
    assert [record.message for record in caplog.records] == ["redis is away: ConnectionError", "redis is back"]


async def test_nobody_answers(blocked_port: int) -> None:
    """
    A firewall that drops what comes costs a caller the deadline and no more.
    """
    assert await _is_out_of_reach(f"redis://127.0.0.1:{blocked_port}") == "TimeoutError"


async def test_somebody_accepts_and_says_nothing() -> None:
    """
    Nor does a server that hangs.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert await _is_out_of_reach(f"redis://127.0.0.1:{port}") == "TimeoutError"


async def test_a_wrong_password(own: RedisServer) -> None:
    """
    Redis refuses us; neither the error nor the counters show the password.
    """
    url = own.url.replace("127.0.0.1", "ann:hunter2hunter2@127.0.0.1")
    said = await _is_out_of_reach(url)
    assert said == "AuthenticationError"
    assert "hunter2" not in repr(RedisCounters(url))
