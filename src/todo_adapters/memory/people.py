"""
Users, their sessions and their tokens, in dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from todo_adapters.memory.rows import insert, prune
from todo_core.errors import Conflict
from todo_core.model.email import EmailAddress
from todo_core.model.ids import SessionId, TokenId, UserId
from todo_core.model.session import Caller, Session
from todo_core.model.token import Purpose, Token
from todo_core.model.user import User
from todo_core.ports import SessionStore, TokenStore, UserStore


@frozen
class MemoryUserStore(UserStore):
    """
    Users by their ids.
    """

    rows: dict[UserId, User]

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

    async def caller(self, digest: bytes, *, now: datetime) -> Caller | None:
        session = self.rows.get(digest)
        if session is None or session.expires_at <= now:
            return None
        user = self.users.get(session.user_id)
        return Caller(session, user) if user is not None and user.disabled_at is None else None

    async def remove(self, session_id: SessionId) -> None:
        self._keep(lambda session: session.id != session_id)

    async def remove_all(self, user_id: UserId) -> None:
        self._keep(lambda session: session.user_id != user_id)

    async def prune(self, *, before: datetime, limit: int) -> int:
        return prune(self.rows, lambda session: session.expires_at < before, limit)

    def _keep(self, wanted: Callable[[Session], bool]) -> None:
        for digest in [digest for digest, session in self.rows.items() if not wanted(session)]:
            del self.rows[digest]


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
        for token in list(self.rows.values()):
            if token.user_id == user_id and token.retired_at is None:
                self.rows[token.id] = evolve(token, retired_at=now)

    async def prune(self, *, before: datetime, limit: int) -> int:
        return prune(self.rows, lambda token: token.expires_at < before, limit)

    def _of_mail(self, token: Token) -> Token | None:
        of_a_mail = (other for other in self.rows.values() if other.mail_id is not None)
        return next(
            (other for other in of_a_mail if (other.mail_id, other.purpose) == (token.mail_id, token.purpose)), None
        )

    def _is_superseded(self, token: Token) -> bool:
        return any(
            other.user_id == token.user_id and other.purpose is token.purpose and other.created_at > token.created_at
            for other in self.rows.values()
        )
