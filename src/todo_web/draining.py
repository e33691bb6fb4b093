"""
Delivering mail when somebody asks for it: for places where nothing runs beside the requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from attrs import asdict, define, field, frozen

from todo_core.use_cases.courier import Outcome
from todo_core.use_cases.pruning import Prune
from todo_web.courier import Courier

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.draining")

_HOUR = 3600.0


@frozen(slots=False)
class Drained:
    """
    How many mails were sent, and how many were tried and were not.
    """

    sent: int
    others: int


@define
class Drain:
    """
    Deliver the mail that is due, and once an hour forget what is old.

    Whoever asks while it is at work is answered with what comes of that work. It goes on when they hang up.
    It takes at most ``seconds``, the courier's grace and a second, and ``pruning`` seconds.

    Args:
        courier: makes a courier for one round.
        prune: the use case.
        seconds: that mails are taken for.
        pruning: seconds that forgetting may take; what is left is forgotten next time.
    """

    courier: Callable[[], Courier]
    prune: Prune
    seconds: float = 15.0
    pruning: float = 5.0
    _prune_at: float = field(init=False, default=0.0)
    _work: asyncio.Task[Drained] | None = field(init=False, default=None)

    async def __call__(self) -> Drained:
        """
        Return what became of it.

        Raises:
            Unavailable: the database is away.
        """
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._once(), name="drain")
        return await asyncio.shield(self._work)

    async def end(self) -> None:
        """
        Give back what is in hand.
        """
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def _once(self) -> Drained:
        outcomes = await self.courier().drain(within=self.seconds)
        now = asyncio.get_running_loop().time()
        if now >= self._prune_at:
            await self._prune()
            self._prune_at = now + _HOUR
        sent = outcomes.count(Outcome.SENT)
        return Drained(sent=sent, others=len(outcomes) - sent)

    async def _prune(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.pruning):
                _log.info("pruned", **asdict(await self.prune()))
