"""
Sessions: logging in, being known, logging out.
"""

from __future__ import annotations

from datetime import timedelta

from attrs import field, frozen

from todo_core.errors import EmailNotVerified, Unauthenticated, WrongCredentials
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.ids import SessionId, uuid7
from todo_core.model.limit import Limit
from todo_core.model.password import Password
from todo_core.model.session import LONGEST_USER_AGENT, SECRET_BYTES, SEEN_TO, Caller, Session, digest_of, network_of
from todo_core.model.user import User
from todo_core.ports import AccessTokens, Clock, PasswordHasher, Randomness, RateLimiter, UnitOfWork
from todo_core.use_cases.events import event
from todo_core.use_cases.limits import admit, forgive


@frozen
class LoggedIn:
    """
    The answer to a log-in.
    """

    caller: Caller
    access_token: str = field(repr=False)


@frozen
class LogIn:
    """
    Open a session for whoever knows the password.

    An unknown address costs the same hash as a known one, so time tells nothing. Whoever has tried too often is
    told so whatever the password, and a log-in forgives those of the day that failed (NIST SP 800-63B-4 §3.2.2).
    """

    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher
    access_tokens: AccessTokens
    rate_limiter: RateLimiter
    unit_of_work: UnitOfWork
    limit: Limit
    day_limit: Limit
    session_life: timedelta
    verification_required: bool

    async def __call__(
        self, *, email: EmailAddress, password: Password, client: str, user_agent: str | None = None
    ) -> LoggedIn:
        """
        Return the new session and its access token; *user_agent* is for its owner to know it by.

        Raises:
            WrongCredentials: there is no such enabled account, or it has another password.
            EmailNotVerified: the password is right, but the address has to be verified first.
            TooManyRequests: the client, or somebody for this address, has tried too often.
        """
        await admit(self.rate_limiter, self.limit, key=f"client:{client}")
        await admit(self.rate_limiter, self.limit, key=f"address:{email}")
        await admit(self.rate_limiter, self.day_limit, key=f"address:{email}")
        user = await self._user_with(email, password)
        if user.verified_at is None and self.verification_required:
            raise EmailNotVerified
        better_hash = await self._better_hash(user, password)
        logged_in = await self._open_session(user, better_hash, client=client, user_agent=user_agent)
        await forgive(self.rate_limiter, self.day_limit, key=f"address:{email}")
        return logged_in

    async def _user_with(self, email: EmailAddress, password: Password) -> User:
        async with self.unit_of_work.begin() as work:
            user = await work.users.by_email(email)
        right = await self.hasher.verify(password, user.password_hash if user else None)
        if user is None or not right or user.disabled_at is not None:
            raise WrongCredentials
        return user

    async def _better_hash(self, user: User, password: Password) -> str | None:
        if not self.hasher.is_outdated(user.password_hash):
            return None
        return await self.hasher.hash(password)

    async def _open_session(
        self, user: User, better_hash: str | None, *, client: str, user_agent: str | None
    ) -> LoggedIn:
        now = self.clock.now()
        secret = self.randomness.draw(SECRET_BYTES)
        session = Session(
            id=SessionId(uuid7(now, self.randomness.draw(10))),
            user_id=user.id,
            digest=digest_of(secret),
            created_at=now,
            expires_at=now + self.session_life,
            last_seen_at=now,
            user_agent=user_agent and user_agent[:LONGEST_USER_AGENT],
            network=network_of(client),
        )
        logged_in = event(EventKind.LOGGED_IN, user.id, now=now, randomness=self.randomness, client=client)
        async with self.unit_of_work.begin() as work:
            held = await work.users.hold(user.id)
            if held is None or held.password_hash != user.password_hash or held.disabled_at is not None:
                raise WrongCredentials  # changed while the password was hashed: a reset must end this log-in too
            await work.sessions.add(session)
            await work.events.add(logged_in)
            if better_hash is not None:
                await work.users.set_password_hash(user.id, better_hash)
        token = self.access_tokens.issue(secret, expires_at=session.expires_at)
        return LoggedIn(Caller(session, user), token)


@frozen
class WhoAmI:
    """
    Find out who bears an access token.

    A session ends when it has been ``idle`` for so long (ASVS 7.3.1). That it was seen is written down every five
    minutes at most, so that reading costs no writing.
    """

    clock: Clock
    access_tokens: AccessTokens
    unit_of_work: UnitOfWork
    idle: timedelta

    async def __call__(self, *, access_token: str) -> Caller:
        """
        Return the live session behind the token, and its user.

        Raises:
            Unauthenticated: there is none.
        """
        now = self.clock.now()
        digest = digest_of(self.access_tokens.read(access_token, now=now))
        async with self.unit_of_work.begin() as work:
            caller = await work.sessions.caller(digest, now=now, idle_since=now - self.idle)
            if caller is not None and now - caller.session.last_seen_at >= SEEN_TO:
                await work.sessions.touch(caller.session.id, at=now)
        if caller is None:
            raise Unauthenticated
        return caller


@frozen
class LogOut:
    """
    End the caller's session.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, *, caller: Caller, client: str) -> None:
        """
        Return once the session's access token is worthless.
        """
        user_id = caller.user.id
        logged_out = event(
            EventKind.LOGGED_OUT, user_id, now=self.clock.now(), randomness=self.randomness, client=client
        )
        async with self.unit_of_work.begin() as work:
            await work.sessions.remove(caller.session.id, user_id=user_id)
            await work.events.add(logged_out)
