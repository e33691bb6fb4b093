"""
Security events: what happened to an account, for its owner and for operators.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from todo_core.model.ids import EventId, UserId

LARGEST_PAGE = 200
"""Events."""


class EventKind(StrEnum):
    """
    What happened.
    """

    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    DATA_EXPORTED = "data_exported"
    DELETION_REQUESTED = "deletion_requested"
    DELETION_UNDONE = "deletion_undone"
    EMAIL_CHANGED = "email_changed"
    EMAIL_CHANGE_REQUESTED = "email_change_requested"
    EMAIL_CHANGE_UNDONE = "email_change_undone"
    EMAIL_SUPPRESSED = "email_suppressed"
    EMAIL_VERIFIED = "email_verified"
    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event, not a password
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event, not a password
    RESET_LINK_PRINTED = "reset_link_printed"
    SESSIONS_ENDED = "sessions_ended"


@frozen
class SecurityEvent:
    """
    One thing that happened to one account; ``network`` is where the request came from, as in a session.
    """

    id: EventId
    user_id: UserId
    kind: EventKind
    at: datetime
    network: str | None = None


@frozen
class EventPage:
    """
    A run of events, newest first; ``next_before`` is where the following page starts, None on the last.
    """

    items: Sequence[SecurityEvent]
    next_before: EventId | None
