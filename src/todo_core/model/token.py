"""
Single-use tokens: the rows behind the links we mail.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId, TokenId, UserId


class Purpose(StrEnum):
    """
    What a token may be redeemed for, and for nothing else.
    """

    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose, not a password
    VERIFY_EMAIL = "verify_email"
    CHANGE_EMAIL = "change_email"
    UNDO_EMAIL_CHANGE = "undo_email_change"
    UNDO_DELETION = "undo_deletion"


UNDOING = frozenset({Purpose.UNDO_EMAIL_CHANGE, Purpose.UNDO_DELETION})
"""
Purposes that take something back.

Whoever took an account over must not be able to end such a token: no later one supersedes it, and no change of the
password retires it.
"""


@frozen
class Token:
    """
    Proof, good once and for a while, that its bearer reads a person's mail.

    ``id`` is 128 random bits. The link carries it signed, so that the row alone makes no link.
    ``mail_id`` names the mail that carries the link, so that each mail has one token however often it
    is tried; it is None for a link that an operator asked for. ``email`` is the address that the account gets, where
    the token is for a change of the address or for taking one back.
    """

    id: TokenId = field(repr=False)
    purpose: Purpose
    user_id: UserId
    mail_id: MailId | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    retired_at: datetime | None = None
    email: EmailAddress | None = None

    def is_live(self, now: datetime) -> bool:
        """
        Tell whether the token can still be redeemed, as far as it knows of itself.
        """
        return self.used_at is None and self.retired_at is None and now < self.expires_at

    def used(self, now: datetime) -> Token:
        """
        Return the token as it stands once redeemed.
        """
        return evolve(self, used_at=now)
