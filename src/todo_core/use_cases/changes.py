"""
Following the changes to one's own todos and lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from attrs import frozen

from todo_core.errors import Unauthenticated
from todo_core.model.change import Change
from todo_core.model.session import Caller
from todo_core.ports import Clock, UnitOfWork

MOST_AT_ONCE = 100
"""Changes that are told at a time: a follower who is far behind is no burden on our memory."""


@frozen
class News:
    """
    What a follower has not seen yet.

    ``number`` is where they have arrived with it. Where ``is_torn`` they have missed what nobody can tell any more,
    and must read all they show anew. ``has_more`` when there may be more to tell at once.
    """

    changes: Sequence[Change]
    number: int
    is_torn: bool = False

    @property
    def has_more(self) -> bool:
        """
        Tell whether it is worth asking again at once.
        """
        return len(self.changes) == MOST_AT_ONCE


@frozen
class FollowChanges:
    """
    Tell what has changed since one last asked.

    Each time the caller's session is looked at again, so nobody is told anything after a log-out.
    """

    clock: Clock
    unit_of_work: UnitOfWork
    idle: timedelta

    async def __call__(self, *, caller: Caller, after: int | None) -> News:
        """
        Return up to 100 changes *after* that number, or without one where a follower begins.

        A number that was never given, or after which a change was forgotten, is answered by torn news.

        Raises:
            Unauthenticated: the caller's session has ended.
        """
        owner_id, now = caller.user.id, self.clock.now()
        async with self.unit_of_work.begin() as work:
            live = await work.sessions.caller(caller.session.digest, now=now, idle_since=now - self.idle)
            latest = await work.changes.latest(owner_id)
            known = latest if after is None else min(after, latest)
            found: Sequence[Change] = (
                await work.changes.since(known, owner_id=owner_id, limit=MOST_AT_ONCE) if known < latest else []
            )
        if live is None:
            raise Unauthenticated
        return _news(found, after=after, latest=latest)


def _news(found: Sequence[Change], *, after: int | None, latest: int) -> News:
    """
    Return what was *found*, where no number is left out on the way from *after*.
    """
    if after is None or after == latest:
        return News([], latest)
    if not found or [change.number for change in found] != list(range(after + 1, after + 1 + len(found))):
        return News([], latest, is_torn=True)
    return News(found, found[-1].number)
