"""
All that is held on a person, for that person (GDPR, articles 15 and 20).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from attrs import frozen

from todo_core.model.calendar import Calendar
from todo_core.model.event import LARGEST_PAGE, EventKind, SecurityEvent
from todo_core.model.ids import EventId, UserId
from todo_core.model.mail import Mail
from todo_core.model.session import Caller, Session
from todo_core.model.suppression import Suppression
from todo_core.model.todo import PageMark, Todo, TodoFilter, TodoPage, TodoSort
from todo_core.model.todo_list import TodoList
from todo_core.model.user import User
from todo_core.ports import Clock, Randomness, UnitOfWork
from todo_core.use_cases.events import event

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Export:
    """
    What is held on a person; events, newest first, and todos are read page by page, as whoever iterates goes on.
    """

    user: User
    sessions: Sequence[Session]
    mails: Sequence[Mail]
    suppression: Suppression | None
    calendar: Calendar | None
    lists: Sequence[TodoList]
    events: AsyncIterator[Sequence[SecurityEvent]]
    todos: AsyncIterator[Sequence[Todo]]


@frozen
class ExportData:
    """
    Give the caller all that is held on them, and note that they asked.

    Mail and suppression belong to the address: whoever never verified theirs might see somebody else's.
    No unit of work stays open while the answer travels.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, *, caller: Caller, client: str) -> Export:
        """
        Return what is held now; events and todos are those of the moment in which they are read.
        """
        user, now = caller.user, self.clock.now()
        exported = event(EventKind.DATA_EXPORTED, user.id, now=now, randomness=self.randomness, client=client)
        async with self.unit_of_work.begin() as work:
            await work.events.add(exported)
            sessions = await work.sessions.of_user(user.id, now=now, idle_since=_EVER)
            mails = await work.outbox.to_address(user.email)
            suppression = await work.suppressions.by_address(user.email)
            calendar = await work.calendars.of_owner(user.id)
            lists = await work.lists.of_owner(user.id)
        verified = user.verified_at is not None
        return Export(
            user=user,
            sessions=sessions,
            mails=[mail for mail in mails if verified and mail.user_id in {None, user.id}],
            suppression=suppression if verified else None,
            calendar=calendar,
            lists=lists,
            events=self._events(user.id),
            todos=self._todos(user.id),
        )

    async def _events(self, user_id: UserId) -> AsyncIterator[Sequence[SecurityEvent]]:
        before: EventId | None = None
        while page := await self._page_of_events(user_id, before):
            yield page
            before = page[-1].id

    async def _todos(self, user_id: UserId) -> AsyncIterator[Sequence[Todo]]:
        for wanted in (TodoFilter(), TodoFilter(deleted=True)):
            after: PageMark | None = None
            more = True
            while more:
                page = await self._page_of_todos(user_id, wanted, after)
                if page.items:
                    yield page.items
                after = page.next_after
                more = after is not None

    async def _page_of_events(self, user_id: UserId, before: EventId | None) -> Sequence[SecurityEvent]:
        async with self.unit_of_work.begin() as work:
            return await work.events.of_user(user_id, before=before, limit=LARGEST_PAGE)

    async def _page_of_todos(self, user_id: UserId, wanted: TodoFilter, after: PageMark | None) -> TodoPage:
        async with self.unit_of_work.begin() as work:
            return await work.todos.page(wanted, TodoSort(), owner_id=user_id, after=after, limit=LARGEST_PAGE)
