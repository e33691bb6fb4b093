"""
Doing once what is asked twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from attrs import frozen

from todo_core.errors import RetryKeyReused, Unavailable
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.ids import UserId
from todo_core.ports import Clock, UnitOfWork, Work

T = TypeVar("T")


class _AnsweredMeanwhile(Exception):
    """
    The same request was answered elsewhere while this one was at work, which must leave no trace.
    """

    def __init__(self, retry: Retry[Any]) -> None:
        super().__init__()
        self.retry = retry


@frozen
class Once:
    """
    Do something in a unit of work, and keep the answer in the same one, so that neither is there without the other.

    An error is no answer: the same request may succeed later.
    """

    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, do: Callable[[Work], Awaitable[T]], *, owner_id: UserId, retry: Retry[T] | None
    ) -> T | KeptAnswer:
        """
        Return what *do* returns, or the answer that was given to the same request before.

        Raises:
            RetryKeyReused: something else was asked under the same key.
            Unavailable: the answer was forgotten in this very moment; asking again helps.
        """
        try:
            async with self.unit_of_work.begin() as work:
                outcome = await self._told(work, do, owner_id, retry)
        except _AnsweredMeanwhile as meanwhile:
            return await self._told_elsewhere(owner_id, meanwhile.retry)
        return outcome

    async def _told(
        self, work: Work, do: Callable[[Work], Awaitable[T]], owner_id: UserId, retry: Retry[T] | None
    ) -> T | KeptAnswer:
        if retry is None:
            return await do(work)
        kept = await _answered(work, owner_id, retry)
        if kept is not None:
            return kept
        done: T = await self._done(work, do, owner_id, retry)
        return done

    async def _done(self, work: Work, do: Callable[[Work], Awaitable[T]], owner_id: UserId, retry: Retry[T]) -> T:
        outcome = await do(work)
        answer = KeptAnswer(owner_id, retry.key, retry.digest, self.clock.now(), retry.encode(outcome))
        if await work.answers.keep(answer) is not None:
            raise _AnsweredMeanwhile(retry)
        return outcome

    async def _told_elsewhere(self, owner_id: UserId, retry: Retry[Any]) -> KeptAnswer:
        async with self.unit_of_work.begin() as work:
            kept = await _answered(work, owner_id, retry)
        if kept is None:
            raise Unavailable
        return kept


async def _answered(work: Work, owner_id: UserId, retry: Retry[T]) -> KeptAnswer | None:
    kept = await work.answers.find(retry.key, owner_id=owner_id)
    if kept is not None and kept.digest != retry.digest:
        raise RetryKeyReused
    return kept
