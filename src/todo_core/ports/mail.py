"""
What the core asks of its memory about mail: what waits to be sent, and who is sent none.

A port's docstring is its contract, sentence by sentence; ``todo_core.contracts`` holds a test for each.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId
from todo_core.model.mail import Backlog, Mail, MailState
from todo_core.model.suppression import Suppression


class Outbox(Protocol):
    """
    Keeps mail until it was sent, or until sending it is of no use.

    A mail whose state is ``sending`` belongs to whoever holds its lease, until the lease runs out.
    """

    @abstractmethod
    async def add(self, mail: Mail) -> None:
        """
        Keep *mail* and wake a courier soon after the unit of work ends.

        When one of the same kind, about the same thing, waits for the same address already, the new one takes its
        place: one mail is sent, with a life and attempts of its own, however often the earlier one was tried.
        "The same" has this meaning below, too.
        """
        ...

    @abstractmethod
    async def claim(self, *, now: datetime, lease: UUID, lease_until: datetime) -> Mail | None:
        """
        Give the mail that has been due longest to the holder of *lease*, its attempt counted.

        Due is what waits and whose ``due_at`` has come, and what was claimed and whose lease has run out.
        Of several who claim at once, each gets another mail. None means that nothing is due.
        """
        ...

    @abstractmethod
    async def finish(self, mail: Mail, *, now: datetime) -> bool:
        """
        Note that the claimed *mail* was sent; tell whether its lease was still held.
        """
        ...

    @abstractmethod
    async def retry(self, mail: Mail, *, due_at: datetime, error: str) -> bool:
        """
        Let the claimed *mail* wait until *due_at*, with the attempts it carries; tell whether its lease was still held.

        When another of the same kind waits for the same address by then, this one gives way and is forgotten.
        """
        ...

    @abstractmethod
    async def bury(self, mail: Mail, *, error: str) -> bool:
        """
        Give the claimed *mail* up for the reason *error*; tell whether its lease was still held.
        """
        ...

    @abstractmethod
    async def give_back(self, mail: Mail) -> bool:
        """
        Let the claimed *mail* wait as if it had not been claimed; tell whether its lease was still held.

        A courier is woken soon after the unit of work ends.
        When another of the same kind waits for the same address by then, this one gives way and is forgotten.
        """
        ...

    @abstractmethod
    async def revive(self, mail_id: MailId, *, now: datetime, expires_at: datetime) -> bool:
        """
        Let the mail be due *now*, as good as new until *expires_at*, if it is dead or waits; tell whether it was.

        A courier is woken soon after the unit of work ends.
        A dead mail stays dead when another of the same kind waits for the same address.
        """
        ...

    @abstractmethod
    async def drop(self, mail_id: MailId) -> bool:
        """
        Forget the mail, unless it is on its way; tell whether it was forgotten.
        """
        ...

    @abstractmethod
    async def forget(self, address: EmailAddress) -> None:
        """
        Forget every mail to this address.
        """
        ...

    @abstractmethod
    async def bury_all(self, *, now: datetime, error: str) -> int:
        """
        Give up, for the reason *error*, all that was ever tried or was due by *now*, unless it ended; return how many.

        Whoever holds the lease of one finds it lost.
        """
        ...

    @abstractmethod
    async def to_address(self, address: EmailAddress) -> Sequence[Mail]:
        """
        Return every mail to this address, newest first.
        """
        ...

    @abstractmethod
    async def by_id(self, mail_id: MailId) -> Mail | None:
        """
        Return the mail with this id, if it is kept.
        """
        ...

    @abstractmethod
    async def newest(self, *, state: MailState | None, limit: int) -> Sequence[Mail]:
        """
        Return the *limit* latest mails, newest first; only those in this *state*, if one is given.
        """
        ...

    @abstractmethod
    async def backlog(self, *, now: datetime) -> Backlog:
        """
        Return since when the mail that has been due longest is due, if any is, and the latest misconfiguration.

        A misconfiguration is a reason that begins with ``MISCONFIGURED``. Only what waits for it counts.
        It costs little, however much mail is kept.
        """
        ...

    @abstractmethod
    async def count(self) -> Mapping[MailState, int]:
        """
        Return how many mails are in each state, those included in which none is.
        """
        ...

    @abstractmethod
    async def prune(self, state: MailState, *, before: datetime, error: str | None, limit: int) -> int:
        """
        Forget up to *limit* mails in this *state* that were written *before* this moment; return how many.

        If an *error* is given, only those are forgotten whose last one it is.
        """
        ...


class SuppressionStore(Protocol):
    """
    Keeps the addresses that get no mail, and which reports about them were heard.
    """

    @abstractmethod
    async def add(self, suppression: Suppression) -> bool:
        """
        Keep *suppression*, unless its address has one already; tell whether it was kept.

        A complaint takes the place of a bounce.
        """
        ...

    @abstractmethod
    async def by_address(self, address: EmailAddress) -> Suppression | None:
        """
        Return the suppression of this address, if there is one.
        """
        ...

    @abstractmethod
    async def newest(self, *, limit: int) -> Sequence[Suppression]:
        """
        Return the *limit* latest suppressions, newest first.
        """
        ...

    @abstractmethod
    async def remove(self, address: EmailAddress) -> bool:
        """
        Forget the suppression of this address; tell whether there was one.
        """
        ...

    @abstractmethod
    async def note_event(self, event_id: str, *, at: datetime) -> bool:
        """
        Note that the event was first heard *at* this moment, unless it was before; tell whether this is so.

        Of several who note one event at once, one is first.
        """
        ...

    @abstractmethod
    async def forget_events(self, *, before: datetime) -> None:
        """
        Forget the events that were heard *before* this moment.
        """
        ...
