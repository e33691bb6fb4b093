"""
The first tables.

Revision ID: 0001
Revises:
Create Date: 2026-11-20
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """
    Make the tables, what others refer to first.
    """
    _create_users()
    _create_sessions()
    _create_tokens()
    _create_outbox()
    _create_security_events()
    _create_suppressions()
    _create_mail_events()
    _create_rate_limits()


def downgrade() -> None:
    """
    Drop them, what refers to others first.
    """
    for name in (
        "rate_limits",
        "mail_events",
        "suppressions",
        "security_events",
        "outbox",
        "tokens",
        "sessions",
        "users",
    ):
        op.drop_table(name)


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("display_name", sa.Text),
        sa.Column("locale", sa.Text),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("verified_at", _MOMENT),
        sa.Column("disabled_at", _MOMENT),
        sa.Column("password_changed_at", _MOMENT),
        sa.Column("erase_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_index("ix_users_erase_at", "users", ["erase_at"], postgresql_where=sa.text("erase_at IS NOT NULL"))


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("last_seen_at", _MOMENT, nullable=False),
        sa.Column("user_agent", sa.Text),
        sa.Column("network", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("digest", name="uq_sessions_digest"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("mail_id", sa.Uuid),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.Column("retired_at", _MOMENT),
        sa.Column("email", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("mail_id", "purpose", name="uq_tokens_mail_id_purpose"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_tokens_user_id_purpose_created_at", "tokens", ["user_id", "purpose", "created_at"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("locale", sa.Text),
        sa.Column("user_id", sa.Uuid),
        sa.Column("about", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", sa.Uuid),
        sa.Column("lease_until", _MOMENT),
        sa.Column("last_error", sa.Text),
        sa.Column("sent_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        [sa.text("coalesce(lease_until, due_at)")],
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_index(
        "ix_outbox_misconfigured",
        "outbox",
        ["due_at", "id"],
        postgresql_where=sa.text("state = 'waiting' AND starts_with(last_error, 'misconfigured')"),
    )
    op.create_index("ix_outbox_address", "outbox", ["address"])
    op.create_index(
        "uq_outbox_waiting",
        "outbox",
        ["kind", "address", sa.text("coalesce(about, '00000000-0000-0000-0000-000000000000'::uuid)")],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _create_security_events() -> None:
    op.create_table(
        "security_events",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("network", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_security_events"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_security_events_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_security_events_user_id_id", "security_events", ["user_id", "id"])


def _create_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_suppressions"),
    )
    op.create_index("ix_suppressions_at_address", "suppressions", ["at", "address"])


def _create_mail_events() -> None:
    op.create_table(
        "mail_events",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mail_events"),
    )
    op.create_index("ix_mail_events_at", "mail_events", ["at"])


def _create_rate_limits() -> None:
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rate_limits"),
        prefixes=["UNLOGGED"],
    )
