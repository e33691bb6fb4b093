"""
A process that hits one limit, run as ``python -m tests.support.hits URL HITS LIMIT``.

It says that it is ready, waits for a line, hits the limit all at once, and says how many hits were allowed.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.rate_limits import PostgresStorage
from todo_adapters.rate_limits import LimitsRateLimiter
from todo_adapters.redis_counters import RedisCounters
from todo_core.model.limit import Limit


def _storage(url: str) -> PostgresStorage | RedisCounters:
    return RedisCounters(url) if url.startswith("redis:") else PostgresStorage(engine=create_engine(url))


async def _hit(url: str, hits: int, limit: Limit) -> int:
    limiter = LimitsRateLimiter(_storage(url), b"secret")
    await limiter.hit(Limit("another", 1, limit.window), "connected")
    print("ready", flush=True)  # noqa: T201 - to the test that started us
    sys.stdin.readline()
    answers = await asyncio.gather(*(limiter.hit(limit, "ann") for _ in range(hits)))
    return sum(answer.allowed for answer in answers)


if __name__ == "__main__":
    where, count, most = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print(asyncio.run(_hit(where, count, Limit("crowd", most, timedelta(hours=1)))))  # noqa: T201 - as above
