"""
Todos in full: lists, dates, tags, words, the bin; and what devices and retries are told.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-20
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_POSITION = sa.Text(collation="C")


def upgrade() -> None:
    """
    Make the tables, what others refer to first.
    """
    _create_lists()
    _create_todos()
    _create_changes()
    _create_answers()
    _create_calendars()


def downgrade() -> None:
    """
    Drop them, what refers to others first.
    """
    for name in ("calendars", "answers", "changes", "change_counters", "todos", "lists"):
        op.drop_table(name)


def _create_lists() -> None:
    op.create_table(
        "lists",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", _POSITION, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("colour", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "id", name="pk_lists"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_lists_owner_id", ondelete="CASCADE"),
    )


def _create_todos() -> None:
    op.create_table(
        "todos",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("position", _POSITION, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("list_id", sa.Uuid),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("notes", sa.Text),
        sa.Column("completed_at", _MOMENT),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("due_date", sa.Date),
        sa.Column("tags", ARRAY(sa.Text), nullable=False),
        sa.Column("recurrence", sa.Text),
        sa.Column("remind_at", _MOMENT),
        sa.Column("deleted_at", _MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("due", _MOMENT, nullable=False),
        sa.Column("words", TSVECTOR, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "id", name="pk_todos"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_todos_owner_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["owner_id", "list_id"], ["lists.owner_id", "lists.id"], name="fk_todos_owner_id_list_id"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "parent_id"],
            ["todos.owner_id", "todos.id"],
            name="fk_todos_owner_id_parent_id",
            ondelete="CASCADE",
        ),
    )
    kept = sa.text("deleted_at IS NULL")
    for key in ("position", "due", "created_at", "updated_at", "priority"):
        op.create_index(f"ix_todos_{key}", "todos", ["owner_id", key, "id"], postgresql_where=kept)
    for key in ("list_id", "parent_id"):
        op.create_index(f"ix_todos_{key}", "todos", ["owner_id", key], postgresql_where=sa.text(f"{key} IS NOT NULL"))
    op.create_index("ix_todos_deleted_at", "todos", ["deleted_at"], postgresql_where=sa.text("deleted_at IS NOT NULL"))
    op.create_index("ix_todos_words", "todos", ["words"], postgresql_using="gin")
    op.create_index("ix_todos_tags", "todos", ["tags"], postgresql_using="gin")


def _create_changes() -> None:
    op.create_table(
        "change_counters",
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("latest", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name="pk_change_counters"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_change_counters_owner_id", ondelete="CASCADE"),
    )
    op.create_table(
        "changes",
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("thing", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("old_position", _POSITION),
        sa.Column("old_due", _MOMENT),
        sa.Column("old_updated_at", _MOMENT),
        sa.Column("old_priority", sa.SmallInteger),
        sa.PrimaryKeyConstraint("owner_id", "number", name="pk_changes"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_changes_owner_id", ondelete="CASCADE"),
    )
    op.create_index("ix_changes_at", "changes", ["at"])


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "key", name="pk_answers"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_answers_owner_id", ondelete="CASCADE"),
    )
    op.create_index("ix_answers_at", "answers", ["at"])


def _create_calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name="pk_calendars"),
        sa.UniqueConstraint("digest", name="uq_calendars_digest"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_calendars_owner_id", ondelete="CASCADE"),
    )
