"""
The courier's round: delivering mail beside the requests, or alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Protocol

import structlog
from attrs import define, field

from todo_core.errors import Unavailable
from todo_core.model.mail import Mail
from todo_core.use_cases.courier import DeliverMail, Delivery, Outcome
from todo_web.pause import Pause

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.courier")

_LONGEST_REST = 60.0
"""Seconds between looks into an outbox in which nothing happens."""

_BREATH = 0.05
"""Seconds until the next look when a mail is due that the last one did not get: it fell due since, or is locked."""

_GIVING_BACK = 1.0
"""Seconds that it may take to give a mail back that could not arrive in time."""


class MailSignal(Protocol):
    """
    Tells that the outbox has something new.
    """

    @property
    def is_heard(self) -> bool:
        """
        Tell whether news from other processes reach this one.
        """
        ...

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109 - the signal may come from elsewhere than asyncio
        """
        Return when it has, or after *timeout* seconds.
        """
        ...


class CourierWatch(Protocol):
    """
    Is told what couriers do.
    """

    def looked(self) -> None:
        """
        Hear that one looked into the outbox, and the database answered.
        """
        ...

    def delivered(self, delivery: Delivery) -> None:
        """
        Hear what became of a mail.
        """
        ...


class Unwatched(CourierWatch):
    """
    Nobody wants to know.
    """

    def looked(self) -> None:
        """
        Do nothing.
        """

    def delivered(self, delivery: Delivery) -> None:
        """
        Do nothing.
        """


@define
class Courier:
    """
    Some slots that each deliver one mail after another.

    They take turns to look into the outbox: while nothing is due one of them looks, and the others wait for
    their turn.  While mail is paused a slot keeps its turn until its mail was tried.

    Args:
        mail: the use case.
        signal: ends a rest early.
        slots: how many mails are on their way at once.
        poll: seconds of the shortest rest; it doubles while nothing comes and the signal is heard, up to 60 s.
            None goes on when a mail falls due, another courier's lease among them.
        grace: seconds that mails in flight have when the courier is stopped.
        pause: how to leave a provider alone that wants nothing from us.
        watch: is told what is done.
    """

    mail: DeliverMail
    signal: MailSignal
    slots: int
    poll: float
    grace: float
    pause: Pause = field(factory=Pause)
    watch: CourierWatch = field(factory=Unwatched)
    _rest: float = field(init=False, default=0.0)
    _turn: asyncio.Lock = field(init=False, factory=asyncio.Lock)
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
            await _end(tasks, within=self.grace)

    async def drain(self, *, within: float) -> list[Outcome]:
        """
        Deliver what is due, and return what became of each.

        Mails are taken until none is due or the provider wants none, and for *within* seconds at most; what is in
        flight then has as long as at the end of ``running``.
        """
        outcomes: list[Outcome] = []
        tasks = [asyncio.create_task(self._empty(outcomes), name=f"drain-{slot}") for slot in range(self.slots)]
        try:
            await asyncio.wait(tasks, timeout=within)
        finally:
            self._stopping.set()
            await _end(tasks, within=self.grace)
        return outcomes

    async def _empty(self, outcomes: list[Outcome]) -> None:
        while not self._stopping.is_set() and not self.pause.is_on:
            async with self._turn:
                mail = await self._claim()
            if mail is None:
                return
            if (delivery := await self._deliver(mail)) is not None:
                outcomes.append(delivery.outcome)

    async def _round(self) -> None:
        while not self._stopping.is_set():
            async with self._turn:
                mail = await self._next()
                if mail is not None and self.pause.is_on:
                    await self._deliver(mail)
                    continue
            if mail is not None:
                await self._deliver(mail)

    async def _next(self) -> Mail | None:
        """
        Return the next mail once there is one; None when the courier is stopped.
        """
        while True:
            if self.pause.is_on:
                await self._first_of(self.pause.until_next_try())
            if self._stopping.is_set():
                return None
            self._retry_due.clear()
            if (mail := await self._claim()) is not None:
                self._rest = 0.0
                return mail
            await self._first_of(self.signal.wait(await self._next_rest()), self._retry_due.wait())

    async def _next_rest(self) -> float:
        longest = max(_LONGEST_REST, self.poll) if self.signal.is_heard else self.poll
        self._rest = min(self._rest * 2 or self.poll, longest)
        try:
            due_in = (await self.mail.due_in(timedelta(seconds=self._rest))).total_seconds()
        except Exception:  # noqa: BLE001 - the next look will tell, and say so
            return self.poll
        return max(due_in, min(self.poll, _BREATH))

    async def _claim(self) -> Mail | None:
        try:
            mail = await self.mail.claim()
        except Unavailable:
            _log.warning("outbox unavailable")
        except Exception:  # noqa: BLE001 - whatever went wrong, the round goes on
            _log.exception("claim failed")
        else:
            self.watch.looked()
            return mail
        return None

    async def _deliver(self, mail: Mail) -> Delivery | None:
        try:
            delivery = await self.mail.deliver(mail)
        except Unavailable:
            _log.warning("outbox unavailable", mail_id=str(mail.id))
        except Exception:  # noqa: BLE001 - whatever went wrong with one mail, the round goes on
            _log.exception("delivery failed", mail_id=str(mail.id))
        else:
            if delivery.due_in is not None:
                asyncio.get_running_loop().call_later(delivery.due_in.total_seconds(), self._retry_due.set)
            _write_down(delivery)
            self.watch.delivered(delivery)
            self.pause.heed(delivery)
            return delivery
        return None

    async def _first_of(self, *waits: Coroutine[Any, Any, Any]) -> None:
        """
        Return when one of the *waits* does, or when the courier is stopped.
        """
        tasks = [asyncio.create_task(wait) for wait in (*waits, self._stopping.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _end(tasks: Collection[asyncio.Task[None]], *, within: float) -> None:
    """
    Let *tasks* come to their end, cancel what is late, and once more what cannot even give its mail back.
    """
    late: Collection[asyncio.Task[None]] = tasks
    for patience in (within, _GIVING_BACK):
        _, late = await asyncio.wait(late, timeout=patience)
        if not late:
            break
        for task in late:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _write_down(delivery: Delivery) -> None:
    troubled = delivery.misconfigured or delivery.outcome is Outcome.LOST
    (_log.warning if troubled else _log.info)(
        "mail",
        mail_id=str(delivery.mail.id),
        kind=delivery.mail.kind,
        outcome=delivery.outcome,
        reason=delivery.reason,
        attempt=delivery.mail.attempts,
    )
