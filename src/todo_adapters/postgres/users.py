"""
People, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import asdict, frozen
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from todo_adapters.postgres.tables import outbox, tokens, users
from todo_adapters.postgres.transaction import Row, Transaction, change, question
from todo_core.model.email import EmailAddress
from todo_core.model.ids import UserId
from todo_core.model.token import Purpose
from todo_core.model.user import User
from todo_core.ports import UserStore


def _erasure(whom: ColumnElement[bool]) -> Select[str]:
    """
    Delete people, and the mail that was written for them: it refers to nobody by a key, for mail may outlive them.
    """
    erased = delete(users).where(whom).returning(users.c.id, users.c.email).cte("erased")
    their_mail = delete(outbox).where(outbox.c.user_id.in_(select(erased.c.id))).cte("their_mail")
    return select(erased.c.email).add_cte(their_mail)


_insertion = insert(users)
_ADD = change(_insertion.on_conflict_do_nothing(index_elements=[users.c.email]))
_CLAIM = change(
    _insertion.on_conflict_do_update(
        index_elements=[users.c.email],
        set_={name: _insertion.excluded[name] for name in ("password_hash", "display_name")},
        where=users.c.verified_at.is_(None),
    )
)
_by_id = select(users).where(users.c.id == bindparam("id"))
_BY_ID = question(_by_id)
_HOLD = change(_by_id.with_for_update(key_share=True))
_by_email = select(users).where(users.c.email == bindparam("email"))
_BY_EMAIL = question(_by_email)
_HOLD_BY_EMAIL = change(_by_email.with_for_update(key_share=True))

_one = update(users).where(users.c.id == bindparam("user_id"))
_first_time = func.coalesce(users.c.verified_at, bindparam("at", type_=users.c.verified_at.type))
_SET_PASSWORD_HASH = change(_one.values(password_hash=bindparam("password_hash")))
_CHANGE_PASSWORD = change(_one.values(password_hash=bindparam("password_hash"), password_changed_at=bindparam("at")))
_SET_VERIFIED = change(_one.values(verified_at=_first_time))
_SET_DISABLED = change(_one.values(disabled_at=bindparam("at")))
_SET_PROFILE = change(
    _one.values(display_name=bindparam("name"), locale=bindparam("reads"), timezone=bindparam("lives_by"))
)
_SET_ERASE_AT = change(_one.values(erase_at=bindparam("at")))
_DROP_UNVERIFIED = change(_erasure(and_(users.c.email == bindparam("email"), users.c.verified_at.is_(None))))
_may_be_taken_back = exists().where(
    tokens.c.user_id == users.c.id,
    tokens.c.purpose == literal_column(f"'{Purpose.UNDO_EMAIL_CHANGE}'"),
    tokens.c.expires_at > bindparam("now"),
    tokens.c.used_at.is_(None),
    tokens.c.retired_at.is_(None),
)
_to_be_erased = (
    select(users.c.id)
    .where(users.c.erase_at <= bindparam("now"), ~_may_be_taken_back)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_ERASE = change(_erasure(users.c.id.in_(_to_be_erased)))
_CHANGE_EMAIL = change(_one.values(email=bindparam("new"), verified_at=bindparam("at")))


def user_of(row: Row) -> User:
    """
    Return the user in *row*.
    """
    user_id, email, *rest = row
    return User(user_id, EmailAddress(email), *rest)


@frozen
class PostgresUserStore(UserStore):
    """
    The table ``users``.
    """

    _transaction: Transaction

    async def add(self, user: User) -> bool:
        """
        Insert, unless the address is taken.
        """
        return await self._transaction.count(_ADD, _values(user)) == 1

    async def claim(self, user: User) -> bool:
        """
        Insert, or update the account of the address if it was never verified.
        """
        return await self._transaction.count(_CLAIM, _values(user)) == 1

    async def by_id(self, user_id: UserId) -> User | None:
        """
        Select by primary key.
        """
        row = await self._transaction.first(_BY_ID, {"id": user_id})
        return user_of(row) if row else None

    async def by_email(self, email: EmailAddress) -> User | None:
        """
        Select by the unique address.
        """
        row = await self._transaction.first(_BY_EMAIL, {"email": email.text})
        return user_of(row) if row else None

    async def hold(self, user_id: UserId) -> User | None:
        """
        Select by primary key and lock the row, but for those who only refer to it.
        """
        row = await self._transaction.first(_HOLD, {"id": user_id})
        return user_of(row) if row else None

    async def hold_by_email(self, email: EmailAddress) -> User | None:
        """
        Select by the unique address and lock the row: PostgreSQL looks at the address again once it has the lock.
        """
        row = await self._transaction.first(_HOLD_BY_EMAIL, {"email": email.text})
        return user_of(row) if row else None

    async def set_password_hash(self, user_id: UserId, password_hash: str) -> None:
        """
        Update one column.
        """
        await self._transaction.count(_SET_PASSWORD_HASH, {"user_id": user_id, "password_hash": password_hash})

    async def change_password(self, user_id: UserId, password_hash: str, *, at: datetime) -> None:
        """
        Update two columns.
        """
        values = {"user_id": user_id, "password_hash": password_hash, "at": at}
        await self._transaction.count(_CHANGE_PASSWORD, values)

    async def set_verified(self, user_id: UserId, *, at: datetime) -> None:
        """
        Update one column, unless it is set.
        """
        await self._transaction.count(_SET_VERIFIED, {"user_id": user_id, "at": at})

    async def set_disabled(self, user_id: UserId, *, at: datetime | None) -> None:
        """
        Update one column.
        """
        await self._transaction.count(_SET_DISABLED, {"user_id": user_id, "at": at})

    async def set_profile(
        self, user_id: UserId, *, display_name: str | None, locale: str | None, timezone: str
    ) -> None:
        """
        Update three columns.
        """
        values = {"user_id": user_id, "name": display_name, "reads": locale, "lives_by": timezone}
        await self._transaction.count(_SET_PROFILE, values)

    async def change_email(self, user_id: UserId, email: EmailAddress, *, at: datetime) -> None:
        """
        Update two columns, as far as the unique address allows.
        """
        await self._transaction.count(_CHANGE_EMAIL, {"user_id": user_id, "new": email.text, "at": at})

    async def drop_unverified(self, email: EmailAddress) -> None:
        """
        Delete a row, and what refers to it.
        """
        await self._transaction.count(_DROP_UNVERIFIED, {"email": email.text})

    async def set_erase_at(self, user_id: UserId, *, at: datetime | None) -> None:
        """
        Update one column.
        """
        await self._transaction.count(_SET_ERASE_AT, {"user_id": user_id, "at": at})

    async def erase(self, *, now: datetime, limit: int) -> Sequence[EmailAddress]:
        """
        Delete some rows, and what refers to them; those that somebody holds are left for another time.
        """
        rows = await self._transaction.all(_ERASE, {"now": now, "limit": limit})
        return [EmailAddress(row[0]) for row in rows]


def _values(user: User) -> dict[str, object]:
    return {**asdict(user, recurse=False), "email": user.email.text}
