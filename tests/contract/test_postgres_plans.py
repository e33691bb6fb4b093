from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres import (
    answers,
    changes,
    events,
    lists,
    outbox,
    sessions,
    suppressions,
    todo_writes,
    todos,
    tokens,
)
from todo_adapters.postgres.todo_pages import _KEYS, first_page, following_page, questions_of
from todo_adapters.postgres.transaction import Statement, borrowed
from todo_core.contracts.samples import NOW, fresh_uuid
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.todo import Priority, SortKey, TodoFilter, TodoSort

MANY = [
    """
    INSERT INTO users SELECT gen_random_uuid(), n || '@example.org', 'hash', now(), NULL, 'en', 'UTC'
    FROM generate_series(1, 1000) AS n
    """,
    "INSERT INTO lists SELECT gen_random_uuid(), id, 'list', 'V', now(), now(), NULL, 1 FROM users",
    """
    INSERT INTO todos (
        id, owner_id, title, position, created_at, updated_at, list_id, priority, tags, deleted_at, version, due, words,
        changed
    )
    SELECT
        gen_random_uuid(), lists.owner_id, 'title', md5(random()::text), now(), now() + n * interval '1 hour',
        CASE WHEN n < 5 THEN lists.id END, n % 4, ARRAY['tag' || n], CASE WHEN n = 9 THEN now() END, 1,
        now() + n * interval '1 day', array_to_tsvector(ARRAY[md5(random()::text)]), n
    FROM lists, generate_series(1, 10) AS n
    """,
    "INSERT INTO change_counters SELECT id, 10 FROM users",
    """
    INSERT INTO changes SELECT id, n, now(), 'todo', 'added', gen_random_uuid(), 1
    FROM users, generate_series(1, 10) AS n
    """,
    "INSERT INTO answers SELECT id, n::text, '', now(), '' FROM users, generate_series(1, 3) AS n",
    "INSERT INTO sessions SELECT gen_random_uuid(), id, email::bytea, now(), now(), now() FROM users",
    "INSERT INTO tokens SELECT gen_random_uuid(), 'verify_email', id, NULL, now(), now() FROM users",
    """
    INSERT INTO security_events SELECT gen_random_uuid(), users.id, 'logged_in', now()
    FROM users, generate_series(1, 30)
    """,
    """
    INSERT INTO outbox (id, kind, address, created_at, expires_at, due_at, facts, state, attempts)
    SELECT gen_random_uuid(), 'verify_email', n || '@example.org', now(), now(), now(), '{}', 'sent', 1
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
}

SOMETHING = fresh_uuid()
ASKED = {
    "all": TodoFilter(),
    "open": TodoFilter(completed=False),
    "list": TodoFilter(list_id=ListId(SOMETHING)),
    "steps": TodoFilter(parent_id=TodoId(SOMETHING)),
    "tag": TodoFilter(tag="tag"),
    "priority": TodoFilter(priority=Priority.LOW),
    "due": TodoFilter(due_after=NOW, due_before=NOW),
    "words": TodoFilter(text="words"),
    "bin": TodoFilter(deleted=True),
}
PAGES = {
    f"{part} page of {name} by {key.name}{' descending' * descending}": (
        page(questions_of(wanted, UserId(SOMETHING))[0], TodoSort(key, descending)),
        f"ix_todos_{_KEYS[key].name}" if name == "all" else "ix_todos_list_id" if name == "list" else "",
    )
    for part, page in (("first", first_page), ("following", following_page))
    for name, wanted in ASKED.items()
    for key in SortKey
    for descending in (False, True)
    if name == "all" or key is SortKey.CREATED_AT
}
TODOS = {
    **PAGES,
    "changes of a following page": (following_page(frozenset({"kept"}), TodoSort()), "pk_changes"),
    "a todo": (todos._GET, "pk_todos"),
    "held todo": (todos._HOLD[False], "pk_todos"),
    "held todo in the bin": (todos._HOLD[True], "pk_todos"),
    "held steps": (todos._HOLD_STEPS[False], "ix_todos_parent_id"),
    "held list's todos": (todos._HOLD_LIST, "ix_todos_list_id"),
    "tags": (todos._TAGS, "ix_todos"),
    "purge": (todos._PURGE, "ix_todos_deleted_at"),
    "a list": (lists._GET, "pk_lists"),
    "held list": (lists._HOLD, "pk_lists"),
    "all lists": (lists._OF_OWNER, "pk_lists"),
    "removed list": (lists._REMOVE, "ix_todos_list_id"),
    "a turn": (todo_writes.TAKE_TURN, "pk_change_counters"),
    "latest change": (changes._LATEST, "pk_change_counters"),
    "changes since": (changes._SINCE, "pk_changes"),
    "forgotten changes": (changes._PRUNE, "ix_changes_at"),
    "an answer": (answers._FIND, "pk_answers"),
    "forgotten answers": (answers._PRUNE, "ix_answers_at"),
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


async def test_nobody_reads_all_todos(grown):
    """
    Whatever is asked about somebody's todos, lists, changes and answers is found by an index.
    """
    plans = {name: await plan_of(statement, grown) for name, (statement, _) in TODOS.items()}
    assert {name: plan for name, plan in plans.items() if "Seq Scan" in plan} == {}
    assert {name: plans[name] for name, (_, index) in TODOS.items() if index not in plans[name]} == {}


async def test_a_following_page_begins_at_its_mark(grown):
    """
    The index is entered behind the mark, in the direction of the order: the thousandth page costs what the first does.
    """
    for descending, direction in ((False, ">"), (True, "<")):
        plan = await plan_of(following_page(frozenset({"kept"}), TodoSort(SortKey.POSITION, descending)), grown)
        entered = re.search(r"Index Scan (?:Backward )?using ix_todos_position .*\n *Index Cond: (.*)", plan)
        assert entered, plan
        assert f'(ROW("position", id) {direction} ROW(' in entered[1], plan
