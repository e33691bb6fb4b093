"""
A person's own sessions: seeing them, and ending those that are not wanted any more (ASVS 7.5.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from attrs import frozen

from todo_core.errors import NotFound
from todo_core.model.event import EventKind
from todo_core.model.ids import SessionId
from todo_core.model.session import Caller, Session
from todo_core.ports import Clock, Randomness, UnitOfWork
from todo_core.use_cases.events import event


@frozen
class ListSessions:
    """
    Show a person where they are logged in.
    """

    clock: Clock
    unit_of_work: UnitOfWork
    idle: timedelta

    async def __call__(self, *, caller: Caller) -> Sequence[Session]:
        """
        Return the caller's live sessions, newest first; the one that asks is among them.
        """
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            return await work.sessions.of_user(caller.user.id, now=now, idle_since=now - self.idle)


@frozen
class EndSession:
    """
    End one of the caller's sessions; ending the one that asks is a log-out.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, session_id: SessionId, *, caller: Caller, client: str) -> None:
        """
        Return once the session's access token is worthless.

        Raises:
            NotFound: there is no such session, or it is somebody else's.
        """
        kind = EventKind.LOGGED_OUT if session_id == caller.session.id else EventKind.SESSIONS_ENDED
        ended = event(kind, caller.user.id, now=self.clock.now(), randomness=self.randomness, client=client)
        async with self.unit_of_work.begin() as work:
            if not await work.sessions.remove(session_id, user_id=caller.user.id):
                raise NotFound
            await work.events.add(ended)


@frozen
class EndOtherSessions:
    """
    End all of the caller's sessions but the one that asks.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, *, caller: Caller, client: str) -> None:
        """
        Return once the other sessions' access tokens are worthless; that is noted if there were any.
        """
        user_id = caller.user.id
        ended = event(
            EventKind.SESSIONS_ENDED, user_id, now=self.clock.now(), randomness=self.randomness, client=client
        )
        async with self.unit_of_work.begin() as work:
            if await work.sessions.remove_all(user_id, but=caller.session.id):
                await work.events.add(ended)
