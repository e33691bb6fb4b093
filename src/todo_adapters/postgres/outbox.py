"""
The outbox, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from attrs import asdict, frozen
from psycopg.types.json import Jsonb
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from todo_adapters.postgres.tables import due_since, outbox, unfinished, waiting
from todo_adapters.postgres.transaction import Row, Transaction, change, question
from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId
from todo_core.model.mail import Mail, MailKind, MailState
from todo_core.ports import Outbox

_ONE = literal_column("1", Integer)

_mail = outbox.c
_is_due = and_(unfinished, due_since <= bindparam("now"))
_is_held = and_(_mail.id == bindparam("mail_id"), _mail.lease == bindparam("held"))


def _state(state: MailState) -> ColumnElement[str]:
    return literal_column(f"'{state}'", _mail.state.type)


def _insertion() -> Insert:
    """
    Insert a mail in the place of the one of its kind that waits for its address, if one does.
    """
    insertion = insert(outbox)
    return insertion.on_conflict_do_update(
        index_elements=[_mail.kind, _mail.address],
        index_where=waiting,
        set_={column.name: insertion.excluded[column.name] for column in outbox.columns},
    )


def _put_back() -> Select[int]:
    """
    Take the held mail out and put it in again as one that waits, unless a newer one does; count those taken out.
    """
    released = delete(outbox).where(_is_held).returning(outbox).cte("released")
    changed = {
        "due_at": bindparam("due_at", type_=_mail.due_at.type),
        "state": _state(MailState.WAITING),
        "attempts": bindparam("attempts", type_=_mail.attempts.type),
        "lease": null(),
        "lease_until": null(),
        "last_error": bindparam("error", type_=_mail.last_error.type),
    }
    row = {name: changed.get(name, column) for name, column in released.c.items()}
    insertion = insert(outbox).from_select(list(row), select(*row.values()))
    put_back = insertion.on_conflict_do_nothing(index_elements=[_mail.kind, _mail.address], index_where=waiting)
    return select(func.count()).select_from(released).add_cte(put_back.cte("put_back"))


_longest_due = select(_mail.id).where(_is_due).order_by(due_since).limit(_ONE).with_for_update(skip_locked=True)

_ADD = change(_insertion())
_CLAIM = change(
    update(outbox)
    .where(_mail.id == _longest_due.scalar_subquery())
    .values(
        state=_state(MailState.SENDING),
        attempts=_mail.attempts + _ONE,
        lease=bindparam("new_lease"),
        lease_until=bindparam("until"),
    )
    .returning(outbox)
)
_RETRY = change(_put_back())
_FINISH = change(
    update(outbox)
    .where(_is_held)
    .values(state=_state(MailState.SENT), sent_at=bindparam("now"), lease=null(), lease_until=null())
)
_BURY = change(
    update(outbox)
    .where(_is_held)
    .values(state=_state(MailState.DEAD), last_error=bindparam("error"), lease=null(), lease_until=null())
)
_BY_ID = question(select(outbox).where(_mail.id == bindparam("mail_id")))
_OLDEST_DUE = question(select(due_since).where(_is_due).order_by(due_since).limit(_ONE))


def _mail_of(row: Row | None) -> Mail | None:
    if row is None:
        return None
    mail_id, kind, address, created_at, expires_at, due_at, facts, state, *rest = row
    return Mail(
        mail_id, MailKind(kind), EmailAddress(address), created_at, expires_at, due_at, facts, MailState(state), *rest
    )


@frozen
class PostgresOutbox(Outbox):
    """
    The table ``outbox``; *on_mail* is called once new mail is committed.
    """

    _transaction: Transaction
    _on_mail: Callable[[], None]

    async def add(self, mail: Mail) -> None:
        """
        Insert, or overwrite the one that waits: a unique index on the waiting ones decides.
        """
        values = {**asdict(mail, recurse=False), "address": mail.address.text, "facts": Jsonb(dict(mail.facts))}
        await self._transaction.count(_ADD, values)
        self._transaction.afterwards(self._on_mail)

    async def claim(self, *, now: datetime, lease: UUID, lease_until: datetime) -> Mail | None:
        """
        Update the first due row that nobody has locked.
        """
        values = {"now": now, "new_lease": lease, "until": lease_until}
        return _mail_of(await self._transaction.first(_CLAIM, values))

    async def finish(self, mail: Mail, *, now: datetime) -> bool:
        """
        Update, if the lease is still the row's.
        """
        return await self._transaction.count(_FINISH, {**_held(mail), "now": now}) == 1

    async def retry(self, mail: Mail, *, due_at: datetime, error: str) -> bool:
        """
        Move the row back among the waiting, if the lease is still the row's.
        """
        values = {**_held(mail), "due_at": due_at, "error": error, "attempts": mail.attempts}
        row = await self._transaction.first(_RETRY, values)
        return row is not None and row[0] == 1

    async def bury(self, mail: Mail, *, error: str) -> bool:
        """
        Update, if the lease is still the row's.
        """
        return await self._transaction.count(_BURY, {**_held(mail), "error": error}) == 1

    async def by_id(self, mail_id: MailId) -> Mail | None:
        """
        Select by primary key.
        """
        return _mail_of(await self._transaction.first(_BY_ID, {"mail_id": mail_id}))

    async def oldest_due(self, *, now: datetime) -> datetime | None:
        """
        Read the first entry of the index on what is unfinished.
        """
        row = await self._transaction.first(_OLDEST_DUE, {"now": now})
        return row[0] if row else None


def _held(mail: Mail) -> dict[str, object]:
    return {"mail_id": mail.id, "held": mail.lease}
