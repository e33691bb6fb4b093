"""
Every store in dictionaries: for tests, and for trying things out without a database.

A unit of work changes copies of the tables and puts them in place when it ends well, so there is nothing
to undo when it does not. Units of work take turns; one that need not wait never suspends, so the core
can be driven without an event loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from attrs import astuple, define, evolve, field, frozen

from todo_core.errors import Conflict
from todo_core.model.email import EmailAddress
from todo_core.model.event import SecurityEvent
from todo_core.model.ids import EventId, MailId, SessionId, TodoId, TokenId, UserId
from todo_core.model.limit import Allowance, Limit
from todo_core.model.mail import MISCONFIGURED, Backlog, Mail, MailState
from todo_core.model.session import Caller, Session
from todo_core.model.suppression import MailEventKind, Suppression
from todo_core.model.todo import Todo, TodoFilter, TodoPage
from todo_core.model.token import Purpose, Token
from todo_core.model.user import User
from todo_core.ports import (
    Clock,
    EventStore,
    Outbox,
    RateLimiter,
    SessionStore,
    SuppressionStore,
    TodoStore,
    TokenStore,
    UnitOfWork,
    UserStore,
    Work,
)

_Key = TypeVar("_Key")
_Row = TypeVar("_Row")


def _insert(rows: dict[_Key, _Row], key: _Key, row: _Row) -> None:
    if key in rows:
        raise Conflict
    rows[key] = row


def _prune(rows: dict[_Key, _Row], unwanted: Callable[[_Row], bool], limit: int) -> int:
    pruned = [key for key, row in rows.items() if unwanted(row)][:limit]
    for key in pruned:
        del rows[key]
    return len(pruned)


@frozen
class MemoryUserStore(UserStore):
    """
    Users by their ids.
    """

    rows: dict[UserId, User]

    async def add(self, user: User) -> bool:
        if await self.by_email(user.email) is not None:
            return False
        _insert(self.rows, user.id, user)
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
        _insert(self.rows, session.digest, session)

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
        return _prune(self.rows, lambda session: session.expires_at < before, limit)

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
            _insert(self.rows, token.id, token)
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
        return _prune(self.rows, lambda token: token.expires_at < before, limit)

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


@define
class MemoryOutbox(Outbox):
    """
    Mail by its id; ``grew`` tells whether any came, or came back, since the unit of work began.
    """

    rows: dict[MailId, Mail]
    grew: bool = False

    async def add(self, mail: Mail) -> None:
        self.grew = True
        waiting = self._waiting_like(mail)
        if waiting is not None:
            del self.rows[waiting.id]
        _insert(self.rows, mail.id, mail)

    async def claim(self, *, now: datetime, lease: UUID, lease_until: datetime) -> Mail | None:
        if not (due := self._due(now)):
            return None
        mail = self.rows[min(due)[1]]
        return self._set(
            mail, state=MailState.SENDING, attempts=mail.attempts + 1, lease=lease, lease_until=lease_until
        )

    async def finish(self, mail: Mail, *, now: datetime) -> bool:
        return self._release(mail, state=MailState.SENT, sent_at=now)

    async def retry(self, mail: Mail, *, due_at: datetime, error: str) -> bool:
        waiting = self._waiting_like(mail)
        held = self._release(mail, state=MailState.WAITING, attempts=mail.attempts, due_at=due_at, last_error=error)
        if held and waiting is not None:
            del self.rows[mail.id]
        return held

    async def bury(self, mail: Mail, *, error: str) -> bool:
        return self._release(mail, state=MailState.DEAD, last_error=error)

    async def give_back(self, mail: Mail) -> bool:
        waiting = self._waiting_like(mail)
        self.grew |= (held := self._release(mail, state=MailState.WAITING, attempts=mail.attempts - 1))
        if held and waiting is not None:
            del self.rows[mail.id]
        return held

    async def revive(self, mail_id: MailId, *, now: datetime, expires_at: datetime) -> bool:
        mail = self.rows.get(mail_id)
        if mail is None or mail.state not in {MailState.DEAD, MailState.WAITING}:
            return False
        if (waiting := self._waiting_like(mail)) is not None and waiting.id != mail_id:
            return False
        self.grew = True
        self._set(mail, state=MailState.WAITING, attempts=0, due_at=now, expires_at=expires_at, last_error=None)
        return True

    async def drop(self, mail_id: MailId) -> bool:
        mail = self.rows.get(mail_id)
        if mail is None or mail.state is MailState.SENDING:
            return False
        del self.rows[mail_id]
        return True

    async def by_id(self, mail_id: MailId) -> Mail | None:
        return self.rows.get(mail_id)

    async def newest(self, *, state: MailState | None, limit: int) -> Sequence[Mail]:
        mails = [mail for mail in self.rows.values() if state in {None, mail.state}]
        return sorted(mails, key=lambda mail: mail.id, reverse=True)[:limit]

    async def backlog(self, *, now: datetime) -> Backlog:
        oldest = min((since for since, _ in self._due(now)), default=None)
        complaints = [
            (mail.due_at, mail.id, mail.last_error)
            for mail in self.rows.values()
            if mail.state is MailState.WAITING and (mail.last_error or "").startswith(MISCONFIGURED)
        ]
        return Backlog(oldest, max(complaints)[2] if complaints else None)

    async def count(self) -> Mapping[MailState, int]:
        states = [mail.state for mail in self.rows.values()]
        return {state: states.count(state) for state in MailState}

    async def prune(self, state: MailState, *, before: datetime, error: str | None, limit: int) -> int:
        return _prune(
            self.rows,
            lambda mail: mail.state is state and mail.created_at < before and error in {None, mail.last_error},
            limit,
        )

    def _due(self, now: datetime) -> list[tuple[datetime, MailId]]:
        unfinished = (mail for mail in self.rows.values() if mail.state in {MailState.WAITING, MailState.SENDING})
        since = ((mail.lease_until or mail.due_at, mail.id) for mail in unfinished)
        return [due for due in since if due[0] <= now]

    def _waiting_like(self, mail: Mail) -> Mail | None:
        waiting = (other for other in self.rows.values() if other.state is MailState.WAITING)
        return next((other for other in waiting if (other.kind, other.address) == (mail.kind, mail.address)), None)

    def _release(self, mail: Mail, **changes: Any) -> bool:
        kept = self.rows.get(mail.id)
        if kept is None or kept.lease is None or kept.lease != mail.lease:
            return False
        self._set(kept, lease=None, lease_until=None, **changes)
        return True

    def _set(self, mail: Mail, **changes: Any) -> Mail:
        self.rows[mail.id] = evolve(mail, **changes)
        return self.rows[mail.id]


@frozen
class MemoryEventStore(EventStore):
    """
    Security events by their ids.
    """

    rows: dict[EventId, SecurityEvent]

    async def add(self, event: SecurityEvent) -> None:
        _insert(self.rows, event.id, event)

    async def of_user(self, user_id: UserId, *, limit: int) -> Sequence[SecurityEvent]:
        events = [event for event in self.rows.values() if event.user_id == user_id]
        return sorted(events, key=lambda event: (event.at, event.id), reverse=True)[:limit]


@frozen
class MemorySuppressionStore(SuppressionStore):
    """
    Suppressions by their addresses, and when each event was heard.
    """

    rows: dict[EmailAddress, Suppression]
    heard: dict[str, datetime]

    async def add(self, suppression: Suppression) -> bool:
        kept = self.rows.get(suppression.address)
        reasons = (kept and kept.reason, suppression.reason)
        if kept is not None and reasons != (MailEventKind.BOUNCE, MailEventKind.COMPLAINT):
            return False
        self.rows[suppression.address] = suppression
        return True

    async def by_address(self, address: EmailAddress) -> Suppression | None:
        return self.rows.get(address)

    async def newest(self, *, limit: int) -> Sequence[Suppression]:
        newest_first = sorted(self.rows.values(), key=lambda kept: (kept.at, kept.address.text), reverse=True)
        return newest_first[:limit]

    async def remove(self, address: EmailAddress) -> bool:
        return self.rows.pop(address, None) is not None

    async def note_event(self, event_id: str, *, at: datetime) -> bool:
        first = event_id not in self.heard
        self.heard.setdefault(event_id, at)
        return first

    async def forget_events(self, *, before: datetime) -> None:
        for event_id in [event_id for event_id, at in self.heard.items() if at < before]:
            del self.heard[event_id]


@frozen
class MemoryTodoStore(TodoStore):
    """
    Todos by their ids.
    """

    rows: dict[TodoId, Todo]

    async def add(self, todo: Todo) -> None:
        _insert(self.rows, todo.id, todo)

    async def get(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        todo = self.rows.get(todo_id)
        return todo if todo is not None and todo.owner_id == owner_id else None

    async def hold(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        return await self.get(todo_id, owner_id=owner_id)  # units of work take turns: nobody else can change it

    async def page(self, wanted: TodoFilter, *, owner_id: UserId, after: TodoId | None, limit: int) -> TodoPage:
        fitting = [todo for todo in self.rows.values() if todo.owner_id == owner_id and _fits(todo, wanted)]
        behind = sorted((todo for todo in fitting if after is None or todo.id > after), key=lambda todo: todo.id)
        items = behind[:limit]
        return TodoPage(items, next_after=items[-1].id if len(behind) > limit else None)

    async def replace(self, todo: Todo) -> None:
        if await self.get(todo.id, owner_id=todo.owner_id) is not None:
            self.rows[todo.id] = todo

    async def remove(self, todo_id: TodoId, *, owner_id: UserId) -> None:
        if await self.get(todo_id, owner_id=owner_id) is not None:
            del self.rows[todo_id]


def _fits(todo: Todo, wanted: TodoFilter) -> bool:
    wanted_text = (wanted.text or "").casefold()
    found = any(wanted_text in text.casefold() for text in (todo.title, todo.notes or ""))
    return found and wanted.completed in {None, todo.completed}


@frozen
class _Tables:
    users: dict[UserId, User] = field(factory=dict[UserId, User])
    sessions: dict[bytes, Session] = field(factory=dict[bytes, Session])
    tokens: dict[TokenId, Token] = field(factory=dict[TokenId, Token])
    mails: dict[MailId, Mail] = field(factory=dict[MailId, Mail])
    events: dict[EventId, SecurityEvent] = field(factory=dict[EventId, SecurityEvent])
    suppressions: dict[EmailAddress, Suppression] = field(factory=dict[EmailAddress, Suppression])
    mail_events: dict[str, datetime] = field(factory=dict[str, datetime])
    todos: dict[TodoId, Todo] = field(factory=dict[TodoId, Todo])

    def copy(self) -> _Tables:
        return _Tables(*(dict(rows) for rows in astuple(self, recurse=False)))


@define
class MemoryUnitOfWork(UnitOfWork):
    """
    One process's memory as a database; ``on_mail`` is called when a unit of work that added mail has ended.
    """

    on_mail: Callable[[], None] | None = None
    _tables: _Tables = field(factory=_Tables, init=False, repr=False)
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False, repr=False)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Work]:
        async with self._turn:
            tables = self._tables.copy()
            outbox = MemoryOutbox(tables.mails)
            yield Work(
                users=MemoryUserStore(tables.users),
                sessions=MemorySessionStore(tables.sessions, tables.users),
                tokens=MemoryTokenStore(tables.tokens),
                outbox=outbox,
                events=MemoryEventStore(tables.events),
                suppressions=MemorySuppressionStore(tables.suppressions, tables.mail_events),
                todos=MemoryTodoStore(tables.todos),
            )
            self._tables = tables
        if outbox.grew and self.on_mail is not None:
            self.on_mail()


@define
class MemoryRateLimiter(RateLimiter):
    """
    Counters in windows that open with a key's first hit; keys are stored under a secret of this process.
    """

    clock: Clock
    _windows: dict[tuple[str, bytes], tuple[datetime, int]] = field(
        factory=dict[tuple[str, bytes], tuple[datetime, int]], init=False, repr=False
    )
    _secret: bytes = field(factory=partial(secrets.token_bytes, 32), init=False, repr=False)

    async def hit(self, limit: Limit, key: str) -> Allowance:
        now = self.clock.now()
        counter = (limit.name, hashlib.blake2b(key.encode(), key=self._secret).digest())
        ends_at, hits = self._windows.get(counter, (now, 0))
        if ends_at <= now:
            ends_at, hits = now + limit.window, 0
        self._windows[counter] = (ends_at, hits + 1)
        allowed = hits < limit.amount
        return Allowance(allowed, retry_after=timedelta(0) if allowed else ends_at - now)

    async def prune(self, *, limit: int) -> int:
        now = self.clock.now()
        return _prune(self._windows, lambda window: window[0] <= now, limit)
