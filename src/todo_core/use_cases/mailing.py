"""
Asking for mail: what a use case puts into the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import frozen

from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId, UserId, uuid7
from todo_core.model.mail import Mail, MailKind
from todo_core.ports import Clock, Randomness
from todo_core.use_cases.reminding import REMINDER_LIFE


@frozen
class MailLife:
    """
    How long a mail, and the link in it, is of use.
    """

    password_reset: timedelta
    verify_email: timedelta
    undo_email_change: timedelta = timedelta(days=7)
    undo_deletion: timedelta = timedelta(days=1)
    notice: timedelta = timedelta(days=2)
    reminder: timedelta = REMINDER_LIFE

    def of(self, kind: MailKind) -> timedelta:
        """
        Return the life of this *kind* of mail.
        """
        return {
            MailKind.PASSWORD_RESET: self.password_reset,
            MailKind.VERIFY_EMAIL: self.verify_email,
            MailKind.CHANGE_EMAIL: self.verify_email,
            MailKind.EMAIL_CHANGED: self.undo_email_change,
            MailKind.ACCOUNT_DELETION: self.undo_deletion,
            MailKind.REMINDER: self.reminder,
        }.get(kind, self.notice)


@frozen
class WriteMail:
    """
    Write the mails that the other use cases put into the outbox.
    """

    clock: Clock
    randomness: Randomness
    life: MailLife

    def __call__(
        self,
        kind: MailKind,
        *,
        to: EmailAddress,
        locale: str | None = None,
        user_id: UserId | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> Mail:
        """
        Return a mail of this *kind*, due at once; *locale* is what whoever asks for it reads, if that is known.

        *user_id* is whom it concerns, where the asker is known to be that person; *facts* are for its words.
        """
        now = self.clock.now()
        return Mail(
            id=MailId(uuid7(now, self.randomness.draw(10))),
            kind=kind,
            address=to,
            created_at=now,
            expires_at=now + self.life.of(kind),
            due_at=now,
            facts=facts or {},
            locale=locale,
            user_id=user_id,
        )
