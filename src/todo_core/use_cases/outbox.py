"""
What an operator may ask of the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from todo_core.errors import Conflict, NotFound
from todo_core.model.ids import MailId
from todo_core.model.mail import Backlog, Mail, MailState
from todo_core.ports import Clock, UnitOfWork
from todo_core.use_cases.mailing import MailLife


@frozen
class ListMail:
    """
    Show the latest mails.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, state: MailState | None, limit: int) -> Sequence[Mail]:
        """
        Return up to *limit* mails, newest first; only those in this *state*, if one is given.
        """
        async with self.unit_of_work.begin() as work:
            return await work.outbox.newest(state=state, limit=limit)


@frozen
class ShowMail:
    """
    Show one mail.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, mail_id: MailId) -> Mail:
        """
        Return the mail with this id.

        Raises:
            NotFound: none with this id is kept.
        """
        async with self.unit_of_work.begin() as work:
            mail = await work.outbox.by_id(mail_id)
        if mail is None:
            raise NotFound
        return mail


@frozen
class RetryMail:
    """
    Have a mail sent that was given up or has to wait, with all its attempts and a whole life before it.

    Whether it is of any use is asked again when it is sent: a link that was superseded stays so.
    """

    clock: Clock
    unit_of_work: UnitOfWork
    life: MailLife

    async def __call__(self, *, mail_id: MailId) -> None:
        """
        Return once the mail is due.

        Raises:
            NotFound: none with this id is kept.
            Conflict: it was sent or is on its way, or another one like it waits.
        """
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            mail = await work.outbox.by_id(mail_id)
            if mail is None:
                raise NotFound
            revived = await work.outbox.revive(mail_id, now=now, expires_at=now + self.life.of(mail.kind))
        if not revived:
            raise Conflict


@frozen
class DropMail:
    """
    Forget a mail.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, mail_id: MailId) -> None:
        """
        Return once it is forgotten.

        Raises:
            NotFound: none with this id is kept.
            Conflict: it is on its way.
        """
        async with self.unit_of_work.begin() as work:
            if await work.outbox.by_id(mail_id) is None:
                raise NotFound
            dropped = await work.outbox.drop(mail_id)
        if not dropped:
            raise Conflict


@frozen
class OutboxStats:
    """
    How many mails are in each state, and what keeps mail from its readers.
    """

    counts: Mapping[MailState, int]
    backlog: Backlog


@frozen
class CountMail:
    """
    Tell how the outbox does.
    """

    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> OutboxStats:
        """
        Return the counts of now.
        """
        async with self.unit_of_work.begin() as work:
            return OutboxStats(await work.outbox.count(), await work.outbox.backlog(now=self.clock.now()))
