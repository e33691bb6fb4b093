from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres import events, outbox, sessions, suppressions, todos, tokens
from todo_adapters.postgres.transaction import Statement, borrowed

MANY = [
    """
    INSERT INTO users SELECT gen_random_uuid(), n || '@example.org', 'hash', now(), NULL, 'en', 'UTC'
    FROM generate_series(1, 300) AS n
    """,
    """
    INSERT INTO todos SELECT gen_random_uuid(), users.id, 'title', NULL, now(), now(), now(), 1
    FROM users, generate_series(1, 30)
    """,
    "INSERT INTO sessions SELECT gen_random_uuid(), id, email::bytea, now(), now(), now() FROM users",
    "INSERT INTO tokens SELECT gen_random_uuid(), 'verify_email', id, NULL, now(), now() FROM users",
    """
    INSERT INTO security_events SELECT gen_random_uuid(), users.id, 'logged_in', now()
    FROM users, generate_series(1, 30)
    """,
    """
    INSERT INTO outbox
    SELECT gen_random_uuid(), 'verify_email', n || '@example.org', now(), now(), now(), '{}', NULL, NULL, 'sent', 1
    FROM generate_series(1, 5000) AS n
    """,
    "INSERT INTO suppressions SELECT n || '@example.org', 'bounce', now() FROM generate_series(1, 5000) AS n",
    "ANALYZE",
]

EXPECTED = {
    "claim": (outbox._CLAIM, "ix_outbox_due"),
    "oldest due": (outbox._BACKLOG, "ix_outbox_due"),
    "misconfigured": (outbox._BACKLOG, "ix_outbox_misconfigured"),
    "newest mail": (outbox._NEWEST, "pk_outbox"),
    "caller": (sessions._CALLER, "uq_sessions_digest"),
    "their events": (events._OF_USER, "ix_security_events_user_id_id"),
    "live token": (tokens._LIVE, "pk_tokens"),
    "later token": (tokens._TAKE, "ix_tokens_user_id_purpose_created_at"),
    "suppressed": (suppressions._BY_ADDRESS, "pk_suppressions"),
    "newest suppressions": (suppressions._NEWEST, "ix_suppressions_at_address"),
    "all todos": (todos._PAGES[None, False], "pk_todos"),
    "open todos": (todos._PAGES[False, False], "ix_todos_open"),
    "words in todos": (todos._PAGES[None, True], "pk_todos"),
}


@pytest.fixture
async def grown(engine: AsyncEngine) -> AsyncEngine:
    """
    Return an engine on a database that was in use for a while.
    """
    async with engine.connect() as connection:
        for statement in MANY:
            await connection.execute(text(statement))
    return engine


async def plan_of(statement: Statement, engine: AsyncEngine) -> str:
    """
    Return how PostgreSQL goes about *statement* when it is prepared, whatever the values are.
    """
    async with borrowed(engine) as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        numbered, names = statement.sql.decode(), list[str]()
        while (start := numbered.find("%(")) >= 0:
            name = numbered[start + 2 : numbered.index(")s", start)]
            names = names if name in names else [*names, name]
            numbered = numbered.replace(f"%({name})s", f"${names.index(name) + 1}")
        await connection.execute(f"PREPARE question AS {numbered}".encode())
        nothing = ", ".join(["NULL"] * len(names))
        lines = await (await connection.execute(f"EXPLAIN EXECUTE question({nothing})".encode())).fetchall()
        await connection.execute("DEALLOCATE question")
    return "\n".join(line for (line,) in lines)


@pytest.mark.parametrize("name", EXPECTED)
async def test_the_index_is_used(grown, name):
    """
    What is asked often is answered from its index, however much has piled up.
    """
    statement, index = EXPECTED[name]
    assert index in await plan_of(statement, grown)
