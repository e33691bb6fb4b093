"""
Accounts: signing up, and showing that one reads one's mail.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.errors import InvalidToken
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.ids import UserId, uuid7
from todo_core.model.limit import Limit
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_core.model.token import Purpose
from todo_core.model.user import User
from todo_core.ports import Clock, LinkSigner, PasswordHasher, Randomness, RateLimiter, UnitOfWork
from todo_core.use_cases.check_password import CheckPassword
from todo_core.use_cases.events import event
from todo_core.use_cases.limits import CountBadTokens, admit, count
from todo_core.use_cases.mailing import WriteMail


@frozen
class Register:
    """
    Open an account, or tell the owner of the address, by mail, that there is one.

    Both take the same work and look the same to whoever asks (OWASP Authentication Cheat Sheet).
    Where an address must be verified before log-in, whoever signs up last before that sets the password, so
    that a stranger who signed up first has gained nothing.
    """

    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher
    rate_limiter: RateLimiter
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    check_password: CheckPassword
    limit: Limit
    verification_required: bool

    async def __call__(
        self,
        *,
        email: EmailAddress,
        password: Password,
        display_name: str | None,
        client: str,
        locale: str | None = None,
    ) -> None:
        """
        Return once the account is kept, or its owner is to be told.

        *locale* is the language of the mail; it becomes no choice of the account.

        Raises:
            InvalidInput: the password breaks a rule.
            TooManyRequests: the client, or somebody for this address, has asked too often.
        """
        await self.check_password(password, email=email, named="password")
        await admit(self.rate_limiter, self.limit, key=f"client:{client}")
        await admit(self.rate_limiter, self.limit, key=f"address:{email}")
        password_hash = await self.hasher.hash(password)
        now = self.clock.now()
        user = User(
            id=UserId(uuid7(now, self.randomness.draw(10))),
            email=email,
            password_hash=password_hash,
            created_at=now,
            display_name=display_name,
        )
        async with self.unit_of_work.begin() as work:
            kept = await (work.users.claim(user) if self.verification_required else work.users.add(user))
            kind = MailKind.VERIFY_EMAIL if kept else MailKind.EMAIL_IN_USE
            await work.outbox.add(self.write_mail(kind, to=email, locale=locale))


@frozen
class ResendVerification:
    """
    Ask for another verification mail, whether or not there is an account to verify.
    """

    rate_limiter: RateLimiter
    unit_of_work: UnitOfWork
    write_mail: WriteMail
    limit: Limit

    async def __call__(self, *, email: EmailAddress, client: str, locale: str | None = None) -> None:
        """
        Return once the wish is kept, or the address has used up its share, which stays unsaid.

        Raises:
            TooManyRequests: the client has asked too often.
        """
        await admit(self.rate_limiter, self.limit, key=f"client:{client}")
        if (await count(self.rate_limiter, self.limit, key=f"address:{email}")).allowed:
            async with self.unit_of_work.begin() as work:
                await work.outbox.add(self.write_mail(MailKind.VERIFY_EMAIL, to=email, locale=locale))


@frozen
class VerifyEmail:
    """
    Believe that somebody reads the mail of their account's address.
    """

    clock: Clock
    randomness: Randomness
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    count_bad_tokens: CountBadTokens

    async def __call__(self, *, token: str, client: str) -> None:
        """
        Return once the address is verified.

        Raises:
            InvalidToken: the token is not a live one for this purpose.
            TooManyRequests: nor were those that the client tried before.
        """
        async with self.count_bad_tokens(client=client):
            await self._verify(token)

    async def _verify(self, token: str) -> None:
        now = self.clock.now()
        token_id = self.link_signer.read(token, purpose=Purpose.VERIFY_EMAIL)
        async with self.unit_of_work.begin() as work:
            live = await work.tokens.live(token_id, purpose=Purpose.VERIFY_EMAIL, now=now)
            if live is not None:
                await work.users.hold(live.user_id)  # before its tokens, as whoever changes an account does
            taken = await work.tokens.take(token_id, purpose=Purpose.VERIFY_EMAIL, now=now)
            if taken is None:
                raise InvalidToken
            await work.users.set_verified(taken.user_id, at=now)
            await work.events.add(event(EventKind.EMAIL_VERIFIED, taken.user_id, now=now, randomness=self.randomness))
