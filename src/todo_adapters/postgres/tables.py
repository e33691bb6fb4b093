"""
The tables.  ``migrations/`` makes them; a test holds that both say the same.

The columns of a table stand in the order of its entity's fields, so that a row is the entity's arguments.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_Moment = DateTime(timezone=True)


def owner(name: str) -> Column[UUID]:
    """
    Return a column that refers to a user, and goes with the user.
    """
    return Column(name, Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)


users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, unique=True, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", _Moment, nullable=False),
    Column("display_name", Text),
    Column("locale", Text),
    Column("timezone", Text, nullable=False),
    Column("verified_at", _Moment),
    Column("disabled_at", _Moment),
    Column("password_changed_at", _Moment),
    Column("erase_at", _Moment),
    Index("ix_users_erase_at", "erase_at", postgresql_where=text("erase_at IS NOT NULL")),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    owner("user_id"),
    Column("digest", LargeBinary, unique=True, nullable=False),
    Column("created_at", _Moment, nullable=False),
    Column("expires_at", _Moment, nullable=False),
    Column("last_seen_at", _Moment, nullable=False),
    Column("user_agent", Text),
    Column("network", Text),
    Index(None, "user_id"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("purpose", Text, nullable=False),
    owner("user_id"),
    Column("mail_id", Uuid),
    Column("created_at", _Moment, nullable=False),
    Column("expires_at", _Moment, nullable=False),
    Column("used_at", _Moment),
    Column("retired_at", _Moment),
    Column("email", Text),
    UniqueConstraint("mail_id", "purpose"),
    Index(None, "user_id", "purpose", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", _Moment, nullable=False),
    Column("expires_at", _Moment, nullable=False),
    Column("due_at", _Moment, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("locale", Text),
    Column("user_id", Uuid),
    Column("about", Uuid),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", Uuid),
    Column("lease_until", _Moment),
    Column("last_error", Text),
    Column("sent_at", _Moment),
)

due_since = func.coalesce(outbox.c.lease_until, outbox.c.due_at)
"""Since when a mail is up for a claim: from its hour, or from the end of a lease that nobody closed."""

concern = func.coalesce(outbox.c.about, text("'00000000-0000-0000-0000-000000000000'::uuid"))
"""What a mail is about, or the nil UUID (RFC 9562 §5.9): to a unique index no null equals another."""

waiting = text("state = 'waiting'")
unfinished = text("state IN ('waiting', 'sending')")

misconfigured = text("state = 'waiting' AND starts_with(last_error, 'misconfigured')")

Index("ix_outbox_due", due_since, postgresql_where=unfinished)
Index("ix_outbox_misconfigured", outbox.c.due_at, outbox.c.id, postgresql_where=misconfigured)
Index("ix_outbox_address", outbox.c.address)
Index("uq_outbox_waiting", outbox.c.kind, outbox.c.address, concern, unique=True, postgresql_where=waiting)

security_events = Table(
    "security_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    owner("user_id"),
    Column("kind", Text, nullable=False),
    Column("at", _Moment, nullable=False),
    Column("network", Text),
    Index(None, "user_id", "id"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", _Moment, nullable=False),
    Index(None, "at", "address"),
)

mail_events = Table(
    "mail_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", _Moment, nullable=False),
    Index(None, "at"),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key", Text, primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("expires_at", _Moment, nullable=False),
    prefixes=["UNLOGGED"],
)
