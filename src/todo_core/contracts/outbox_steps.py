"""
What the contracts of an ``Outbox`` do with one.
"""

from __future__ import annotations

from datetime import datetime

from todo_core.contracts.samples import HOUR, MINUTE, NOW, fresh_uuid
from todo_core.model.mail import Backlog, Mail, MailState
from todo_core.ports import UnitOfWork

LEASE_END = NOW + MINUTE


async def add(unit_of_work: UnitOfWork, *mails: Mail) -> None:
    """
    Keep *mails*.
    """
    for mail in mails:
        async with unit_of_work.begin() as work:
            await work.outbox.add(mail)


async def claim(unit_of_work: UnitOfWork, *, now: datetime = NOW) -> Mail | None:
    """
    Return what a courier gets that claims *now*.
    """
    async with unit_of_work.begin() as work:
        return await work.outbox.claim(now=now, lease=fresh_uuid(), lease_until=now + MINUTE)


async def one_claimed(unit_of_work: UnitOfWork, mail: Mail) -> Mail:
    """
    Return *mail*, kept and claimed.
    """
    await add(unit_of_work, mail)
    claimed = await claim(unit_of_work)
    assert claimed is not None
    assert claimed.id == mail.id
    return claimed


async def taken_over(unit_of_work: UnitOfWork, claimed: Mail) -> Mail:
    """
    Return the *claimed* mail as another courier holds it, whose turn came when the lease ran out.
    """
    successor = await claim(unit_of_work, now=LEASE_END)
    assert successor is not None
    assert successor.id == claimed.id
    return successor


async def kept(unit_of_work: UnitOfWork, mail: Mail) -> Mail | None:
    """
    Return *mail* as it is kept, if it is.
    """
    async with unit_of_work.begin() as work:
        return await work.outbox.by_id(mail.id)


async def one_buried(unit_of_work: UnitOfWork, mail: Mail, *, error: str = "rejected 550") -> Mail:
    """
    Return *mail*, kept and given up.
    """
    claimed = await one_claimed(unit_of_work, mail)
    async with unit_of_work.begin() as work:
        assert await work.outbox.bury(claimed, error=error)
        dead = await work.outbox.by_id(mail.id)
    assert dead is not None
    return dead


async def one_sent(unit_of_work: UnitOfWork, mail: Mail) -> Mail:
    """
    Return *mail*, kept and sent.
    """
    claimed = await one_claimed(unit_of_work, mail)
    async with unit_of_work.begin() as work:
        assert await work.outbox.finish(claimed, now=NOW)
        sent = await work.outbox.by_id(mail.id)
    assert sent is not None
    return sent


async def put_back(unit_of_work: UnitOfWork, mail: Mail, *, error: str, due_at: datetime) -> None:
    """
    Let the claimed *mail* be tried again.
    """
    claimed = await one_claimed(unit_of_work, mail)
    async with unit_of_work.begin() as work:
        assert await work.outbox.retry(claimed, due_at=due_at, error=error)


async def give_back(unit_of_work: UnitOfWork, mail: Mail) -> bool:
    """
    Give the claimed *mail* back; tell whether its lease was held.
    """
    async with unit_of_work.begin() as work:
        return await work.outbox.give_back(mail)


async def revive(unit_of_work: UnitOfWork, mail: Mail, *, now: datetime = NOW) -> bool:
    """
    Revive *mail*; tell whether it was.
    """
    async with unit_of_work.begin() as work:
        return await work.outbox.revive(mail.id, now=now, expires_at=now + HOUR)


async def drop(unit_of_work: UnitOfWork, mail: Mail) -> bool:
    """
    Drop *mail*; tell whether it was.
    """
    async with unit_of_work.begin() as work:
        return await work.outbox.drop(mail.id)


async def newest(unit_of_work: UnitOfWork, *, state: MailState | None = None, limit: int = 10) -> list[Mail]:
    """
    Return the latest mails.
    """
    async with unit_of_work.begin() as work:
        return list(await work.outbox.newest(state=state, limit=limit))


async def backlog(unit_of_work: UnitOfWork, *, now: datetime = NOW) -> Backlog:
    """
    Return what keeps mail from its readers.
    """
    async with unit_of_work.begin() as work:
        return await work.outbox.backlog(now=now)


async def prune(unit_of_work: UnitOfWork, *, before: datetime, error: str | None = None, limit: int = 10) -> int:
    """
    Prune sent mail; return how much.
    """
    async with unit_of_work.begin() as work:
        return await work.outbox.prune(MailState.DEAD, before=before, error=error, limit=limit)
