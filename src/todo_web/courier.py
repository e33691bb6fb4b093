"""
The courier's round: delivering mail beside the requests, or alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
from attrs import define, field

from todo_core.errors import Unavailable
from todo_core.use_cases.courier import DeliverMail, Delivery, Outcome

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.courier")

_LONGEST_REST = 60.0
"""Seconds between looks into an outbox in which nothing happens."""


class MailSignal(Protocol):
    """
    Tells that the outbox has something new.
    """

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109 - the signal may come from elsewhere than asyncio
        """
        Return when it has, or after *timeout* seconds.
        """
        ...


@define
class Courier:
    """
    Some slots that each deliver one mail after another, and rest while nothing is due.

    Args:
        deliver: the use case.
        signal: ends a rest early.
        slots: how many mails are on their way at once.
        poll: seconds of the shortest rest; it doubles while nothing comes, up to 60 s.
        grace: seconds that mails in flight have when the courier is stopped.
    """

    deliver: DeliverMail
    signal: MailSignal
    slots: int
    poll: float
    grace: float
    _stopping: asyncio.Event = field(init=False, factory=asyncio.Event)
    _retry_due: asyncio.Event = field(init=False, factory=asyncio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """
        Deliver while the block runs; at its end claim nothing more and let what is in flight arrive.
        """
        tasks = [asyncio.create_task(self._round(), name=f"courier-{slot}") for slot in range(self.slots)]
        try:
            yield
        finally:
            self._stopping.set()
            _, late = await asyncio.wait(tasks, timeout=self.grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _round(self) -> None:
        rest = self.poll
        while not self._stopping.is_set():
            self._retry_due.clear()
            delivery = await self._deliver()
            if delivery is None:
                await self._rest(rest)
                rest = min(rest * 2, max(_LONGEST_REST, self.poll))
            else:
                self._note(delivery)
                rest = self.poll

    async def _deliver(self) -> Delivery | None:
        try:
            return await self.deliver()
        except Unavailable:
            _log.warning("outbox unavailable")
        except Exception:  # noqa: BLE001 - whatever went wrong with one mail, the round goes on
            _log.exception("delivery failed")
        return None

    async def _rest(self, seconds: float) -> None:
        waits = [
            asyncio.create_task(wait)
            for wait in (self.signal.wait(seconds), self._retry_due.wait(), self._stopping.wait())
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _note(self, delivery: Delivery) -> None:
        if delivery.due_in is not None:
            asyncio.get_running_loop().call_later(delivery.due_in.total_seconds(), self._retry_due.set)
        log = _log.error if delivery.misconfigured else _log.warning if delivery.outcome is Outcome.LOST else _log.info
        log(
            "mail",
            mail_id=str(delivery.mail.id),
            kind=delivery.mail.kind,
            outcome=delivery.outcome,
            reason=delivery.reason,
            attempt=delivery.mail.attempts,
        )
