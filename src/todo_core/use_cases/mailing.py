"""
Asking for mail: what a use case puts into the outbox.
"""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen

from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId, uuid7
from todo_core.model.mail import Mail, MailKind
from todo_core.ports import Clock, Randomness


@frozen
class MailLife:
    """
    How long a mail, and the link in it, is of use.
    """

    password_reset: timedelta
    verify_email: timedelta
    notice: timedelta = timedelta(days=2)

    def of(self, kind: MailKind) -> timedelta:
        """
        Return the life of this *kind* of mail.
        """
        if kind is MailKind.PASSWORD_RESET:
            return self.password_reset
        return self.verify_email if kind is MailKind.VERIFY_EMAIL else self.notice


@frozen
class WriteMail:
    """
    Write the mails that the other use cases put into the outbox.
    """

    clock: Clock
    randomness: Randomness
    life: MailLife

    def __call__(self, kind: MailKind, *, to: EmailAddress, locale: str | None = None) -> Mail:
        """
        Return a mail of this *kind*, due at once; *locale* is what whoever asks for it reads, if that is known.
        """
        now = self.clock.now()
        return Mail(
            id=MailId(uuid7(now, self.randomness.draw(10))),
            kind=kind,
            address=to,
            created_at=now,
            expires_at=now + self.life.of(kind),
            due_at=now,
            locale=locale,
        )
