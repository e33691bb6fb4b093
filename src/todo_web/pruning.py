"""
Forgetting what is old, each hour.
"""

from __future__ import annotations

import asyncio
from secrets import SystemRandom

import structlog
from attrs import asdict

from todo_core.errors import Unavailable
from todo_core.use_cases.pruning import Prune

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.pruning")

_HOUR = 3600.0
_LATEST_START = 300.0
"""Seconds: processes that are started together do not all begin at once."""


async def prune_hourly(prune: Prune, *, latest_start: float = _LATEST_START, every: float = _HOUR) -> None:
    """
    Forget what is old soon after the start, at a moment drawn by lot, and then each hour, until cancelled.
    """
    await asyncio.sleep(SystemRandom().uniform(0, latest_start))
    while True:
        await _prune_once(prune)
        await asyncio.sleep(every)


async def _prune_once(prune: Prune) -> None:
    try:
        _log.info("pruned", **asdict(await prune()))
    except Unavailable:
        _log.warning("pruning unavailable")
    except Exception:  # noqa: BLE001 - whatever went wrong, it is tried again in an hour
        _log.exception("pruning failed")
