"""
Users, their sessions and their tokens, in dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from todo_adapters.memory.rows import insert, prune
from todo_core.errors import Conflict
from todo_core.model.email import EmailAddress
from todo_core.model.ids import SessionId, TokenId, UserId
from todo_core.model.session import Caller, Session
from todo_core.model.token import UNDOING, Purpose, Token
from todo_core.model.user import User
from todo_core.ports import SessionStore, TokenStore, UserStore


@frozen
class MemoryUserStore(UserStore):
    """
    Users by their ids.
    """

    rows: dict[UserId, User]
    owned: Sequence[dict[Any, Any]]
    """What refers to a user, and goes with them."""

    async def add(self, user: User) -> bool:
        if await self.by_email(user.email) is not None:
            return False
        insert(self.rows, user.id, user)
        return True

    async def claim(self, user: User) -> bool:
        known = await self.by_email(user.email)
        if known is None or known.verified_at is not None:
            return await self.add(user)
        self._set(known.id, password_hash=user.password_hash, display_name=user.display_name)
        return True

    async def by_id(self, user_id: UserId) -> User | None:
        return self.rows.get(user_id)

    async def by_email(self, email: EmailAddress) -> User | None:
        return next((user for user in self.rows.values() if user.email == email), None)

    async def hold(self, user_id: UserId) -> User | None:
        return await self.by_id(user_id)  # units of work take turns: nobody else can change it

    async def hold_by_email(self, email: EmailAddress) -> User | None:
        return await self.by_email(email)

    async def set_password_hash(self, user_id: UserId, password_hash: str) -> None:
        self._set(user_id, password_hash=password_hash)

    async def change_password(self, user_id: UserId, password_hash: str, *, at: datetime) -> None:
        self._set(user_id, password_hash=password_hash, password_changed_at=at)

    async def set_verified(self, user_id: UserId, *, at: datetime) -> None:
        user = self.rows.get(user_id)
        if user is not None and user.verified_at is None:
            self._set(user_id, verified_at=at)

    async def set_disabled(self, user_id: UserId, *, at: datetime | None) -> None:
        self._set(user_id, disabled_at=at)

    async def set_profile(
        self, user_id: UserId, *, display_name: str | None, locale: str | None, timezone: str
    ) -> None:
        self._set(user_id, display_name=display_name, locale=locale, timezone=timezone)

    async def change_email(self, user_id: UserId, email: EmailAddress, *, at: datetime) -> None:
        holder = await self.by_email(email)
        if holder is not None and holder.id != user_id:
            raise Conflict
        self._set(user_id, email=email, verified_at=at)

    async def drop_unverified(self, email: EmailAddress) -> None:
        user = await self.by_email(email)
        if user is not None and user.verified_at is None:
            self._erase(user)

    async def set_erase_at(self, user_id: UserId, *, at: datetime | None) -> None:
        self._set(user_id, erase_at=at)

    async def erase(self, *, now: datetime, limit: int) -> Sequence[EmailAddress]:
        undoing = (token for token in self._tokens() if token.purpose is Purpose.UNDO_EMAIL_CHANGE)
        kept = {token.user_id for token in undoing if token.is_live(now)}
        leaving = [user for user in self.rows.values() if user.erase_at is not None and user.erase_at <= now]
        due = [user for user in leaving if user.id not in kept][:limit]
        for user in due:
            self._erase(user)
        return [user.email for user in due]

    def _tokens(self) -> list[Token]:
        return [thing for owned in self.owned for thing in owned.values() if isinstance(thing, Token)]

    def _erase(self, user: User) -> None:
        del self.rows[user.id]
        for owned in self.owned:
            for key in [key for key, thing in owned.items() if _owner_of(thing) == user.id]:
                del owned[key]

    def _set(self, user_id: UserId, **changes: Any) -> None:
        if user_id in self.rows:
            self.rows[user_id] = evolve(self.rows[user_id], **changes)


@frozen
class MemorySessionStore(SessionStore):
    """
    Sessions by the digests of their secrets.
    """

    rows: dict[bytes, Session]
    users: dict[UserId, User]

    async def add(self, session: Session) -> None:
        if any(session.id == other.id for other in self.rows.values()):
            raise Conflict
        insert(self.rows, session.digest, session)

    async def caller(self, digest: bytes, *, now: datetime, idle_since: datetime) -> Caller | None:
        session = self.rows.get(digest)
        if session is None or not _is_live(session, now, idle_since):
            return None
        user = self.users.get(session.user_id)
        return Caller(session, user) if user is not None and user.disabled_at is None else None

    async def touch(self, session_id: SessionId, *, at: datetime) -> None:
        for digest, session in self.rows.items():
            if session.id == session_id:
                self.rows[digest] = evolve(session, last_seen_at=at)

    async def of_user(self, user_id: UserId, *, now: datetime, idle_since: datetime) -> Sequence[Session]:
        theirs = [session for session in self.rows.values() if session.user_id == user_id]
        live = [session for session in theirs if _is_live(session, now, idle_since)]
        return sorted(live, key=lambda session: session.id, reverse=True)

    async def remove(self, session_id: SessionId, *, user_id: UserId) -> bool:
        return self._drop(lambda session: (session.id, session.user_id) == (session_id, user_id)) == 1

    async def remove_all(self, user_id: UserId, *, but: SessionId | None = None) -> int:
        return self._drop(lambda session: session.user_id == user_id and session.id != but)

    async def remove_everyones(self) -> int:
        return self._drop(lambda _: True)

    async def prune(self, *, before: datetime, limit: int) -> int:
        return prune(self.rows, lambda session: session.expires_at < before, limit)

    def _drop(self, unwanted: Callable[[Session], bool]) -> int:
        dropped = [digest for digest, session in self.rows.items() if unwanted(session)]
        for digest in dropped:
            del self.rows[digest]
        return len(dropped)


def _is_live(session: Session, now: datetime, idle_since: datetime) -> bool:
    return now < session.expires_at and idle_since < session.last_seen_at


@frozen
class MemoryTokenStore(TokenStore):
    """
    Tokens by their ids; that a later one supersedes an earlier is read off their dates.
    """

    rows: dict[TokenId, Token]

    async def issue(self, token: Token) -> Token | None:
        kept = self._of_mail(token)
        if kept is None:
            kept = token
            insert(self.rows, token.id, token)
        kept = evolve(kept, expires_at=max(kept.expires_at, token.expires_at))
        self.rows[kept.id] = kept
        ended = kept.used_at is not None or kept.retired_at is not None or self._is_superseded(kept)
        return None if ended else kept

    async def live(self, token_id: TokenId, *, purpose: Purpose, now: datetime) -> Token | None:
        token = self.rows.get(token_id)
        if token is None or token.purpose is not purpose or not token.is_live(now) or self._is_superseded(token):
            return None
        return token

    async def take(self, token_id: TokenId, *, purpose: Purpose, now: datetime) -> Token | None:
        token = await self.live(token_id, purpose=purpose, now=now)
        if token is not None:
            self.rows[token_id] = token = token.used(now)
        return token

    async def retire_all(self, user_id: UserId, *, now: datetime) -> None:
        self._retire(lambda token: token.user_id == user_id and token.purpose not in UNDOING, now)

    async def retire_later(self, token: Token, *, now: datetime) -> None:
        self._retire(lambda other: _same_use(other, token) and other.created_at > token.created_at, now)

    async def retire_everyones(self, *, now: datetime) -> int:
        return self._retire(lambda _: True, now)

    async def prune(self, *, before: datetime, limit: int) -> int:
        return prune(self.rows, lambda token: token.expires_at < before, limit)

    def _retire(self, unwanted: Callable[[Token], bool], now: datetime) -> int:
        unspent = [token for token in self.rows.values() if token.used_at is None and token.retired_at is None]
        retired = [token for token in unspent if unwanted(token)]
        for token in retired:
            self.rows[token.id] = evolve(token, retired_at=now)
        return len(retired)

    def _of_mail(self, token: Token) -> Token | None:
        of_a_mail = (other for other in self.rows.values() if other.mail_id is not None)
        return next(
            (other for other in of_a_mail if (other.mail_id, other.purpose) == (token.mail_id, token.purpose)), None
        )

    def _is_superseded(self, token: Token) -> bool:
        return token.purpose not in UNDOING and any(
            _same_use(other, token) and other.created_at > token.created_at for other in self.rows.values()
        )


def _same_use(other: Token, token: Token) -> bool:
    return (other.user_id, other.purpose) == (token.user_id, token.purpose)


def _owner_of(thing: Any) -> UserId | None:
    owner: UserId | None = getattr(thing, "owner_id", None) or getattr(thing, "user_id", None)
    return owner
