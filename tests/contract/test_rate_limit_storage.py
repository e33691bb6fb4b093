from __future__ import annotations

import time

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.rate_limits import PostgresStorage
from todo_adapters.rate_limits import LimitsRateLimiter
from todo_core.contracts.expectations import raises
from todo_core.contracts.rate_limiter import AN_HOUR
from todo_core.errors import Unavailable


@pytest.fixture
def storage(engine: AsyncEngine) -> PostgresStorage:
    """
    Return a storage that has counted nothing.
    """
    return PostgresStorage(engine=engine)


async def test_a_counter(storage):
    """
    What ``limits`` asks of a storage: sums, the window's end, and forgetting one.
    """
    assert await storage.get("ann") == 0
    assert [await storage.incr("ann", 60), await storage.incr("ann", 60, amount=4)] == [1, 5]
    assert await storage.incr("bob", 60) == 1
    assert await storage.get("ann") == 5
    assert time.time() + 58 < await storage.get_expiry("ann") <= time.time() + 60
    await storage.clear("ann")
    assert (await storage.get("ann"), await storage.get("bob")) == (0, 1)


async def test_every_counter(storage):
    """
    Forgetting all tells how many there were.
    """
    await storage.incr("ann", 60)
    await storage.incr("bob", 60)
    assert await storage.reset() == 2
    assert await storage.get("bob") == 0


async def test_a_window_that_is_over(storage):
    """
    Nothing is left of a window that has ended.
    """
    await storage.incr("ann", 0)
    assert await storage.get("ann") == 0
    assert await storage.incr("ann", 60) == 1


async def test_health(storage, tmp_path):
    """
    A storage tells whether its database answers; a limiter on one that does not is unavailable.
    """
    assert await storage.check()
    engine = create_engine(f"postgresql://ann@/todo?host={tmp_path}")
    out_of_reach = PostgresStorage(engine=engine)
    assert not await out_of_reach.check()
    with raises(Unavailable):
        await LimitsRateLimiter(out_of_reach, b"secret").hit(AN_HOUR, "ann")
    await engine.dispose()
