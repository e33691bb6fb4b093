"""
What the core asks of its memory as a whole: all stores, in units of work.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from attrs import frozen

from todo_core.ports.mail import Outbox, SuppressionStore
from todo_core.ports.people import EventStore, SessionStore, TokenStore, UserStore
from todo_core.ports.todos import AnswerStore, CalendarStore, ChangeStore, ListStore, TodoStore


@frozen
class Work:
    """
    The stores as one unit of work sees them.
    """

    users: UserStore
    sessions: SessionStore
    tokens: TokenStore
    outbox: Outbox
    events: EventStore
    suppressions: SuppressionStore
    todos: TodoStore
    lists: ListStore
    changes: ChangeStore
    answers: AnswerStore
    calendars: CalendarStore


class UnitOfWork(Protocol):
    """
    Makes several changes one.
    """

    @abstractmethod
    def begin(self) -> AbstractAsyncContextManager[Work]:
        """
        Open a unit of work: all its changes are kept when the block ends, none when it raises.

        Others see nothing of it before it ends.

        Raises:
            Unavailable: the database cannot answer now, at the beginning, inside or at the end.
            Conflict: a change would make a second thing with the same identity.
        """
        ...
