"""
Mail that waits, and addresses that are sent no more, in dictionaries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import define, evolve, frozen

from todo_adapters.memory.rows import insert, prune
from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId
from todo_core.model.mail import MISCONFIGURED, Backlog, Mail, MailState
from todo_core.model.suppression import MailEventKind, Suppression
from todo_core.ports import Outbox, SuppressionStore


@define
class MemoryOutbox(Outbox):
    """
    Mail by its id; ``grew`` tells whether any came, or came back, since the unit of work began.
    """

    rows: dict[MailId, Mail]
    grew: bool = False

    async def add(self, mail: Mail) -> None:
        self.grew = True
        waiting = self._waiting_like(mail)
        if waiting is not None:
            del self.rows[waiting.id]
        insert(self.rows, mail.id, mail)

    async def claim(self, *, now: datetime, lease: UUID, lease_until: datetime) -> Mail | None:
        if not (due := self._due(now)):
            return None
        mail = self.rows[min(due)[1]]
        return self._set(
            mail, state=MailState.SENDING, attempts=mail.attempts + 1, lease=lease, lease_until=lease_until
        )

    async def finish(self, mail: Mail, *, now: datetime) -> bool:
        return self._release(mail, state=MailState.SENT, sent_at=now)

    async def retry(self, mail: Mail, *, due_at: datetime, error: str) -> bool:
        waiting = self._waiting_like(mail)
        held = self._release(mail, state=MailState.WAITING, attempts=mail.attempts, due_at=due_at, last_error=error)
        if held and waiting is not None:
            del self.rows[mail.id]
        return held

    async def bury(self, mail: Mail, *, error: str) -> bool:
        return self._release(mail, state=MailState.DEAD, last_error=error)

    async def give_back(self, mail: Mail) -> bool:
        waiting = self._waiting_like(mail)
        self.grew |= (held := self._release(mail, state=MailState.WAITING, attempts=mail.attempts - 1))
        if held and waiting is not None:
            del self.rows[mail.id]
        return held

    async def revive(self, mail_id: MailId, *, now: datetime, expires_at: datetime) -> bool:
        mail = self.rows.get(mail_id)
        if mail is None or mail.state not in {MailState.DEAD, MailState.WAITING}:
            return False
        if (waiting := self._waiting_like(mail)) is not None and waiting.id != mail_id:
            return False
        self.grew = True
        self._set(mail, state=MailState.WAITING, attempts=0, due_at=now, expires_at=expires_at, last_error=None)
        return True

    async def drop(self, mail_id: MailId) -> bool:
        mail = self.rows.get(mail_id)
        if mail is None or mail.state is MailState.SENDING:
            return False
        del self.rows[mail_id]
        return True

    async def forget(self, address: EmailAddress) -> None:
        for mail in await self.to_address(address):
            del self.rows[mail.id]

    async def bury_all(self, *, now: datetime, error: str) -> int:
        unfinished = [mail for mail in self.rows.values() if mail.state in {MailState.WAITING, MailState.SENDING}]
        buried = [mail for mail in unfinished if mail.attempts or mail.last_error or mail.due_at <= now]
        for mail in buried:
            self._set(mail, state=MailState.DEAD, last_error=error, lease=None, lease_until=None)
        return len(buried)

    async def to_address(self, address: EmailAddress) -> Sequence[Mail]:
        to_address = [mail for mail in self.rows.values() if mail.address == address]
        return sorted(to_address, key=lambda mail: mail.id, reverse=True)

    async def by_id(self, mail_id: MailId) -> Mail | None:
        return self.rows.get(mail_id)

    async def newest(self, *, state: MailState | None, limit: int) -> Sequence[Mail]:
        mails = [mail for mail in self.rows.values() if state in {None, mail.state}]
        return sorted(mails, key=lambda mail: mail.id, reverse=True)[:limit]

    async def backlog(self, *, now: datetime) -> Backlog:
        oldest = min((since for since, _ in self._due(now)), default=None)
        complaints = [
            (mail.due_at, mail.id, mail.last_error)
            for mail in self.rows.values()
            if mail.state is MailState.WAITING and (mail.last_error or "").startswith(MISCONFIGURED)
        ]
        return Backlog(oldest, max(complaints)[2] if complaints else None)

    async def count(self) -> Mapping[MailState, int]:
        states = [mail.state for mail in self.rows.values()]
        return {state: states.count(state) for state in MailState}

    async def prune(self, state: MailState, *, before: datetime, error: str | None, limit: int) -> int:
        return prune(
            self.rows,
            lambda mail: mail.state is state and mail.created_at < before and error in {None, mail.last_error},
            limit,
        )

    def _due(self, now: datetime) -> list[tuple[datetime, MailId]]:
        unfinished = (mail for mail in self.rows.values() if mail.state in {MailState.WAITING, MailState.SENDING})
        since = ((mail.lease_until or mail.due_at, mail.id) for mail in unfinished)
        return [due for due in since if due[0] <= now]

    def _waiting_like(self, mail: Mail) -> Mail | None:
        waiting = (other for other in self.rows.values() if other.state is MailState.WAITING)
        wanted = (mail.kind, mail.address, mail.about)
        return next((other for other in waiting if (other.kind, other.address, other.about) == wanted), None)

    def _release(self, mail: Mail, **changes: Any) -> bool:
        kept = self.rows.get(mail.id)
        if kept is None or kept.lease is None or kept.lease != mail.lease:
            return False
        self._set(kept, lease=None, lease_until=None, **changes)
        return True

    def _set(self, mail: Mail, **changes: Any) -> Mail:
        self.rows[mail.id] = evolve(mail, **changes)
        return self.rows[mail.id]


@frozen
class MemorySuppressionStore(SuppressionStore):
    """
    Suppressions by their addresses, and when each event was heard.
    """

    rows: dict[EmailAddress, Suppression]
    heard: dict[str, datetime]

    async def add(self, suppression: Suppression) -> bool:
        kept = self.rows.get(suppression.address)
        reasons = (kept and kept.reason, suppression.reason)
        if kept is not None and reasons != (MailEventKind.BOUNCE, MailEventKind.COMPLAINT):
            return False
        self.rows[suppression.address] = suppression
        return True

    async def by_address(self, address: EmailAddress) -> Suppression | None:
        return self.rows.get(address)

    async def newest(self, *, limit: int) -> Sequence[Suppression]:
        newest_first = sorted(self.rows.values(), key=lambda kept: (kept.at, kept.address.text), reverse=True)
        return newest_first[:limit]

    async def remove(self, address: EmailAddress) -> bool:
        return self.rows.pop(address, None) is not None

    async def note_event(self, event_id: str, *, at: datetime) -> bool:
        first = event_id not in self.heard
        self.heard.setdefault(event_id, at)
        return first

    async def forget_events(self, *, before: datetime) -> None:
        for event_id in [event_id for event_id, at in self.heard.items() if at < before]:
            del self.heard[event_id]
