"""
Bounces and complaints: whom mail is no longer sent to, and how that ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from todo_core.errors import NotFound
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.suppression import MailEvent, Suppression
from todo_core.ports import Clock, MailHook, Randomness, UnitOfWork, Work
from todo_core.use_cases.events import event as security_event

REMEMBERED = timedelta(days=7)
"""How long an event is known by its id: longer than any provider goes on repeating a report."""


@frozen
class ReceiveMailEvents:
    """
    Take a mail provider's report: whoever bounced or complained gets no more mail.

    An event that was heard before changes nothing, so that an operator's removal stands. An address without
    an account is suppressed all the same: the report must not tell who has one.
    """

    clock: Clock
    randomness: Randomness
    mail_hooks: Mapping[str, MailHook]
    unit_of_work: UnitOfWork

    async def __call__(self, *, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """
        Return once the report is kept; *headers* are those of its request, by lower-case names.

        Raises:
            NotFound: the operator set no secret for such a provider.
            InvalidSignature: the report is not the provider's, was altered, or is too old.
            InvalidInput: it is not of the form that the provider documents.
        """
        hook = self.mail_hooks.get(provider)
        if hook is None:
            raise NotFound
        now = self.clock.now()
        events = hook.read(headers, body, now=now)
        if events:
            async with self.unit_of_work.begin() as work:
                await work.suppressions.forget_events(before=now - REMEMBERED)
                for event in await _news(work, provider, events, now=now):
                    await self._suppress(work, event, now=now)

    async def _suppress(self, work: Work, event: MailEvent, *, now: datetime) -> None:
        if not await work.suppressions.add(Suppression(event.address, event.kind, event.at)):
            return
        user = await work.users.by_email(event.address)
        if user is not None:
            kind = EventKind.EMAIL_SUPPRESSED
            await work.events.add(security_event(kind, user.id, now=now, randomness=self.randomness))


async def _news(work: Work, provider: str, events: Iterable[MailEvent], *, now: datetime) -> list[MailEvent]:
    """
    Return what was not heard before, by address.

    Ids are noted and addresses suppressed in one order everywhere, so that reports that arrive at once do not
    wait for each other in a circle.
    """
    by_id = {event.id: event for event in events}
    news = [by_id[name] for name in sorted(by_id) if await work.suppressions.note_event(f"{provider} {name}", at=now)]
    return sorted(news, key=lambda event: (event.address.text, event.kind))


@frozen
class ListSuppressions:
    """
    Show an operator the latest suppressions.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, limit: int) -> Sequence[Suppression]:
        """
        Return the *limit* latest, newest first.
        """
        async with self.unit_of_work.begin() as work:
            return await work.suppressions.newest(limit=limit)


@frozen
class RemoveSuppression:
    """
    Let mail go to an address again, because an operator says so.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, email: EmailAddress) -> bool:
        """
        Tell whether the address was suppressed.
        """
        async with self.unit_of_work.begin() as work:
            return await work.suppressions.remove(email)
