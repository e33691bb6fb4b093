"""
Forgetting what is of no use any more, and what should not be kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from attrs import frozen

from todo_core.model.mail import NO_ACCOUNT, MailState
from todo_core.ports import Clock, RateLimiter, UnitOfWork, Work

SENT_KEPT = timedelta(days=30)
DEAD_KEPT = timedelta(days=90)
TOKENS_KEPT = timedelta(days=30)
"""How long after they expired."""

BIN_KEPT = timedelta(days=30)
CHANGES_KEPT = timedelta(days=7)
ANSWERS_KEPT = timedelta(days=1)

UNKNOWN_KEPT = timedelta(hours=23)
"""Addresses that have no account are gone within a day, for this is done each hour."""

BATCH = 1_000
LEAVERS = 50
"""People in a batch: with each of them goes all that is theirs."""

MOST_BATCHES = 50
"""Of each kind of thing, each time: what is left comes next time."""


@frozen
class Pruned:
    """
    How many of each were forgotten.
    """

    users: int
    mails: int
    tokens: int
    sessions: int
    counters: int
    todos: int
    changes: int
    answers: int


@frozen
class Prune:
    """
    Forget what is old, a batch at a time, so that nobody waits for it for long.

    That is mail, tokens, sessions, counters, changes, answers, and todos in the bin. Whoever asked to be erased goes
    first, with all that is kept of them and of their address.
    Any number of processes may do so at once.
    """

    clock: Clock
    rate_limiter: RateLimiter
    unit_of_work: UnitOfWork

    async def __call__(self) -> Pruned:
        """
        Return how many of each were forgotten.
        """
        now = self.clock.now()
        return Pruned(
            users=await self._each(lambda work: _erase(work, now=now), size=LEAVERS),
            mails=await self._mails(MailState.SENT, before=now - SENT_KEPT)
            + await self._mails(MailState.DEAD, before=now - DEAD_KEPT)
            + await self._mails(MailState.DEAD, before=now - UNKNOWN_KEPT, error=NO_ACCOUNT),
            tokens=await self._each(lambda work: work.tokens.prune(before=now - TOKENS_KEPT, limit=BATCH)),
            sessions=await self._each(lambda work: work.sessions.prune(before=now, limit=BATCH)),
            counters=await _batches(lambda: self.rate_limiter.prune(limit=BATCH), size=BATCH),
            todos=await self._each(lambda work: work.todos.purge(before=now - BIN_KEPT, limit=BATCH)),
            changes=await self._each(lambda work: work.changes.prune(before=now - CHANGES_KEPT, limit=BATCH)),
            answers=await self._each(lambda work: work.answers.prune(before=now - ANSWERS_KEPT, limit=BATCH)),
        )

    async def _mails(self, state: MailState, *, before: datetime, error: str | None = None) -> int:
        return await self._each(lambda work: work.outbox.prune(state, before=before, error=error, limit=BATCH))

    async def _each(self, prune: Callable[[Work], Awaitable[int]], *, size: int | None = None) -> int:
        async def batch() -> int:
            async with self.unit_of_work.begin() as work:
                return await prune(work)

        return await _batches(batch, size=size or BATCH)


async def _erase(work: Work, *, now: datetime) -> int:
    """
    Erase some of those who are to go, and what is kept by their addresses; return how many.

    Addresses are taken in the order in which reports about them are.
    """
    addresses = await work.users.erase(now=now, limit=LEAVERS)
    for address in sorted(addresses, key=lambda address: address.text):
        await work.outbox.forget(address)
        await work.suppressions.remove(address)
    return len(addresses)


async def _batches(prune: Callable[[], Awaitable[int]], *, size: int) -> int:
    """
    Return how many were pruned in batches of this *size*, until one was not full.
    """
    pruned = 0
    for _ in range(MOST_BATCHES):
        batch = await prune()
        pruned += batch
        if batch < size:
            break
    return pruned
