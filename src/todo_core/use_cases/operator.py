"""
What an operator may do at the terminal when a person cannot help themselves.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from attrs import frozen

from todo_core.errors import Conflict, NotFound, Unavailable
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.ids import TokenId, UserId, uuid7
from todo_core.model.link import Frontend
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_core.model.token import Purpose, Token
from todo_core.model.user import User
from todo_core.ports import Clock, LinkSigner, PasswordHasher, Randomness, UnitOfWork
from todo_core.use_cases.check_password import CheckPassword
from todo_core.use_cases.events import event
from todo_core.use_cases.mailing import WriteMail


@frozen
class CreateUser:
    """
    Open an account whose address needs no verification, because an operator vouches for it.
    """

    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher
    unit_of_work: UnitOfWork
    check_password: CheckPassword

    async def __call__(self, *, email: EmailAddress, password: Password) -> User:
        """
        Return the new user.

        Raises:
            InvalidInput: the password breaks a rule.
            Conflict: the address has an account already.
        """
        await self.check_password(password, email=email, named="password")
        password_hash = await self.hasher.hash(password)
        now = self.clock.now()
        user_id = UserId(uuid7(now, self.randomness.draw(10)))
        user = User(id=user_id, email=email, password_hash=password_hash, created_at=now, verified_at=now)
        async with self.unit_of_work.begin() as work:
            kept = await work.users.add(user)
        if not kept:
            raise Conflict
        return user


@frozen
class SendPasswordReset:
    """
    Queue a reset mail for a known person, whatever limits the person has used up.
    """

    unit_of_work: UnitOfWork
    write_mail: WriteMail

    async def __call__(self, *, email: EmailAddress) -> None:
        """
        Return once the mail is queued.

        Raises:
            NotFound: the address has no account.
        """
        async with self.unit_of_work.begin() as work:
            if await work.users.by_email(email) is None:
                raise NotFound
            await work.outbox.add(self.write_mail(MailKind.PASSWORD_RESET, to=email))


@frozen
class MakeResetLink:
    """
    Make a reset link to hand over in person, when mail cannot. It supersedes the mailed ones.

    By handing it over the operator vouches for the address, which counts as verified from then on.
    """

    clock: Clock
    randomness: Randomness
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    frontend: Frontend
    life: timedelta

    async def __call__(self, *, email: EmailAddress) -> str:
        """
        Return the link, a secret; that it was made is noted as a security event.

        Raises:
            NotFound: the address has no account, or a disabled one.
            Unavailable: a link was made elsewhere in the same moment; try again.
        """
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            user = await work.users.by_email(email)
            if user is None or user.disabled_at is not None:
                raise NotFound
            token = Token(
                id=TokenId(UUID(bytes=self.randomness.draw(16))),
                purpose=Purpose.PASSWORD_RESET,
                user_id=user.id,
                mail_id=None,
                created_at=now,
                expires_at=now + self.life,
            )
            if await work.tokens.issue(token) is None:
                raise Unavailable
            await work.users.set_verified(user.id, at=now)
            await work.events.add(event(EventKind.RESET_LINK_PRINTED, user.id, now=now, randomness=self.randomness))
        return self.frontend.link(token.purpose, self.link_signer.sign(token.id, purpose=token.purpose))
