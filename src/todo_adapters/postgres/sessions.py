"""
Sessions, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from attrs import asdict, frozen
from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.tables import sessions, users
from todo_adapters.postgres.transaction import Transaction, change, pruning, question
from todo_adapters.postgres.users import user_of
from todo_core.model.ids import SessionId, UserId
from todo_core.model.session import Caller, Session
from todo_core.ports import SessionStore

_ADD = change(insert(sessions))
_is_live = and_(sessions.c.expires_at > bindparam("now"), sessions.c.last_seen_at > bindparam("idle_since"))
_is_theirs = sessions.c.user_id == bindparam("user_id")
_CALLER = question(
    select(sessions, users)
    .join_from(sessions, users)
    .where(sessions.c.digest == bindparam("digest"), _is_live, users.c.disabled_at.is_(None))
)
_TOUCH = change(update(sessions).where(sessions.c.id == bindparam("session_id")).values(last_seen_at=bindparam("at")))
_OF_USER = question(select(sessions).where(_is_theirs, _is_live).order_by(sessions.c.id.desc()))
_REMOVE = change(delete(sessions).where(sessions.c.id == bindparam("id"), _is_theirs))
_REMOVE_ALL = change(delete(sessions).where(_is_theirs))
_REMOVE_OTHERS = change(delete(sessions).where(_is_theirs, sessions.c.id != bindparam("but")))
_REMOVE_EVERYONES = change(delete(sessions))
_PRUNE = pruning(sessions.c.id, sessions.c.expires_at < bindparam("before"))

_WIDTH = len(sessions.columns)


@frozen
class PostgresSessionStore(SessionStore):
    """
    The table ``sessions``; *on_end* is called, with whose they were, once some have ended.
    """

    _transaction: Transaction
    _on_end: Callable[[UserId], None]

    async def add(self, session: Session) -> None:
        """
        Insert a row.
        """
        await self._transaction.count(_ADD, asdict(session, recurse=False))

    async def caller(self, digest: bytes, *, now: datetime, idle_since: datetime) -> Caller | None:
        """
        Ask for session and user in one question, because every request asks it.
        """
        values = {"digest": digest, "now": now, "idle_since": idle_since}
        row = await self._transaction.first(_CALLER, values)
        return Caller(Session(*row[:_WIDTH]), user_of(row[_WIDTH:])) if row else None

    async def touch(self, session_id: SessionId, *, at: datetime) -> None:
        """
        Update one column.
        """
        await self._transaction.count(_TOUCH, {"session_id": session_id, "at": at})

    async def of_user(self, user_id: UserId, *, now: datetime, idle_since: datetime) -> Sequence[Session]:
        """
        Select the user's rows: ids grow with time.
        """
        values = {"user_id": user_id, "now": now, "idle_since": idle_since}
        return [Session(*row) for row in await self._transaction.all(_OF_USER, values)]

    async def remove(self, session_id: SessionId, *, user_id: UserId) -> bool:
        """
        Delete one row, if it is there.
        """
        self._transaction.afterwards(partial(self._on_end, user_id))
        return await self._transaction.count(_REMOVE, {"id": session_id, "user_id": user_id}) == 1

    async def remove_all(self, user_id: UserId, *, but: SessionId | None = None) -> int:
        """
        Delete the user's rows.
        """
        self._transaction.afterwards(partial(self._on_end, user_id))
        if but is None:
            return await self._transaction.count(_REMOVE_ALL, {"user_id": user_id})
        return await self._transaction.count(_REMOVE_OTHERS, {"user_id": user_id, "but": but})

    async def remove_everyones(self) -> int:
        """
        Delete all rows.
        """
        return await self._transaction.count(_REMOVE_EVERYONES, {})

    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Delete some rows.
        """
        return await self._transaction.count(_PRUNE, {"before": before, "limit": limit})
