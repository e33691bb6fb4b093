"""
What an operator does about access: keeping a person out, ending sessions, and settling a restored backup.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.errors import NotFound
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.user import User
from todo_core.ports import Clock, Randomness, UnitOfWork, Work
from todo_core.use_cases.events import event

RESTORED = "restored from a backup"
"""Why mail is dead that a backup held as unfinished: nobody knows whether it was sent since."""


@frozen
class DisableUser:
    """
    Keep a person out: no log-in, no session, no mail, and no link but those that take something back.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, *, email: EmailAddress) -> int:
        """
        Return how many sessions ended with it; it is noted, unless the account was disabled already.

        Raises:
            NotFound: the address has no account.
        """
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            user = await _held(email, work)
            if user.disabled_at is None:
                await work.users.set_disabled(user.id, at=now)
                await work.events.add(event(EventKind.ACCOUNT_DISABLED, user.id, now=now, randomness=self.randomness))
            await work.tokens.retire_all(user.id, now=now)
            return await work.sessions.remove_all(user.id)


@frozen
class EnableUser:
    """
    Let a person in again who was kept out.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, *, email: EmailAddress) -> None:
        """
        Return once the person can log in; it is noted, if they could not.

        Raises:
            NotFound: the address has no account.
        """
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            user = await _held(email, work)
            if user.disabled_at is not None:
                await work.users.set_disabled(user.id, at=None)
                await work.events.add(event(EventKind.ACCOUNT_ENABLED, user.id, now=now, randomness=self.randomness))


@frozen
class RevokeSessions:
    """
    End every session of a person, or of everybody; whoever knows the password can log in again.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, *, email: EmailAddress | None) -> int:
        """
        Return how many sessions ended: everybody's, without an address. A person's are noted with the account.

        Raises:
            NotFound: the address has no account.
        """
        async with self.unit_of_work.begin() as work:
            return await (work.sessions.remove_everyones() if email is None else self._revoke(email, work))

    async def _revoke(self, email: EmailAddress, work: Work) -> int:
        user, now = await _held(email, work), self.clock.now()
        if ended := await work.sessions.remove_all(user.id):
            await work.events.add(event(EventKind.SESSIONS_ENDED, user.id, now=now, randomness=self.randomness))
        return ended


@frozen
class Settled:
    """
    How many of each a restored backup would have brought back to life.
    """

    sessions: int
    tokens: int
    mails: int
    calendars: int


@frozen
class SettleRestore:
    """
    End what a restored backup revives: sessions that were over, links that were used, mail that was sent since.

    Calendars end, too, for one of them may have been ended. Reminders that are not due yet stay: nobody has sent them.
    """

    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> Settled:
        """
        Return how many of each ended; asked for again, there is nothing left to end.
        """
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            return Settled(
                sessions=await work.sessions.remove_everyones(),
                tokens=await work.tokens.retire_everyones(now=now),
                mails=await work.outbox.bury_all(now=now, error=RESTORED),
                calendars=await work.calendars.remove_everyones(),
            )


async def _held(email: EmailAddress, work: Work) -> User:
    """
    Return the user with this address, held; whoever gave it up meanwhile is not meant.
    """
    user = await work.users.by_email(email)
    held = None if user is None else await work.users.hold(user.id)
    if held is None or held.email != email:
        raise NotFound
    return held
