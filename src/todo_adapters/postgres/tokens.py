"""
Single-use tokens, in PostgreSQL.
"""

from __future__ import annotations

from datetime import datetime

from attrs import asdict, evolve, frozen
from sqlalchemy import ClauseElement, ColumnElement, and_, bindparam, exists, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.tables import tokens
from todo_adapters.postgres.transaction import Row, Transaction, change, pruning, question
from todo_core.model.email import EmailAddress
from todo_core.model.ids import TokenId, UserId
from todo_core.model.token import UNDOING, Purpose, Token
from todo_core.ports import TokenStore


def _takes_back(purpose: ColumnElement[str]) -> ColumnElement[bool]:
    return purpose.in_([literal_column(f"'{undoing}'", tokens.c.purpose.type) for undoing in sorted(UNDOING)])


_unspent = and_(tokens.c.used_at.is_(None), tokens.c.retired_at.is_(None))


def _superseded(
    user_id: ColumnElement[object], purpose: ColumnElement[str], made: ColumnElement[datetime]
) -> ColumnElement[bool]:
    newer = tokens.alias("newer")
    return exists().where(
        newer.c.user_id == user_id, newer.c.purpose == purpose, newer.c.created_at > made, ~_takes_back(newer.c.purpose)
    )


def _issue() -> ClauseElement:
    row = {column.name: bindparam(column.name, type_=column.type) for column in tokens.columns}
    fresh = select(*row.values()).where(~_superseded(row["user_id"], row["purpose"], row["created_at"]))
    insertion = insert(tokens).from_select(list(row), fresh)
    return insertion.on_conflict_do_update(
        index_elements=[tokens.c.mail_id, tokens.c.purpose],
        set_={"expires_at": func.greatest(tokens.c.expires_at, insertion.excluded.expires_at)},
        where=_unspent,
    ).returning(tokens)


_live = and_(
    tokens.c.id == bindparam("token_id"),
    tokens.c.purpose == bindparam("for"),
    tokens.c.expires_at > bindparam("now"),
    _unspent,
    ~_superseded(tokens.c.user_id, tokens.c.purpose, tokens.c.created_at),
)

_ISSUE = change(_issue())
_LIVE = question(select(tokens).where(_live))
_TAKE = change(update(tokens).where(_live).values(used_at=bindparam("now")).returning(tokens))
_retired = update(tokens).where(_unspent).values(retired_at=bindparam("now"))
_RETIRE_ALL = change(_retired.where(tokens.c.user_id == bindparam("owner"), ~_takes_back(tokens.c.purpose)))
_RETIRE_LATER = change(
    _retired.where(
        tokens.c.user_id == bindparam("owner"),
        tokens.c.purpose == bindparam("for"),
        tokens.c.created_at > bindparam("made"),
    )
)
_RETIRE_EVERYONES = change(_retired)
_PRUNE = pruning(tokens.c.id, tokens.c.expires_at < bindparam("before"))


def _token(row: Row | None) -> Token | None:
    if row is None:
        return None
    *fields, email = row
    token = Token(*fields)
    return evolve(token, purpose=Purpose(token.purpose), email=None if email is None else EmailAddress(email))


@frozen
class PostgresTokenStore(TokenStore):
    """
    The table ``tokens``.  Each promise is one statement, so nothing can come between looking and changing.
    """

    _transaction: Transaction

    async def issue(self, token: Token) -> Token | None:
        """
        Insert unless superseded; a mail's second token only lengthens the life of its first.
        """
        values = {**asdict(token, recurse=False), "email": token.email and token.email.text}
        return _token(await self._transaction.first(_ISSUE, values))

    async def live(self, token_id: TokenId, *, purpose: Purpose, now: datetime) -> Token | None:
        """
        Select, under the conditions of *take*.
        """
        return _token(await self._transaction.first(_LIVE, {"token_id": token_id, "for": purpose, "now": now}))

    async def take(self, token_id: TokenId, *, purpose: Purpose, now: datetime) -> Token | None:
        """
        Update under conditions: of several takers, those who come later find it used.
        """
        return _token(await self._transaction.first(_TAKE, {"token_id": token_id, "for": purpose, "now": now}))

    async def retire_all(self, user_id: UserId, *, now: datetime) -> None:
        """
        Update those that are neither used nor retired.
        """
        await self._transaction.count(_RETIRE_ALL, {"owner": user_id, "now": now})

    async def retire_later(self, token: Token, *, now: datetime) -> None:
        """
        Update those that are neither used nor retired.
        """
        values = {"owner": token.user_id, "for": token.purpose, "made": token.created_at, "now": now}
        await self._transaction.count(_RETIRE_LATER, values)

    async def retire_everyones(self, *, now: datetime) -> int:
        """
        Update those that are neither used nor retired.
        """
        return await self._transaction.count(_RETIRE_EVERYONES, {"now": now})

    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Delete some rows.
        """
        return await self._transaction.count(_PRUNE, {"before": before, "limit": limit})
