"""
A forgotten password, in three steps: somebody asks, the courier answers by mail, the reader chooses a new one.

The middle step is ``todo_core.use_cases.courier``.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from todo_core.errors import InvalidInput, InvalidToken
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.ids import TokenId
from todo_core.model.limit import Limit
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_core.model.token import Purpose, Token
from todo_core.model.user import User
from todo_core.ports import Clock, LinkSigner, PasswordHasher, Randomness, RateLimiter, UnitOfWork, Work
from todo_core.use_cases.check_password import CheckPassword
from todo_core.use_cases.events import event
from todo_core.use_cases.limits import CountBadTokens, admit, count, forgive
from todo_core.use_cases.mailing import WriteMail

_RESET = Purpose.PASSWORD_RESET


@frozen
class RequestPasswordReset:
    """
    Note that somebody forgot the password of *email*.

    The account is looked up later, by the courier, so this does the same work, and takes the same
    time, whether or not there is one (OWASP Forgot Password Cheat Sheet).
    """

    rate_limiter: RateLimiter
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    limit: Limit
    client_limit: Limit

    async def __call__(self, *, email: EmailAddress, client: str, locale: str | None = None) -> None:
        """
        Return once the wish is kept, or the address has used up its share, which stays unsaid.

        Raises:
            TooManyRequests: the client has asked too often, for whichever addresses.
        """
        await admit(self.rate_limiter, self.client_limit, key=f"client:{client}")
        if (await count(self.rate_limiter, self.limit, key=f"address:{email}")).allowed:
            async with self.unit_of_work.begin() as work:
                await work.outbox.add(self.write_mail(MailKind.PASSWORD_RESET, to=email, locale=locale))


@frozen
class CheckPasswordReset:
    """
    Tell whether a reset link still works; nothing is consumed.
    """

    clock: Clock
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    count_bad_tokens: CountBadTokens

    async def __call__(self, *, token: str, client: str) -> datetime:
        """
        Return when the link expires.

        Raises:
            InvalidToken: it does not work.
            TooManyRequests: nor did those that the client tried before.
        """
        async with self.count_bad_tokens(client=client):
            live = await self._live(token)
        return live.expires_at

    async def _live(self, token: str) -> Token:
        token_id = self.link_signer.read(token, purpose=_RESET)
        async with self.unit_of_work.begin() as work:
            live, _ = await _live(token_id, work, now=self.clock.now())
        return live


@frozen
class JudgePassword:
    """
    Say what speaks against a password that somebody is still choosing, to sign up or behind a reset link.

    Nothing is kept and no link consumed. The world is asked nothing: half a password that somebody pauses at is none of
    its business.
    """

    clock: Clock
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    check_password: CheckPassword
    count_bad_tokens: CountBadTokens

    async def __call__(
        self, password: Password, *, client: str, email: EmailAddress | None = None, token: str | None = None
    ) -> str | None:
        """
        Return which rule *password* breaks, or None; it is for the account of *token*'s link, or else for *email*.

        No account is looked up but the link's, whose reader may know of it.

        Raises:
            InvalidToken: the link does not work.
            TooManyRequests: nor did those that the client tried before.
        """
        if token is not None:
            async with self.count_bad_tokens(client=client):
                email = await self._reader_of(token)
        try:
            self.check_password.here(password, email=email, named="password")
        except InvalidInput as refusal:
            return refusal.detail
        return None

    async def _reader_of(self, token: str) -> EmailAddress:
        token_id = self.link_signer.read(token, purpose=_RESET)
        async with self.unit_of_work.begin() as work:
            _, user = await _live(token_id, work, now=self.clock.now())
        return user.email


@frozen
class ConfirmPasswordReset:
    """
    Set a new password for whoever holds a live link, once.

    Every session of the account ends, and its calendar with them, no other link of it works any more, its owner is told
    by mail, and nobody is logged in. A password that breaks a rule leaves the link alive.
    Log-ins that failed before are forgiven, so whoever guessed locks nobody out for good.
    """

    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    check_password: CheckPassword
    rate_limiter: RateLimiter
    log_in_limit: Limit
    count_bad_tokens: CountBadTokens

    async def __call__(self, *, token: str, new_password: Password, client: str, locale: str | None = None) -> None:
        """
        Return once the new password counts.

        Raises:
            InvalidToken: the link does not work.
            InvalidInput: the password breaks a rule.
            TooManyRequests: nor did those links work that the client tried before.
        """
        async with self.count_bad_tokens(client=client):
            email = await self._set(new_password, token=token, locale=locale)
        await forgive(self.rate_limiter, self.log_in_limit, key=f"address:{email}")

    async def _set(self, new_password: Password, *, token: str, locale: str | None) -> EmailAddress:
        token_id = self.link_signer.read(token, purpose=_RESET)
        async with self.unit_of_work.begin() as work:
            _, user = await _live(token_id, work, now=self.clock.now())
        await self.check_password(new_password, email=user.email, named="new_password")
        new_hash = await self.hasher.hash(new_password)
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            _enabled(await work.users.hold(user.id))  # before its tokens, as whoever changes an account does
            if await work.tokens.take(token_id, purpose=_RESET, now=now) is None:
                raise InvalidToken
            await work.users.change_password(user.id, new_hash, at=now)
            await work.sessions.remove_all(user.id)
            await work.calendars.remove(user.id)
            await work.tokens.retire_all(user.id, now=now)
            await work.outbox.add(self.write_mail(MailKind.PASSWORD_CHANGED, to=user.email, locale=locale))
            await work.events.add(event(EventKind.PASSWORD_RESET, user.id, now=now, randomness=self.randomness))
        return user.email


async def _live(token_id: TokenId, work: Work, *, now: datetime) -> tuple[Token, User]:
    token = await work.tokens.live(token_id, purpose=_RESET, now=now)
    if token is None:
        raise InvalidToken
    return token, _enabled(await work.users.by_id(token.user_id))


def _enabled(user: User | None) -> User:
    if user is None or user.disabled_at is not None:
        raise InvalidToken
    return user
