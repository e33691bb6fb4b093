"""
People who have an account.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from todo_core.model.email import EmailAddress
from todo_core.model.ids import UserId

LONGEST_DISPLAY_NAME = 100
"""Characters."""

DEFAULT_LOCALE = "en"
"""The language of whoever never chose one, and whose request told none that we speak."""


@frozen
class User:
    """
    A person with an account.

    ``verified_at`` tells since when we know that the person reads mail sent to ``email``;
    ``disabled_at``, since when an operator keeps the person out; ``password_changed_at``, since when the
    password is another than the first; ``erase_at``, when the account is to go, for the person wants that.
    ``locale`` is None as long as the person chose none; ``timezone`` is a name of the IANA's.
    """

    id: UserId
    email: EmailAddress
    password_hash: str = field(repr=False)
    created_at: datetime
    display_name: str | None = None
    locale: str | None = None
    timezone: str = "UTC"
    verified_at: datetime | None = None
    disabled_at: datetime | None = None
    password_changed_at: datetime | None = None
    erase_at: datetime | None = None

    @property
    def zone(self) -> tzinfo:
        """
        Return what the person's clocks go by; UTC, where the time zone is not known here.
        """
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC
