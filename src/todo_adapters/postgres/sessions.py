"""
Sessions, in PostgreSQL.
"""

from __future__ import annotations

from datetime import datetime

from attrs import asdict, frozen
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.tables import sessions, users
from todo_adapters.postgres.transaction import Transaction, change, pruning, question
from todo_adapters.postgres.users import user_of
from todo_core.model.ids import SessionId, UserId
from todo_core.model.session import Caller, Session
from todo_core.ports import SessionStore

_ADD = change(insert(sessions))
_CALLER = question(
    select(sessions, users)
    .join_from(sessions, users)
    .where(
        sessions.c.digest == bindparam("digest"),
        sessions.c.expires_at > bindparam("now"),
        users.c.disabled_at.is_(None),
    )
)
_REMOVE = change(delete(sessions).where(sessions.c.id == bindparam("id")))
_REMOVE_ALL = change(delete(sessions).where(sessions.c.user_id == bindparam("user_id")))
_PRUNE = pruning(sessions.c.id, sessions.c.expires_at < bindparam("before"))

_WIDTH = len(sessions.columns)


@frozen
class PostgresSessionStore(SessionStore):
    """
    The table ``sessions``.
    """

    _transaction: Transaction

    async def add(self, session: Session) -> None:
        """
        Insert a row.
        """
        await self._transaction.count(_ADD, asdict(session, recurse=False))

    async def caller(self, digest: bytes, *, now: datetime) -> Caller | None:
        """
        Ask for session and user in one question, because every request asks it.
        """
        row = await self._transaction.first(_CALLER, {"digest": digest, "now": now})
        return Caller(Session(*row[:_WIDTH]), user_of(row[_WIDTH:])) if row else None

    async def remove(self, session_id: SessionId) -> None:
        """
        Delete one row, if it is there.
        """
        await self._transaction.count(_REMOVE, {"id": session_id})

    async def remove_all(self, user_id: UserId) -> None:
        """
        Delete the user's rows.
        """
        await self._transaction.count(_REMOVE_ALL, {"user_id": user_id})

    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Delete some rows.
        """
        return await self._transaction.count(_PRUNE, {"before": before, "limit": limit})
