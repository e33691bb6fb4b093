"""
Units of work, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from attrs import frozen
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.events import PostgresEventStore
from todo_adapters.postgres.outbox import PostgresOutbox
from todo_adapters.postgres.sessions import PostgresSessionStore
from todo_adapters.postgres.suppressions import PostgresSuppressionStore
from todo_adapters.postgres.todos import PostgresTodoStore
from todo_adapters.postgres.tokens import PostgresTokenStore
from todo_adapters.postgres.transaction import Transaction, borrowed
from todo_adapters.postgres.users import PostgresUserStore
from todo_core.ports import UnitOfWork, Work


def _nobody_listens() -> None:
    pass


@frozen
class PostgresUnitOfWork(UnitOfWork):
    """
    One transaction for each unit of work, at PostgreSQL's READ COMMITTED.

    *on_mail* is called after each commit that put mail into the outbox, as ``PostgresMailSignal.ring`` wants to be.
    """

    _engine: AsyncEngine
    _on_mail: Callable[[], None] = _nobody_listens

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Work]:
        """
        Borrow a connection for the block, and commit at its end.
        """
        async with borrowed(self._engine) as connection:
            transaction = Transaction(connection)
            yield Work(
                users=PostgresUserStore(transaction),
                sessions=PostgresSessionStore(transaction),
                tokens=PostgresTokenStore(transaction),
                outbox=PostgresOutbox(transaction, self._on_mail),
                events=PostgresEventStore(transaction),
                suppressions=PostgresSuppressionStore(transaction),
                todos=PostgresTodoStore(transaction),
            )
            await transaction.commit()
