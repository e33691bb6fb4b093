"""
The outbox, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from todo_adapters.postgres.tables import concern, due_since, misconfigured, outbox, unfinished, waiting
from todo_adapters.postgres.transaction import Row, Transaction, change, pruning, question
from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId
from todo_core.model.mail import Backlog, Mail, MailKind, MailState
from todo_core.ports import Outbox

_ONE = literal_column("1", Integer)

_mail = outbox.c
_SAME = [_mail.kind, _mail.address, concern]
_is_due = and_(unfinished, due_since <= bindparam("now"))
_is_held = and_(_mail.id == bindparam("mail_id"), _mail.lease == bindparam("held"))


def _state(state: MailState) -> ColumnElement[str]:
    return literal_column(f"'{state}'", _mail.state.type)


def _insertion() -> Insert:
    """
    Insert a mail in the place of the one of its kind and about its thing that waits for its address, if one does.
    """
    insertion = insert(outbox)
    return insertion.on_conflict_do_update(
        index_elements=_SAME,
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
    put_back = insertion.on_conflict_do_nothing(index_elements=_SAME, index_where=waiting)
    return select(func.count()).select_from(released).add_cte(put_back.cte("put_back"))


def _another_waits() -> ColumnElement[bool]:
    other = outbox.alias("other").c
    return exists().where(
        other.kind == _mail.kind,
        other.address == _mail.address,
        other.about.is_not_distinct_from(_mail.about),
        other.state == _state(MailState.WAITING),
    )


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
_REVIVE = change(
    update(outbox)
    .where(
        _mail.id == bindparam("mail_id"),
        or_(waiting, and_(_mail.state == _state(MailState.DEAD), ~_another_waits())),
    )
    .values(
        state=_state(MailState.WAITING),
        attempts=literal_column("0", Integer),
        due_at=bindparam("now"),
        expires_at=bindparam("until"),
        last_error=null(),
    )
)
_DROP = change(delete(outbox).where(_mail.id == bindparam("mail_id"), _mail.state != _state(MailState.SENDING)))
_FORGET = change(delete(outbox).where(_mail.address == bindparam("to")))
_BURY_ALL = change(
    update(outbox)
    .where(
        unfinished,
        or_(
            _mail.attempts > literal_column("0", Integer),
            _mail.last_error.is_not(None),
            _mail.due_at <= bindparam("now"),
        ),
    )
    .values(state=_state(MailState.DEAD), last_error=bindparam("error"), lease=null(), lease_until=null())
)
_TO_ADDRESS = question(select(outbox).where(_mail.address == bindparam("to")).order_by(_mail.id.desc()))
_NEWEST = question(select(outbox).order_by(_mail.id.desc()).limit(bindparam("limit", type_=Integer)))
_NEWEST_IN = question(
    select(outbox)
    .where(_mail.state == bindparam("in_state"))
    .order_by(_mail.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_BACKLOG = question(
    select(
        select(due_since).where(_is_due).order_by(due_since).limit(_ONE).scalar_subquery(),
        select(_mail.last_error)
        .where(misconfigured)
        .order_by(_mail.due_at.desc(), _mail.id.desc())
        .limit(_ONE)
        .scalar_subquery(),
    )
)
_COUNT = question(select(_mail.state, func.count()).group_by(_mail.state))
_is_old = and_(_mail.state == bindparam("in_state"), _mail.created_at < bindparam("before"))
_PRUNE = pruning(_mail.id, _is_old)
_PRUNE_FAILED = pruning(_mail.id, and_(_is_old, _mail.last_error == bindparam("error")))


def _mail_of(row: Row) -> Mail:
    mail_id, kind, address, created_at, expires_at, due_at, facts, locale, user_id, about, state, *rest = row
    return Mail(
        mail_id,
        MailKind(kind),
        EmailAddress(address),
        created_at,
        expires_at,
        due_at,
        facts,
        locale,
        user_id,
        about,
        MailState(state),
        *rest,
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
        row = await self._transaction.first(_CLAIM, values)
        return None if row is None else _mail_of(row)

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
        return await self._put_back(values)

    async def bury(self, mail: Mail, *, error: str) -> bool:
        """
        Update, if the lease is still the row's.
        """
        return await self._transaction.count(_BURY, {**_held(mail), "error": error}) == 1

    async def give_back(self, mail: Mail) -> bool:
        """
        Move the row back among the waiting, as it was, if the lease is still the row's.
        """
        values = {**_held(mail), "due_at": mail.due_at, "error": mail.last_error, "attempts": mail.attempts - 1}
        return self._woken(await self._put_back(values))

    async def revive(self, mail_id: MailId, *, now: datetime, expires_at: datetime) -> bool:
        """
        Update, unless the unique index on the waiting ones would forbid it.
        """
        values = {"mail_id": mail_id, "now": now, "until": expires_at}
        return self._woken(await self._transaction.count(_REVIVE, values) == 1)

    async def drop(self, mail_id: MailId) -> bool:
        """
        Delete one row.
        """
        return await self._transaction.count(_DROP, {"mail_id": mail_id}) == 1

    async def forget(self, address: EmailAddress) -> None:
        """
        Delete some rows.
        """
        await self._transaction.count(_FORGET, {"to": address.text})

    async def bury_all(self, *, now: datetime, error: str) -> int:
        """
        Update all that is unfinished; no lease is anybody's then.
        """
        return await self._transaction.count(_BURY_ALL, {"now": now, "error": error})

    async def to_address(self, address: EmailAddress) -> Sequence[Mail]:
        """
        Select by the address: ids grow with time.
        """
        return [_mail_of(row) for row in await self._transaction.all(_TO_ADDRESS, {"to": address.text})]

    async def by_id(self, mail_id: MailId) -> Mail | None:
        """
        Select by primary key.
        """
        row = await self._transaction.first(_BY_ID, {"mail_id": mail_id})
        return None if row is None else _mail_of(row)

    async def newest(self, *, state: MailState | None, limit: int) -> Sequence[Mail]:
        """
        Read the primary key backwards: ids grow with time.
        """
        statement = _NEWEST if state is None else _NEWEST_IN
        return [_mail_of(row) for row in await self._transaction.all(statement, {"in_state": state, "limit": limit})]

    async def backlog(self, *, now: datetime) -> Backlog:
        """
        Read an entry each of the indexes on what is unfinished and on what waits for an operator.
        """
        row = await self._transaction.first(_BACKLOG, {"now": now})
        return Backlog(*row) if row else Backlog()

    async def count(self) -> Mapping[MailState, int]:
        """
        Count the whole table: an operator may wait for that.
        """
        found = {MailState(state): number for state, number in await self._transaction.all(_COUNT, {})}
        return {state: found.get(state, 0) for state in MailState}

    async def prune(self, state: MailState, *, before: datetime, error: str | None, limit: int) -> int:
        """
        Delete some rows.
        """
        statement = _PRUNE if error is None else _PRUNE_FAILED
        values = {"in_state": state, "before": before, "error": error, "limit": limit}
        return await self._transaction.count(statement, values)

    def _woken(self, changed: bool) -> bool:  # noqa: FBT001 - what changed is the answer to whoever asked
        if changed:
            self._transaction.afterwards(self._on_mail)
        return changed

    async def _put_back(self, values: Mapping[str, object]) -> bool:
        row = await self._transaction.first(_RETRY, values)
        return row is not None and row[0] == 1


def _held(mail: Mail) -> dict[str, object]:
    return {"mail_id": mail.id, "held": mail.lease}
