"""
Another address for an account: its owner asks, the new address confirms, the old one may take it back for a week.

Their tokens are made here, the links that carry them by ``todo_core.use_cases.courier``.
"""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from todo_core.errors import InvalidInput, InvalidToken
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.ids import TokenId
from todo_core.model.limit import Limit
from todo_core.model.mail import Mail, MailKind
from todo_core.model.password import Password
from todo_core.model.session import Caller
from todo_core.model.token import Purpose, Token
from todo_core.model.user import User
from todo_core.ports import Clock, LinkSigner, Randomness, RateLimiter, UnitOfWork, Work
from todo_core.use_cases.credentials import Reauthenticate, hold_unchanged
from todo_core.use_cases.events import event
from todo_core.use_cases.limits import CountBadTokens, admit, count
from todo_core.use_cases.mailing import WriteMail

_NO_PASSWORD = ""
"""What stands for a hash that no password has."""


@frozen
class RequestEmailChange:
    """
    Mail a link to the address that somebody wants from now on, and tell the present one.

    The new address is looked up later, by the courier, so nobody learns here who has an account.
    """

    clock: Clock
    randomness: Randomness
    rate_limiter: RateLimiter
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    reauthenticate: Reauthenticate
    limit: Limit

    async def __call__(
        self, *, caller: Caller, new_email: EmailAddress, password: Password, client: str, locale: str | None = None
    ) -> None:
        """
        Return once the wish is kept, or the new address has used up its share, which stays unsaid.

        Raises:
            InvalidInput: *new_email* is the address that the account has.
            WrongPassword: *password* is not the account's.
            TooManyRequests: the client has asked too often, or somebody for this account has guessed too often.
        """
        if new_email == caller.user.email:
            raise InvalidInput("This is the address that the account has.", field="new_email")
        await self.reauthenticate(caller=caller, password=password, client=client)
        await admit(self.rate_limiter, self.limit, key=f"client:{client}")
        if (await count(self.rate_limiter, self.limit, key=f"address:{new_email}")).allowed:
            await self._keep(caller.user, new_email, client=client, locale=locale)

    async def _keep(self, known: User, new_email: EmailAddress, *, client: str, locale: str | None) -> None:
        async with self.unit_of_work.begin() as work:
            user = await hold_unchanged(known, work)
            link = self.write_mail(MailKind.CHANGE_EMAIL, to=new_email, locale=locale, user_id=user.id)
            await work.outbox.add(link)
            await work.tokens.issue(_token(Purpose.CHANGE_EMAIL, link, user, self.randomness))
            facts = {"new_email": new_email.masked}
            notice = self.write_mail(
                MailKind.EMAIL_CHANGE_REQUESTED, to=user.email, locale=locale, user_id=user.id, facts=facts
            )
            await work.outbox.add(notice)
            kind, now = EventKind.EMAIL_CHANGE_REQUESTED, self.clock.now()
            await work.events.add(event(kind, user.id, now=now, randomness=self.randomness, client=client))


@frozen
class ConfirmEmailChange:
    """
    Give an account the address that a link was mailed to.

    No other link of the account works any more, and the old address, if it was ever verified, is sent one that takes
    the change back. Sessions live on. Where an address must be verified before log-in, an account of the new address
    that never was gives way: its opener has shown nothing.
    """

    clock: Clock
    randomness: Randomness
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    count_bad_tokens: CountBadTokens
    verification_required: bool

    async def __call__(self, *, token: str, client: str, locale: str | None = None) -> None:
        """
        Return once the account has the new address.

        Raises:
            InvalidToken: the link does not work.
            Conflict: the address has become somebody else's; the link lives on.
            TooManyRequests: nor did those links work that the client tried before.
        """
        async with self.count_bad_tokens(client=client):
            await self._change(token, client=client, locale=locale)

    async def _change(self, signed: str, *, client: str, locale: str | None) -> None:
        token_id = self.link_signer.read(signed, purpose=Purpose.CHANGE_EMAIL)
        async with self.unit_of_work.begin() as work:
            _, email, user = await _take(token_id, Purpose.CHANGE_EMAIL, work, clock=self.clock)
            now = self.clock.now()
            await work.tokens.retire_all(user.id, now=now)
            if self.verification_required:
                await work.users.drop_unverified(email)
            await work.users.change_email(user.id, email, at=now)
            if user.verified_at is not None:
                await self._tell_old_address(user, email, work, locale=locale)
            changed = event(EventKind.EMAIL_CHANGED, user.id, now=now, randomness=self.randomness, client=client)
            await work.events.add(changed)

    async def _tell_old_address(self, user: User, email: EmailAddress, work: Work, *, locale: str | None) -> None:
        facts = {"new_email": email.masked}
        mail = self.write_mail(MailKind.EMAIL_CHANGED, to=user.email, locale=locale, user_id=user.id, facts=facts)
        await work.outbox.add(mail)
        await work.tokens.issue(_token(Purpose.UNDO_EMAIL_CHANGE, mail, user, self.randomness))


@frozen
class UndoEmailChange:
    """
    Give an account back the address that it had, and lock out whoever changed it.

    They knew the password, so it counts no longer: the restored address is mailed a link to choose another. Every
    session ends, no link that was mailed since works any more, and the account is not erased.
    """

    clock: Clock
    randomness: Randomness
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    count_bad_tokens: CountBadTokens
    verification_required: bool

    async def __call__(self, *, token: str, client: str, locale: str | None = None) -> None:
        """
        Return once the account is its owner's again.

        Raises:
            InvalidToken: the link does not work.
            Conflict: the address has become somebody else's; the link lives on.
            TooManyRequests: nor did those links work that the client tried before.
        """
        async with self.count_bad_tokens(client=client):
            await self._restore(token, client=client, locale=locale)

    async def _restore(self, signed: str, *, client: str, locale: str | None) -> None:
        token_id = self.link_signer.read(signed, purpose=Purpose.UNDO_EMAIL_CHANGE)
        async with self.unit_of_work.begin() as work:
            token, email, user = await _take(token_id, Purpose.UNDO_EMAIL_CHANGE, work, clock=self.clock)
            now = self.clock.now()
            await work.sessions.remove_all(user.id)
            await work.calendars.remove(user.id)
            await work.tokens.retire_all(user.id, now=now)
            await work.tokens.retire_later(token, now=now)
            await work.users.change_password(user.id, _NO_PASSWORD, at=now)
            await work.users.set_erase_at(user.id, at=None)
            if self.verification_required:
                await work.users.drop_unverified(email)
            await work.users.change_email(user.id, email, at=now)
            await work.outbox.add(self.write_mail(MailKind.PASSWORD_RESET, to=email, locale=locale))
            kind = EventKind.EMAIL_CHANGE_UNDONE
            await work.events.add(event(kind, user.id, now=now, randomness=self.randomness, client=client))


async def _take(token_id: TokenId, purpose: Purpose, work: Work, *, clock: Clock) -> tuple[Token, EmailAddress, User]:
    """
    Return the token, used up, with the address that it is for and its user, held.

    The user is held before anything is changed, so that no two who change one account wait for each other.
    """
    live = await work.tokens.live(token_id, purpose=purpose, now=clock.now())
    user = None if live is None else await work.users.hold(live.user_id)
    taken = await work.tokens.take(token_id, purpose=purpose, now=clock.now())
    if taken is None or taken.email is None or user is None or user.disabled_at is not None:
        raise InvalidToken
    return taken, taken.email, user


def _token(purpose: Purpose, mail: Mail, user: User, randomness: Randomness) -> Token:
    """
    Return the token for the link in *mail*, for the address that the mail goes to.

    It is kept together with the mail, and not made when that is sent: so whatever ends the account's tokens ends this
    one as well, however long the mail is under way.
    """
    return Token(
        id=TokenId(UUID(bytes=randomness.draw(16))),
        purpose=purpose,
        user_id=user.id,
        mail_id=mail.id,
        created_at=mail.created_at,
        expires_at=mail.expires_at,
        email=mail.address,
    )
