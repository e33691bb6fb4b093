"""
The password of somebody who is logged in: asked for once more, and changed.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.errors import WrongPassword
from todo_core.model.event import EventKind
from todo_core.model.limit import Limit
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_core.model.session import Caller
from todo_core.model.user import User
from todo_core.ports import Clock, PasswordHasher, Randomness, RateLimiter, UnitOfWork, Work
from todo_core.use_cases.check_password import CheckPassword
from todo_core.use_cases.events import event
from todo_core.use_cases.limits import admit, forgive
from todo_core.use_cases.mailing import WriteMail


@frozen
class Reauthenticate:
    """
    Ask for the password once more, before what a session that was stolen must not be enough for (ASVS 7.5.1).

    It counts as a log-in does, with the same counters, so that a session is no place to guess the password from.
    """

    hasher: PasswordHasher
    rate_limiter: RateLimiter
    limit: Limit
    day_limit: Limit

    async def __call__(self, *, caller: Caller, password: Password, client: str) -> None:
        """
        Return if *password* is the caller's; ``hold_unchanged`` tells later whether it still is.

        Raises:
            WrongPassword: it is not.
            TooManyRequests: the client, or somebody for this address, has tried too often.
        """
        address = f"address:{caller.user.email}"
        await admit(self.rate_limiter, self.limit, key=f"client:{client}")
        await admit(self.rate_limiter, self.limit, key=address)
        await admit(self.rate_limiter, self.day_limit, key=address)
        if not await self.hasher.verify(password, caller.user.password_hash):
            raise WrongPassword
        await forgive(self.rate_limiter, self.day_limit, key=address)


async def hold_unchanged(user: User, work: Work) -> User:
    """
    Return *user* as it is now, held until this unit of work ends, if the password is still the one that was asked for.

    Raises:
        WrongPassword: it was changed meanwhile, by whoever reset it or took a change of the address back.
    """
    held = await work.users.hold(user.id)
    if held is None or held.password_hash != user.password_hash or held.disabled_at is not None:
        raise WrongPassword
    return held


@frozen
class ChangePassword:
    """
    Set a new password for whoever is logged in and knows the present one (ASVS 6.2.3).

    This session lives on, every other one of the account ends, no link that was mailed before works any more but those
    that take something back, and the owner is told by mail.
    """

    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    check_password: CheckPassword
    reauthenticate: Reauthenticate

    async def __call__(
        self,
        *,
        caller: Caller,
        current_password: Password,
        new_password: Password,
        client: str,
        locale: str | None = None,
    ) -> None:
        """
        Return once the new password counts.

        Raises:
            WrongPassword: *current_password* is not the account's.
            InvalidInput: the new password breaks a rule.
            TooManyRequests: the client, or somebody for this address, has tried too often.
        """
        await self.reauthenticate(caller=caller, password=current_password, client=client)
        await self.check_password(new_password, email=caller.user.email, named="new_password")
        new_hash = await self.hasher.hash(new_password)
        async with self.unit_of_work.begin() as work:
            user = await hold_unchanged(caller.user, work)
            now = self.clock.now()
            await work.users.change_password(user.id, new_hash, at=now)
            await work.sessions.remove_all(user.id, but=caller.session.id)
            await work.tokens.retire_all(user.id, now=now)
            notice = self.write_mail(MailKind.PASSWORD_CHANGED, to=user.email, locale=locale, user_id=user.id)
            await work.outbox.add(notice)
            changed = event(EventKind.PASSWORD_CHANGED, user.id, now=now, randomness=self.randomness, client=client)
            await work.events.add(changed)
