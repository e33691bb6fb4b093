"""
What every ``Outbox`` keeps for whoever looks after it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from todo_core.contracts.outbox_steps import (
    LEASE_END,
    add,
    backlog,
    claim,
    drop,
    give_back,
    kept,
    newest,
    one_buried,
    one_claimed,
    one_sent,
    prune,
    put_back,
    revive,
    taken_over,
)
from todo_core.contracts.samples import HOUR, INSTANT, MINUTE, NOW, a_mail, fresh_uuid
from todo_core.model.email import EmailAddress
from todo_core.model.mail import NO_ACCOUNT, Backlog, MailKind, MailState
from todo_core.ports import UnitOfWork


class OutboxUpkeepContract:
    """
    The promises about mail that is given back, revived, dropped, counted and pruned; ``OutboxContract`` has the others.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the outbox in it, empty.
        wakings: a sequence that grows by one each time a courier would be woken.
    """

    async def test_a_mail_that_is_given_back_is_as_it_was(
        self, unit_of_work: UnitOfWork, wakings: Sequence[object]
    ) -> None:
        """
        It waits as before it was claimed, for its attempt does not count, and a courier is woken.
        """
        await put_back(unit_of_work, a_mail(), error="unavailable 421", due_at=NOW)
        [before] = await newest(unit_of_work)
        claimed = await claim(unit_of_work)
        assert claimed is not None
        woken = len(wakings)
        assert await give_back(unit_of_work, claimed)
        assert await kept(unit_of_work, claimed) == before
        assert len(wakings) == woken + 1
        assert await claim(unit_of_work) is not None

    async def test_a_mail_that_is_given_back_gives_way(self, unit_of_work: UnitOfWork) -> None:
        """
        One that came meanwhile is sent as it is; the one that was given back is forgotten.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        newer = a_mail()
        await add(unit_of_work, newer)
        assert await give_back(unit_of_work, claimed)
        assert await newest(unit_of_work) == [newer]

    async def test_a_lost_lease_gives_nothing_back(self, unit_of_work: UnitOfWork, wakings: Sequence[object]) -> None:
        """
        Whoever lost the lease to another is told so, the mail is the other's, and nobody is woken.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        successor = await taken_over(unit_of_work, claimed)
        woken = len(wakings)
        assert not await give_back(unit_of_work, claimed)
        assert await kept(unit_of_work, claimed) == successor
        assert len(wakings) == woken

    async def test_a_dead_mail_is_revived(self, unit_of_work: UnitOfWork, wakings: Sequence[object]) -> None:
        """
        It is due at once, as good as new, lives until the hour that was told, and a courier is woken.
        """
        dead = await one_buried(unit_of_work, a_mail(due_at=NOW - HOUR))
        woken = len(wakings)
        assert await revive(unit_of_work, dead, now=NOW + MINUTE)
        revived = evolve(
            dead,
            state=MailState.WAITING,
            attempts=0,
            due_at=NOW + MINUTE,
            expires_at=NOW + MINUTE + HOUR,
            last_error=None,
        )
        assert await kept(unit_of_work, dead) == revived
        assert len(wakings) == woken + 1
        assert await claim(unit_of_work, now=NOW + MINUTE) is not None

    async def test_a_waiting_mail_is_revived(self, unit_of_work: UnitOfWork) -> None:
        """
        It need not wait any longer.
        """
        mail = a_mail(due_at=NOW + HOUR)
        await add(unit_of_work, mail)
        assert await revive(unit_of_work, mail)
        assert await kept(unit_of_work, mail) == evolve(mail, due_at=NOW, expires_at=NOW + HOUR)

    async def test_what_was_sent_or_is_on_its_way_is_not_revived(
        self, unit_of_work: UnitOfWork, wakings: Sequence[object]
    ) -> None:
        """
        Nor is a mail that is not kept; each stays as it is, and nobody is woken.
        """
        sent = await one_sent(unit_of_work, a_mail())
        sending = await one_claimed(unit_of_work, a_mail())
        woken = len(wakings)
        for mail in (sent, sending, a_mail()):
            assert not await revive(unit_of_work, mail)
        assert len(wakings) == woken
        assert await newest(unit_of_work) == [sending, sent]

    async def test_a_dead_mail_stays_dead_while_another_waits(self, unit_of_work: UnitOfWork) -> None:
        """
        Of two of one kind for one address, the one that waits is sent, as it is.
        """
        dead = await one_buried(unit_of_work, a_mail())
        waiting, elsewhere = a_mail(due_at=NOW + MINUTE), a_mail("bob@example.org")
        await add(unit_of_work, waiting, elsewhere)
        assert not await revive(unit_of_work, dead)
        assert await newest(unit_of_work) == [elsewhere, waiting, dead]

    async def test_a_dead_mail_is_revived_beside_one_about_another_thing(self, unit_of_work: UnitOfWork) -> None:
        """
        It stays dead only while one about its own thing waits.
        """
        dead = await one_buried(unit_of_work, a_mail(about=fresh_uuid()))
        await add(unit_of_work, a_mail(about=fresh_uuid()), a_mail())
        waiting = a_mail(about=dead.about)
        await add(unit_of_work, waiting)
        assert not await revive(unit_of_work, dead)
        assert await drop(unit_of_work, waiting)
        assert await revive(unit_of_work, dead)

    async def test_a_mail_is_dropped(self, unit_of_work: UnitOfWork) -> None:
        """
        It is forgotten, whether it waits, was sent or is dead, and no other is; what is not kept cannot be.
        """
        sent = await one_sent(unit_of_work, a_mail())
        dead = await one_buried(unit_of_work, a_mail())
        waiting, other = a_mail(), a_mail("bob@example.org")
        await add(unit_of_work, waiting, other)
        for mail in (sent, dead, waiting):
            assert await drop(unit_of_work, mail)
            assert not await drop(unit_of_work, mail)
        assert await newest(unit_of_work) == [other]

    async def test_a_mail_on_its_way_is_not_dropped(self, unit_of_work: UnitOfWork) -> None:
        """
        It belongs to whoever holds its lease.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        assert not await drop(unit_of_work, claimed)
        assert await kept(unit_of_work, claimed) == claimed

    async def test_an_address_is_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """
        Every mail to it goes, whatever its state and kind, and no other; forgetting nothing is no fault.
        """
        sent = await one_sent(unit_of_work, a_mail())
        dead = await one_buried(unit_of_work, a_mail())
        sending = await one_claimed(unit_of_work, a_mail())
        waiting, notice = a_mail(), a_mail(kind=MailKind.EMAIL_CHANGED)
        other = a_mail("bob@example.org")
        await add(unit_of_work, waiting, notice, other)
        for _ in range(2):
            async with unit_of_work.begin() as work:
                await work.outbox.forget(waiting.address)
            mails = (sent, dead, sending, waiting, notice)
            assert [await kept(unit_of_work, mail) for mail in mails] == [None] * len(mails)
            assert await kept(unit_of_work, other) == other

    async def test_all_that_is_unfinished_is_buried(self, unit_of_work: UnitOfWork) -> None:
        """
        What waits and what is on its way is given up for the reason that was told, and counted.

        What was sent or is dead stays as it is, and what is due later and was never tried; whoever held the lease of
        one finds it lost.
        """
        sent = await one_sent(unit_of_work, a_mail())
        dead = await one_buried(unit_of_work, a_mail())
        sending = await one_claimed(unit_of_work, a_mail())
        tried = await one_claimed(unit_of_work, a_mail("tried@example.org"))
        waiting, later = a_mail(), evolve(a_mail("later@example.org"), due_at=NOW + INSTANT)
        await add(unit_of_work, waiting)
        await add(unit_of_work, later)
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(evolve(tried, attempts=0), due_at=NOW + HOUR, error="away")
            assert await work.outbox.bury_all(now=NOW, error="restored") == 3
            assert await work.outbox.bury_all(now=NOW, error="restored") == 0
        for mail in (sending, waiting):
            buried = evolve(mail, state=MailState.DEAD, last_error="restored", lease=None, lease_until=None)
            assert await kept(unit_of_work, mail) == buried
        assert [await kept(unit_of_work, mail) for mail in (sent, dead)] == [sent, dead]
        async with unit_of_work.begin() as work:
            assert not await work.outbox.finish(sending, now=NOW)
        assert await kept(unit_of_work, later) == later

    async def test_the_mails_to_an_address(self, unit_of_work: UnitOfWork) -> None:
        """
        Every one is returned, whatever its state and kind, newest first.
        """
        sent = await one_sent(unit_of_work, a_mail())
        dead = await one_buried(unit_of_work, a_mail(kind=MailKind.EMAIL_CHANGED))
        waiting, other = a_mail(due_at=NOW - HOUR), a_mail("bob@example.org")
        await add(unit_of_work, waiting, other)
        async with unit_of_work.begin() as work:
            assert list(await work.outbox.to_address(sent.address)) == [waiting, dead, sent]
            assert list(await work.outbox.to_address(EmailAddress("nobody@example.org"))) == []

    async def test_the_newest_mails(self, unit_of_work: UnitOfWork) -> None:
        """
        So many of the latest are returned, newest first, of one state if it is given.
        """
        dead = [await one_buried(unit_of_work, a_mail(f"dead{number}@example.org")) for number in range(3)]
        waiting = a_mail()
        await add(unit_of_work, waiting)
        assert await newest(unit_of_work) == [waiting, *reversed(dead)]
        assert await newest(unit_of_work, limit=2) == [waiting, dead[2]]
        assert await newest(unit_of_work, state=MailState.DEAD, limit=2) == [dead[2], dead[1]]
        assert await newest(unit_of_work, state=MailState.SENT) == []

    async def test_since_when_mail_is_due(self, unit_of_work: UnitOfWork) -> None:
        """
        The hour of the mail that has been due longest is told, and none when nothing is due.
        """
        assert await backlog(unit_of_work) == Backlog()
        await add(unit_of_work, a_mail(due_at=NOW), a_mail("bob@example.org", due_at=NOW - MINUTE))
        assert await backlog(unit_of_work, now=NOW - HOUR) == Backlog()
        assert await backlog(unit_of_work) == Backlog(oldest_due=NOW - MINUTE)

    async def test_a_mail_on_its_way_is_due_when_its_lease_runs_out(self, unit_of_work: UnitOfWork) -> None:
        """
        What nobody works for any more is due since the end of the lease.
        """
        await one_claimed(unit_of_work, a_mail())
        assert (await backlog(unit_of_work, now=LEASE_END - INSTANT)).oldest_due is None
        assert (await backlog(unit_of_work, now=NOW + HOUR)).oldest_due == LEASE_END

    async def test_the_latest_misconfiguration_is_told(self, unit_of_work: UnitOfWork) -> None:
        """
        As long as mail waits because of one; other reasons are none.
        """
        mails = [a_mail(f"user{number}@example.org", due_at=NOW - HOUR) for number in range(3)]
        await put_back(unit_of_work, mails[0], error="misconfigured mail 530", due_at=NOW + 2 * MINUTE)
        await put_back(unit_of_work, mails[1], error="misconfigured login 535", due_at=NOW + MINUTE)
        await put_back(unit_of_work, mails[2], error="unavailable 421", due_at=NOW + HOUR)
        assert await backlog(unit_of_work) == Backlog(misconfigured="misconfigured mail 530")
        await drop(unit_of_work, mails[0])
        assert await backlog(unit_of_work) == Backlog(misconfigured="misconfigured login 535")
        last = await claim(unit_of_work, now=NOW + MINUTE)
        assert last is not None
        async with unit_of_work.begin() as work:
            await work.outbox.bury(last, error="misconfigured login 535")
        assert await backlog(unit_of_work) == Backlog()

    async def test_mails_are_counted_by_state(self, unit_of_work: UnitOfWork) -> None:
        """
        Each state is told, those included in which there is no mail.
        """
        async with unit_of_work.begin() as work:
            assert await work.outbox.count() == dict.fromkeys(MailState, 0)
        await one_sent(unit_of_work, a_mail())
        await one_buried(unit_of_work, a_mail())
        await one_claimed(unit_of_work, a_mail())
        await add(unit_of_work, a_mail(), a_mail("bob@example.org"))
        async with unit_of_work.begin() as work:
            counted = await work.outbox.count()
        assert counted == {MailState.WAITING: 2, MailState.SENDING: 1, MailState.SENT: 1, MailState.DEAD: 1}

    async def test_old_mail_is_pruned(self, unit_of_work: UnitOfWork) -> None:
        """
        What is in the state and was written before the moment is forgotten, and nothing else.
        """
        dead = await one_buried(unit_of_work, a_mail())
        sent = await one_sent(unit_of_work, a_mail())
        assert await prune(unit_of_work, before=NOW) == 0
        assert await prune(unit_of_work, before=NOW + INSTANT) == 1
        assert await kept(unit_of_work, dead) is None
        assert await newest(unit_of_work) == [sent]

    async def test_mail_is_pruned_by_its_last_error(self, unit_of_work: UnitOfWork) -> None:
        """
        If an error is given, only those are forgotten whose last one it is.
        """
        other = await one_buried(unit_of_work, a_mail())
        await one_buried(unit_of_work, a_mail(), error=NO_ACCOUNT)
        assert await prune(unit_of_work, before=NOW + INSTANT, error=NO_ACCOUNT) == 1
        assert await newest(unit_of_work) == [other]

    async def test_no_more_is_pruned_than_asked(self, unit_of_work: UnitOfWork) -> None:
        """
        So many at a time, until none is left.
        """
        for _ in range(3):
            await one_buried(unit_of_work, a_mail())
        assert [await prune(unit_of_work, before=NOW + HOUR, limit=2) for _ in range(3)] == [2, 1, 0]
