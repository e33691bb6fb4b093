"""
Security events: what happened to an account, for its owner and for operators.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from todo_core.model.ids import EventId, UserId


class EventKind(StrEnum):
    """
    What happened.
    """

    EMAIL_SUPPRESSED = "email_suppressed"
    EMAIL_VERIFIED = "email_verified"
    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event, not a password
    RESET_LINK_PRINTED = "reset_link_printed"


@frozen
class SecurityEvent:
    """
    One thing that happened to one account.
    """

    id: EventId
    user_id: UserId
    kind: EventKind
    at: datetime
