"""
Forgetting what is old, each hour.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

import structlog
from attrs import asdict

from todo_core.errors import Unavailable
from todo_core.use_cases.pruning import Pruned
from todo_web.pruning import prune_hourly

FORGOTTEN = Pruned(users=5, mails=1, tokens=2, sessions=3, counters=4, todos=6, changes=7, answers=8)


async def log_of(*outcomes: Pruned | Exception, latest_start: float = 0.0) -> list[structlog.typing.EventDict]:
    """
    Return what is logged while it is tried as often as there are *outcomes*.
    """
    left, done = deque(outcomes), asyncio.Event()

    async def prune() -> Pruned:
        outcome = left.popleft()
        if not left:
            done.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with structlog.testing.capture_logs() as logs:
        hours = asyncio.create_task(prune_hourly(prune, latest_start=latest_start, every=0.001))
        async with asyncio.timeout(5):
            await done.wait()
        hours.cancel()
        with suppress(asyncio.CancelledError):
            await hours
    return logs


async def test_what_was_forgotten_is_logged():
    """
    How many of each, each hour.
    """
    once = {"event": "pruned", "log_level": "info", **asdict(FORGOTTEN)}
    assert once["todos"] == 6
    assert await log_of(FORGOTTEN, FORGOTTEN, FORGOTTEN) == [once] * 3


async def test_whatever_goes_wrong_it_is_tried_again():
    """
    An hour later, whether the database was away or the fault is ours.
    """
    logs = await log_of(Unavailable(), RuntimeError("boom"), FORGOTTEN)
    assert [(event["event"], event["log_level"]) for event in logs] == [
        ("pruning unavailable", "warning"),
        ("pruning failed", "error"),
        ("pruned", "info"),
    ]


async def test_processes_do_not_begin_together():
    """
    Each draws its own moment to begin.
    """
    begun = set[float]()

    async def begin() -> None:
        await log_of(FORGOTTEN, latest_start=0.2)
        begun.add(asyncio.get_running_loop().time() // 0.01)

    await asyncio.gather(*(begin() for _ in range(8)))
    assert len(begun) > 1
