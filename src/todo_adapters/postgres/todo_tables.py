"""
The tables of todos, in ``metadata`` beside the others.

The columns of a table stand in the order of its entity's fields; behind them come those that only the store knows.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from todo_adapters.postgres.tables import metadata, owner

__all__ = ["answers", "calendars", "change_counters", "changes", "lists", "metadata", "todos"]

_MOMENT = DateTime(timezone=True)
_POSITION = Text(collation="C")

lists = Table(
    "lists",
    metadata,
    Column("id", Uuid, nullable=False),
    owner("owner_id"),
    Column("name", Text, nullable=False),
    Column("position", _POSITION, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
    Column("colour", Text),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("owner_id", "id"),
)

todos = Table(
    "todos",
    metadata,
    Column("id", Uuid, nullable=False),
    owner("owner_id"),
    Column("title", Text, nullable=False),
    Column("position", _POSITION, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
    Column("list_id", Uuid),
    Column("parent_id", Uuid),
    Column("notes", Text),
    Column("completed_at", _MOMENT),
    Column("priority", SmallInteger, nullable=False),
    Column("due_at", _MOMENT),
    Column("due_date", Date),
    Column("tags", ARRAY(Text), nullable=False),
    Column("recurrence", Text),
    Column("remind_at", _MOMENT),
    Column("deleted_at", _MOMENT),
    Column("version", Integer, nullable=False),
    Column("due", _MOMENT, nullable=False),
    Column("words", TSVECTOR, nullable=False),
    Column("changed", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner_id", "id"),
    ForeignKeyConstraint(["owner_id", "list_id"], ["lists.owner_id", "lists.id"]),
    ForeignKeyConstraint(["owner_id", "parent_id"], ["todos.owner_id", "todos.id"], ondelete="CASCADE"),
)

_KEPT = text("deleted_at IS NULL")
for _key in ("position", "due", "created_at", "updated_at", "priority"):
    Index(f"ix_todos_{_key}", todos.c.owner_id, todos.c[_key], todos.c.id, postgresql_where=_KEPT)
for _key in ("list_id", "parent_id"):
    Index(f"ix_todos_{_key}", todos.c.owner_id, todos.c[_key], postgresql_where=text(f"{_key} IS NOT NULL"))
Index("ix_todos_deleted_at", todos.c.deleted_at, postgresql_where=text("deleted_at IS NOT NULL"))
Index("ix_todos_words", todos.c.words, postgresql_using="gin")
Index("ix_todos_tags", todos.c.tags, postgresql_using="gin")

change_counters = Table(
    "change_counters",
    metadata,
    owner("owner_id"),
    Column("latest", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner_id"),
)

changes = Table(
    "changes",
    metadata,
    owner("owner_id"),
    Column("number", BigInteger, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Column("thing", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("old_position", _POSITION),
    Column("old_due", _MOMENT),
    Column("old_updated_at", _MOMENT),
    Column("old_priority", SmallInteger),
    PrimaryKeyConstraint("owner_id", "number"),
    Index(None, "at"),
)

answers = Table(
    "answers",
    metadata,
    owner("owner_id"),
    Column("key", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("owner_id", "key"),
    Index(None, "at"),
)

calendars = Table(
    "calendars",
    metadata,
    owner("owner_id"),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("created_at", _MOMENT, nullable=False),
    PrimaryKeyConstraint("owner_id"),
)
