"""
Every store in dictionaries: for tests, and for trying things out without a database.

A unit of work changes copies of the tables and puts them in place when it ends well, so there is nothing
to undo when it does not. Units of work take turns; one that need not wait never suspends, so the core
can be driven without an event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from attrs import astuple, define, field, frozen

from todo_adapters.memory.calendars import MemoryCalendarStore
from todo_adapters.memory.changes import MemoryAnswerStore, MemoryChangeStore, Noted
from todo_adapters.memory.events import MemoryEventStore
from todo_adapters.memory.lists import MemoryListStore
from todo_adapters.memory.mail import MemoryOutbox, MemorySuppressionStore
from todo_adapters.memory.people import MemorySessionStore, MemoryTokenStore, MemoryUserStore
from todo_adapters.memory.todos import MemoryTodoStore
from todo_core.model.answer import KeptAnswer
from todo_core.model.calendar import Calendar
from todo_core.model.email import EmailAddress
from todo_core.model.event import SecurityEvent
from todo_core.model.ids import EventId, ListId, MailId, TodoId, TokenId, UserId
from todo_core.model.mail import Mail
from todo_core.model.session import Session
from todo_core.model.suppression import Suppression
from todo_core.model.todo import Todo
from todo_core.model.todo_list import TodoList
from todo_core.model.token import Token
from todo_core.model.user import User
from todo_core.ports import UnitOfWork, Work


@frozen
class _Tables:
    users: dict[UserId, User] = field(factory=dict[UserId, User])
    sessions: dict[bytes, Session] = field(factory=dict[bytes, Session])
    tokens: dict[TokenId, Token] = field(factory=dict[TokenId, Token])
    mails: dict[MailId, Mail] = field(factory=dict[MailId, Mail])
    events: dict[EventId, SecurityEvent] = field(factory=dict[EventId, SecurityEvent])
    suppressions: dict[EmailAddress, Suppression] = field(factory=dict[EmailAddress, Suppression])
    mail_events: dict[str, datetime] = field(factory=dict[str, datetime])
    todos: dict[tuple[UserId, TodoId], Todo] = field(factory=dict[tuple[UserId, TodoId], Todo])
    lists: dict[tuple[UserId, ListId], TodoList] = field(factory=dict[tuple[UserId, ListId], TodoList])
    changes: dict[tuple[UserId, int], Noted] = field(factory=dict[tuple[UserId, int], Noted])
    counters: dict[UserId, int] = field(factory=dict[UserId, int])
    answers: dict[tuple[UserId, str], KeptAnswer] = field(factory=dict[tuple[UserId, str], KeptAnswer])
    calendars: dict[UserId, Calendar] = field(factory=dict[UserId, Calendar])

    @property
    def owned(self) -> list[dict[Any, Any]]:
        notes = (self.changes, self.answers, self.calendars)
        return [self.sessions, self.tokens, self.mails, self.events, self.todos, self.lists, *notes]

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
            changes = MemoryChangeStore(tables.changes, tables.counters)
            yield Work(
                users=MemoryUserStore(tables.users, tables.owned),
                sessions=MemorySessionStore(tables.sessions, tables.users),
                tokens=MemoryTokenStore(tables.tokens),
                outbox=outbox,
                events=MemoryEventStore(tables.events),
                suppressions=MemorySuppressionStore(tables.suppressions, tables.mail_events),
                todos=MemoryTodoStore(tables.todos, tables.lists, changes),
                lists=MemoryListStore(tables.lists, tables.todos, changes),
                changes=changes,
                answers=MemoryAnswerStore(tables.answers),
                calendars=MemoryCalendarStore(tables.calendars),
            )
            self._tables = tables
        if outbox.grew and self.on_mail is not None:
            self.on_mail()
