"""
Calendars: making one, ending it, and reading it without a log-in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from attrs import field, frozen

from todo_core.errors import NotFound
from todo_core.model.calendar import CALENDAR_SECRET_BYTES, Calendar
from todo_core.model.ids import UserId
from todo_core.model.session import digest_of
from todo_core.model.todo import Todo, TodoFilter
from todo_core.model.user import User
from todo_core.ports import Clock, Randomness, UnitOfWork
from todo_core.use_cases.reading_todos import ReadTodos

_DUE = TodoFilter(completed=False, due_after=datetime.min.replace(tzinfo=UTC))
_SETTLED = timedelta(seconds=10)
"""How old a change is before its second can stand for it: by then no other of the same second is on its way."""


@frozen
class NewCalendar:
    """
    A calendar, and the secret that is told this once.
    """

    calendar: Calendar
    secret: bytes = field(repr=False)


@frozen
class Feed:
    """
    What a calendar program reads: somebody's open todos that are due at some time.

    ``number`` is that of the owner's latest change, and ``changed_at`` when it was made, where that is known and some
    seconds ago: together with the owner's time zone they tell whether there is anything new.
    """

    calendar: Calendar
    owner: User
    number: int
    changed_at: datetime | None
    todos: AsyncIterator[Sequence[Todo]]


@frozen
class MakeCalendar:
    """
    Let whoever knows a new secret read the owner's due todos; a secret that was given before is worth nothing then.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, *, owner_id: UserId) -> NewCalendar:
        """
        Return the secret.
        """
        secret = self.randomness.draw(CALENDAR_SECRET_BYTES)
        calendar = Calendar(owner_id, digest_of(secret), self.clock.now())
        async with self.unit_of_work.begin() as work:
            await work.calendars.put(calendar)
        return NewCalendar(calendar, secret)


@frozen
class EndCalendar:
    """
    Let nobody read the owner's todos by a secret any more.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, owner_id: UserId) -> None:
        """
        Return once that is so, whether or not there was a secret.
        """
        async with self.unit_of_work.begin() as work:
            await work.calendars.remove(owner_id)


@frozen
class ReadCalendar:
    """
    Show somebody's due todos to whoever knows the secret.
    """

    clock: Clock
    unit_of_work: UnitOfWork
    read: ReadTodos

    async def __call__(self, *, secret: bytes) -> Feed:
        """
        Return the feed; its todos are read page by page, as whoever iterates goes on.

        Raises:
            NotFound: nobody has this secret, or whoever has it is kept out.
        """
        async with self.unit_of_work.begin() as work:
            calendar = await work.calendars.by_digest(digest_of(secret))
            owner = None if calendar is None else await work.users.by_id(calendar.owner_id)
            if calendar is None or owner is None or owner.disabled_at is not None or owner.erase_at is not None:
                raise NotFound
            number = await work.changes.latest(owner.id)
            latest = await work.changes.since(number - 1, owner_id=owner.id, limit=1)
        changed_at = latest[0].at if latest and latest[0].at <= self.clock.now() - _SETTLED else None
        return Feed(calendar, owner, number, changed_at, self.read(_DUE, owner_id=owner.id))
