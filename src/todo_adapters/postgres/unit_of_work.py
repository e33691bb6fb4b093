"""
Units of work, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from attrs import frozen
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.answers import PostgresAnswerStore
from todo_adapters.postgres.calendars import PostgresCalendarStore
from todo_adapters.postgres.changes import PostgresChangeStore
from todo_adapters.postgres.events import PostgresEventStore
from todo_adapters.postgres.lists import PostgresListStore
from todo_adapters.postgres.outbox import PostgresOutbox
from todo_adapters.postgres.sessions import PostgresSessionStore
from todo_adapters.postgres.suppressions import PostgresSuppressionStore
from todo_adapters.postgres.todos import PostgresTodoStore
from todo_adapters.postgres.tokens import PostgresTokenStore
from todo_adapters.postgres.transaction import Transaction, borrowed
from todo_adapters.postgres.users import PostgresUserStore
from todo_core.model.ids import UserId
from todo_core.ports import UnitOfWork, Work


def _nobody_listens(*_: UserId) -> None:
    pass


@frozen
class PostgresUnitOfWork(UnitOfWork):
    """
    One transaction for each unit of work, at PostgreSQL's READ COMMITTED.

    *on_mail* is called after each commit that put mail into the outbox, as ``PostgresMailSignal.ring`` wants to be;
    *on_change* after each that changed a person's todos or lists, or ended a session of theirs, with whose they are, as
    ``PostgresChangeSignal.ring`` wants to be.
    """

    _engine: AsyncEngine
    _on_mail: Callable[[], None] = _nobody_listens
    _on_change: Callable[[UserId], None] = _nobody_listens

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Work]:
        """
        Borrow a connection for the block, and commit at its end.
        """
        async with borrowed(self._engine) as connection:
            transaction = Transaction(connection)
            yield Work(
                users=PostgresUserStore(transaction),
                sessions=PostgresSessionStore(transaction, self._on_change),
                tokens=PostgresTokenStore(transaction),
                outbox=PostgresOutbox(transaction, self._on_mail),
                events=PostgresEventStore(transaction),
                suppressions=PostgresSuppressionStore(transaction),
                todos=PostgresTodoStore(transaction, self._on_change),
                lists=PostgresListStore(transaction, self._on_change),
                changes=PostgresChangeStore(transaction),
                answers=PostgresAnswerStore(transaction),
                calendars=PostgresCalendarStore(transaction),
            )
            await transaction.commit()
