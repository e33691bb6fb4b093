"""
How Alembic reaches the database: one program at a time, and never waiting for long.
"""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text

from todo_adapters.postgres.engine import normalised
from todo_adapters.postgres.todo_tables import metadata

_LOCK = text("SELECT pg_advisory_lock(hashtext('todo migrations'))")


def run() -> None:
    """
    Run the migrations on the database that ``migrate`` names, or that ``DATABASE_URL`` does.
    """
    url = context.config.attributes.get("url") or os.environ["DATABASE_URL"]
    patience = round(context.config.attributes.get("patience", 4.0) * 1000)
    limits = {"options": f"-c lock_timeout={patience} -c statement_timeout=60000"}
    engine = create_engine(normalised(url), poolclass=NullPool, hide_parameters=True, connect_args=limits)
    with engine.connect() as connection:
        connection.execute(_LOCK)
        connection.commit()
        run_on(connection)


def run_on(connection: Connection) -> None:
    """
    Run the migrations, each in a transaction of its own.
    """
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
