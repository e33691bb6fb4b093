"""
Leaving for good, after a day to think it over: asked for, and taken back.

That the day is over is seen by ``todo_core.use_cases.pruning``.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.errors import InvalidToken
from todo_core.model.event import EventKind
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_core.model.session import Caller
from todo_core.model.token import Purpose
from todo_core.model.user import User
from todo_core.ports import Clock, LinkSigner, Randomness, UnitOfWork, Work
from todo_core.use_cases.credentials import Reauthenticate, hold_unchanged
from todo_core.use_cases.events import event
from todo_core.use_cases.limits import CountBadTokens
from todo_core.use_cases.mailing import WriteMail

_UNDO = Purpose.UNDO_DELETION


@frozen
class RequestDeletion:
    """
    Have the caller's account erased, with all that it owns, when the link that takes it back has expired.

    Every session ends, and the owner is told by mail: it may have been somebody else who asked.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    reauthenticate: Reauthenticate

    async def __call__(self, *, caller: Caller, password: Password, client: str, locale: str | None = None) -> None:
        """
        Return once it is settled when the account goes; asked for again, it goes later.

        Raises:
            WrongPassword: *password* is not the account's.
            TooManyRequests: the client, or somebody for this address, has tried too often.
        """
        await self.reauthenticate(caller=caller, password=password, client=client)
        kind, now = EventKind.DELETION_REQUESTED, self.clock.now()
        async with self.unit_of_work.begin() as work:
            user = await hold_unchanged(caller.user, work)
            mail = self.write_mail(MailKind.ACCOUNT_DELETION, to=user.email, locale=locale, user_id=user.id)
            await work.users.set_erase_at(user.id, at=mail.expires_at)
            await work.sessions.remove_all(user.id)
            await work.outbox.add(mail)
            await work.events.add(event(kind, user.id, now=now, randomness=self.randomness, client=client))


@frozen
class KeepAccount:
    """
    Let an account that is to be erased stay; that is noted, if it was to be erased.
    """

    clock: Clock
    randomness: Randomness

    async def __call__(self, held: User, work: Work, *, client: str) -> None:
        """
        Return once the account stays; *work* holds its user.
        """
        if held.erase_at is not None:
            kind, now = EventKind.DELETION_UNDONE, self.clock.now()
            await work.users.set_erase_at(held.id, at=None)
            await work.events.add(event(kind, held.id, now=now, randomness=self.randomness, client=client))


@frozen
class CancelDeletion:
    """
    Keep the account of whoever has logged in again.
    """

    unit_of_work: UnitOfWork
    keep_account: KeepAccount

    async def __call__(self, *, caller: Caller, client: str) -> None:
        """
        Return once the account stays, whether or not it was to go.
        """
        async with self.unit_of_work.begin() as work:
            held = await work.users.hold(caller.user.id)
            if held is not None:
                await self.keep_account(held, work, client=client)


@frozen
class UndoDeletion:
    """
    Keep the account of whoever holds the link in the mail, once; nobody is logged in.
    """

    clock: Clock
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    keep_account: KeepAccount
    count_bad_tokens: CountBadTokens

    async def __call__(self, *, token: str, client: str) -> None:
        """
        Return once the account stays.

        Raises:
            InvalidToken: the link does not work.
            TooManyRequests: nor did those that the client tried before.
        """
        async with self.count_bad_tokens(client=client):
            await self._undo(token, client=client)

    async def _undo(self, token: str, *, client: str) -> None:
        token_id, now = self.link_signer.read(token, purpose=_UNDO), self.clock.now()
        async with self.unit_of_work.begin() as work:
            live = await work.tokens.live(token_id, purpose=_UNDO, now=now)
            # the account is held before its token: in this order they are erased
            held = None if live is None else await work.users.hold(live.user_id)
            if held is None or await work.tokens.take(token_id, purpose=_UNDO, now=now) is None:
                raise InvalidToken
            await self.keep_account(held, work, client=client)
