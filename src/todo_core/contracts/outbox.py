"""
What every ``Outbox`` keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from attrs import evolve

from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import HOUR, INSTANT, MINUTE, NOW, a_mail, fresh_uuid
from todo_core.errors import InvalidToken
from todo_core.model.email import EmailAddress
from todo_core.model.ids import UserId
from todo_core.model.mail import NO_ACCOUNT, Backlog, Mail, MailKind, MailState
from todo_core.ports import UnitOfWork

LEASE_END = NOW + MINUTE


async def _add(unit_of_work: UnitOfWork, *mails: Mail) -> None:
    for mail in mails:
        async with unit_of_work.begin() as work:
            await work.outbox.add(mail)


async def _claim(unit_of_work: UnitOfWork, *, now: datetime = NOW) -> Mail | None:
    async with unit_of_work.begin() as work:
        return await work.outbox.claim(now=now, lease=fresh_uuid(), lease_until=now + MINUTE)


async def _claimed(unit_of_work: UnitOfWork, mail: Mail) -> Mail:
    await _add(unit_of_work, mail)
    claimed = await _claim(unit_of_work)
    assert claimed is not None
    assert claimed.id == mail.id
    return claimed


async def _taken_over(unit_of_work: UnitOfWork, claimed: Mail) -> Mail:
    successor = await _claim(unit_of_work, now=LEASE_END)
    assert successor is not None
    assert successor.id == claimed.id
    return successor


async def _kept(unit_of_work: UnitOfWork, mail: Mail) -> Mail | None:
    async with unit_of_work.begin() as work:
        return await work.outbox.by_id(mail.id)


async def _buried(unit_of_work: UnitOfWork, mail: Mail, *, error: str = "rejected 550") -> Mail:
    claimed = await _claimed(unit_of_work, mail)
    async with unit_of_work.begin() as work:
        assert await work.outbox.bury(claimed, error=error)
        dead = await work.outbox.by_id(mail.id)
    assert dead is not None
    return dead


async def _sent(unit_of_work: UnitOfWork, mail: Mail) -> Mail:
    claimed = await _claimed(unit_of_work, mail)
    async with unit_of_work.begin() as work:
        assert await work.outbox.finish(claimed, now=NOW)
        sent = await work.outbox.by_id(mail.id)
    assert sent is not None
    return sent


async def _put_back(unit_of_work: UnitOfWork, mail: Mail, *, error: str, due_at: datetime) -> None:
    claimed = await _claimed(unit_of_work, mail)
    async with unit_of_work.begin() as work:
        assert await work.outbox.retry(claimed, due_at=due_at, error=error)


async def _give_back(unit_of_work: UnitOfWork, mail: Mail) -> bool:
    async with unit_of_work.begin() as work:
        return await work.outbox.give_back(mail)


async def _revive(unit_of_work: UnitOfWork, mail: Mail, *, now: datetime = NOW) -> bool:
    async with unit_of_work.begin() as work:
        return await work.outbox.revive(mail.id, now=now, expires_at=now + HOUR)


async def _drop(unit_of_work: UnitOfWork, mail: Mail) -> bool:
    async with unit_of_work.begin() as work:
        return await work.outbox.drop(mail.id)


async def _newest(unit_of_work: UnitOfWork, *, state: MailState | None = None, limit: int = 10) -> list[Mail]:
    async with unit_of_work.begin() as work:
        return list(await work.outbox.newest(state=state, limit=limit))


async def _backlog(unit_of_work: UnitOfWork, *, now: datetime = NOW) -> Backlog:
    async with unit_of_work.begin() as work:
        return await work.outbox.backlog(now=now)


async def _prune(unit_of_work: UnitOfWork, *, before: datetime, error: str | None = None, limit: int = 10) -> int:
    async with unit_of_work.begin() as work:
        return await work.outbox.prune(MailState.DEAD, before=before, error=error, limit=limit)


class OutboxContract:
    """
    The promises of ``Outbox``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the outbox in it, empty.
        wakings: a sequence that grows by one each time a courier would be woken.
    """

    async def test_an_added_mail_is_kept(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail is found by its id, with all that was kept.
        """
        mail = a_mail()
        await _add(unit_of_work, mail)
        assert await _kept(unit_of_work, mail) == mail
        assert await _kept(unit_of_work, a_mail()) is None

    async def test_a_mail_need_not_name_a_language(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail is kept with its language, and without one when nobody told any.
        """
        mail = a_mail(locale=None)
        await _add(unit_of_work, mail)
        assert await _kept(unit_of_work, mail) == mail

    async def test_a_mail_may_tell_whom_it_concerns(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail is kept with the user it concerns, from one hand to the next.
        """
        mail = a_mail(user_id=UserId(fresh_uuid()))
        await _add(unit_of_work, mail)
        assert await _kept(unit_of_work, mail) == mail
        claimed = await _claim(unit_of_work)
        assert claimed is not None
        assert claimed.user_id == mail.user_id
        assert await _give_back(unit_of_work, claimed)
        assert await _kept(unit_of_work, mail) == mail

    async def test_a_courier_is_woken_after_the_unit_of_work(
        self, unit_of_work: UnitOfWork, wakings: Sequence[object]
    ) -> None:
        """
        A courier is woken once the mail can be claimed, not before.
        """
        async with unit_of_work.begin() as work:
            await work.outbox.add(a_mail())
            assert len(wakings) == 0
        assert len(wakings) == 1

    async def test_nobody_is_woken_for_nothing(self, unit_of_work: UnitOfWork, wakings: Sequence[object]) -> None:
        """
        No courier is woken for a mail that was not kept, nor when none was added.
        """
        with raises(InvalidToken):
            async with unit_of_work.begin() as work:
                await work.outbox.add(a_mail())
                raise InvalidToken
        assert await _claim(unit_of_work) is None
        assert len(wakings) == 0

    async def test_a_waiting_mail_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        One of the same kind that waits for the same address gives its place to the new one.
        """
        first = a_mail(note="first", expires_at=NOW + 2 * HOUR)
        second = a_mail(note="second", expires_at=NOW + HOUR)
        await _add(unit_of_work, first, second)
        assert await _kept(unit_of_work, first) is None
        assert await _kept(unit_of_work, second) == second

    async def test_a_mail_that_was_tried_is_replaced_too(self, unit_of_work: UnitOfWork) -> None:
        """
        The new one has a life and attempts of its own, and is due at once, however often the other was tried.
        """
        tried = await _claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            await work.outbox.retry(tried, due_at=NOW + HOUR, error="unavailable 421")
        another = a_mail()
        await _add(unit_of_work, another)
        assert await _kept(unit_of_work, tried) is None
        assert await _kept(unit_of_work, another) == another
        claimed = await _claim(unit_of_work)
        assert claimed is not None
        assert (claimed.id, claimed.attempts) == (another.id, 1)

    async def test_other_kinds_and_addresses_are_left_alone(self, unit_of_work: UnitOfWork) -> None:
        """
        What is of another kind, or for another address, is kept for itself.
        """
        mails = [a_mail(), a_mail("bob@example.org"), a_mail(kind=MailKind.VERIFY_EMAIL)]
        await _add(unit_of_work, *mails)
        assert [await _kept(unit_of_work, mail) for mail in mails] == mails

    async def test_what_is_about_other_things_is_left_alone(self, unit_of_work: UnitOfWork) -> None:
        """
        Mails about several things wait side by side, beside one about nothing; each is replaced by its like alone.
        """
        one, other = fresh_uuid(), fresh_uuid()
        mails = [a_mail(about=about) for about in (one, other, None)]
        await _add(unit_of_work, *mails)
        assert [await _kept(unit_of_work, mail) for mail in mails] == mails
        newer = a_mail(about=one)
        await _add(unit_of_work, newer)
        assert [await _kept(unit_of_work, mail) for mail in (*mails, newer)] == [None, *mails[1:], newer]
        plain = a_mail()
        await _add(unit_of_work, plain)
        assert [await _kept(unit_of_work, mail) for mail in (*mails, newer, plain)] == [
            None,
            mails[1],
            None,
            newer,
            plain,
        ]

    async def test_only_what_waits_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail that is on its way, was sent or was given up stays: another is kept beside it.
        """
        sent = await _claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            await work.outbox.finish(sent, now=NOW)
        dead = await _claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            await work.outbox.bury(dead, error="rejected 550")
        sending = await _claimed(unit_of_work, a_mail())
        another = a_mail()
        await _add(unit_of_work, another)
        assert await _kept(unit_of_work, sending) == sending
        assert await _kept(unit_of_work, another) == another

    async def test_of_many_added_at_once_one_waits(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several mails of one kind to one address, added at once, one is kept.
        """
        mails = [a_mail() for _ in range(8)]
        await asyncio.gather(*(_add(unit_of_work, mail) for mail in mails))
        kept = [await _kept(unit_of_work, mail) for mail in mails]
        assert len([mail for mail in kept if mail is not None]) == 1

    async def test_a_claim_counts_the_attempt(self, unit_of_work: UnitOfWork) -> None:
        """
        The claimed mail is on its way, belongs to the lease, and has one attempt more.
        """
        mail, lease = a_mail(), fresh_uuid()
        await _add(unit_of_work, mail)
        async with unit_of_work.begin() as work:
            claimed = await work.outbox.claim(now=NOW, lease=lease, lease_until=LEASE_END)
        assert claimed == evolve(mail, state=MailState.SENDING, attempts=1, lease=lease, lease_until=LEASE_END)
        assert await _kept(unit_of_work, mail) == claimed

    async def test_nothing_is_due(self, unit_of_work: UnitOfWork) -> None:
        """
        None means that there is no mail whose hour has come.
        """
        assert await _claim(unit_of_work) is None
        await _add(unit_of_work, a_mail(due_at=NOW))
        assert await _claim(unit_of_work, now=NOW - INSTANT) is None
        assert await _claim(unit_of_work, now=NOW) is not None

    async def test_the_longest_due_comes_first(self, unit_of_work: UnitOfWork) -> None:
        """
        Mails are claimed in the order in which they became due.
        """
        dues = [NOW - minutes * MINUTE for minutes in (1, 3, 2)]
        mails = [a_mail(f"user{number}@example.org", due_at=due_at) for number, due_at in enumerate(dues)]
        await _add(unit_of_work, *mails)
        claims = [await _claim(unit_of_work) for _ in mails]
        assert [claim and claim.id for claim in claims] == [mails[1].id, mails[2].id, mails[0].id]

    async def test_many_who_claim_at_once_get_different_mails(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several who claim at once, each gets another mail; who comes too late gets none.
        """
        mails = [a_mail(f"user{number}@example.org") for number in range(8)]
        await _add(unit_of_work, *mails)
        claims = await asyncio.gather(*(_claim(unit_of_work) for _ in range(12)))
        claimed = [claim.id for claim in claims if claim is not None]
        assert sorted(claimed) == sorted(mail.id for mail in mails)

    async def test_a_claim_that_comes_to_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail that was claimed in a unit of work that failed is as it was before.
        """
        mail = a_mail()
        await _add(unit_of_work, mail)
        with raises(InvalidToken):
            async with unit_of_work.begin() as work:
                assert await work.outbox.claim(now=NOW, lease=fresh_uuid(), lease_until=LEASE_END) is not None
                raise InvalidToken
        assert await _kept(unit_of_work, mail) == mail
        assert await _claim(unit_of_work) is not None

    async def test_a_claimed_mail_belongs_to_its_holder(self, unit_of_work: UnitOfWork) -> None:
        """
        Nobody else gets a claimed mail before its lease runs out; then somebody may.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        assert await _claim(unit_of_work, now=LEASE_END - INSTANT) is None
        again = await _claim(unit_of_work, now=LEASE_END)
        assert again is not None
        assert (again.id, again.attempts) == (claimed.id, 2)
        assert again.lease != claimed.lease

    async def test_a_finished_mail_was_sent(self, unit_of_work: UnitOfWork) -> None:
        """
        It is sent since that moment, has no lease, and is never due again.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            assert await work.outbox.finish(claimed, now=NOW)
        sent = evolve(claimed, state=MailState.SENT, sent_at=NOW, lease=None, lease_until=None)
        assert await _kept(unit_of_work, claimed) == sent
        assert await _claim(unit_of_work, now=NOW + HOUR) is None

    async def test_a_buried_mail_is_dead(self, unit_of_work: UnitOfWork) -> None:
        """
        It is dead for the reason that was told, has no lease, and is never due again.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            assert await work.outbox.bury(claimed, error="rejected 550")
        dead = evolve(claimed, state=MailState.DEAD, last_error="rejected 550", lease=None, lease_until=None)
        assert await _kept(unit_of_work, claimed) == dead
        assert await _claim(unit_of_work, now=NOW + HOUR) is None

    async def test_a_retried_mail_waits(self, unit_of_work: UnitOfWork) -> None:
        """
        It waits until its new hour, for the reason that was told, and is claimed again then.
        """
        claimed, later = await _claimed(unit_of_work, a_mail()), NOW + 5 * MINUTE
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(claimed, due_at=later, error="unavailable 421")
        waiting = evolve(
            claimed, state=MailState.WAITING, due_at=later, last_error="unavailable 421", lease=None, lease_until=None
        )
        assert await _kept(unit_of_work, claimed) == waiting
        assert await _claim(unit_of_work, now=later - INSTANT) is None
        again = await _claim(unit_of_work, now=later)
        assert again is not None
        assert (again.id, again.attempts) == (claimed.id, 2)

    async def test_a_retry_keeps_the_attempts_it_carries(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail that was not at fault can be given its attempt back.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(evolve(claimed, attempts=0), due_at=NOW, error="misconfigured 535")
        again = await _claim(unit_of_work)
        assert again is not None
        assert again.attempts == 1

    async def test_a_retried_mail_gives_way_to_one_that_waits(self, unit_of_work: UnitOfWork) -> None:
        """
        One that came meanwhile is sent as it is; the one that was tried is forgotten.
        """
        claimed = await _claimed(unit_of_work, a_mail(note="first", expires_at=NOW + 2 * HOUR))
        newer = a_mail(note="second", expires_at=NOW + HOUR)
        await _add(unit_of_work, newer)
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(claimed, due_at=NOW + HOUR, error="unavailable 421")
        assert await _kept(unit_of_work, claimed) is None
        assert await _kept(unit_of_work, newer) == newer

    async def test_a_retried_mail_gives_no_way_to_one_about_another_thing(self, unit_of_work: UnitOfWork) -> None:
        """
        Tried again or given back, it waits beside those about other things, and gives way to one about its own.
        """
        about, later = fresh_uuid(), NOW + HOUR
        retried = await _claimed(unit_of_work, a_mail(about=about))
        others = [a_mail(due_at=later), a_mail(about=fresh_uuid(), due_at=later)]
        await _add(unit_of_work, *others)
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(retried, due_at=NOW, error="unavailable 421")
        claimed = await _claim(unit_of_work)
        assert claimed is not None
        assert claimed.id == retried.id
        assert await _give_back(unit_of_work, claimed)
        claimed = await _claim(unit_of_work)
        assert claimed is not None
        assert claimed.id == retried.id
        newer = a_mail(about=about, due_at=later)
        await _add(unit_of_work, newer)
        assert await _give_back(unit_of_work, claimed)
        assert await _kept(unit_of_work, retried) is None
        assert [await _kept(unit_of_work, mail) for mail in (*others, newer)] == [*others, newer]

    async def test_a_mail_added_while_one_is_retried_stays(self, unit_of_work: UnitOfWork) -> None:
        """
        Whichever of the two comes first, the newer one waits in the end, and it alone.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        newer = a_mail()

        async def retry() -> bool:
            async with unit_of_work.begin() as work:
                return await work.outbox.retry(claimed, due_at=NOW, error="unavailable 421")

        held, _ = await asyncio.gather(retry(), _add(unit_of_work, newer))
        assert held
        assert await _kept(unit_of_work, claimed) is None
        assert await _kept(unit_of_work, newer) == newer

    async def test_a_lost_lease_finishes_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever lost the lease to another is told so, and the mail is the other's.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        successor = await _taken_over(unit_of_work, claimed)
        async with unit_of_work.begin() as work:
            assert not await work.outbox.finish(claimed, now=NOW)
        assert await _kept(unit_of_work, claimed) == successor

    async def test_a_lost_lease_buries_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever lost the lease to another is told so, and the mail is the other's.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        successor = await _taken_over(unit_of_work, claimed)
        async with unit_of_work.begin() as work:
            assert not await work.outbox.bury(claimed, error="rejected 550")
        assert await _kept(unit_of_work, claimed) == successor

    async def test_a_lost_lease_retries_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever lost the lease to another is told so, and the mail is the other's, also when another waits.
        """
        claimed = await _claimed(unit_of_work, a_mail(expires_at=NOW + 2 * HOUR))
        successor = await _taken_over(unit_of_work, claimed)
        waiting = a_mail(due_at=NOW + HOUR)
        await _add(unit_of_work, waiting)
        async with unit_of_work.begin() as work:
            assert not await work.outbox.retry(claimed, due_at=NOW, error="unavailable 421")
        assert await _kept(unit_of_work, claimed) == successor
        assert await _kept(unit_of_work, waiting) == waiting

    async def test_a_lease_ends_with_the_mail(self, unit_of_work: UnitOfWork) -> None:
        """
        Once the mail is sent, its lease is held no more.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            assert await work.outbox.finish(claimed, now=NOW)
            assert not await work.outbox.finish(claimed, now=NOW)
            assert not await work.outbox.retry(claimed, due_at=NOW, error="unavailable 421")
            assert not await work.outbox.bury(claimed, error="rejected 550")

    async def test_a_mail_that_is_given_back_is_as_it_was(
        self, unit_of_work: UnitOfWork, wakings: Sequence[object]
    ) -> None:
        """
        It waits as before it was claimed, for its attempt does not count, and a courier is woken.
        """
        await _put_back(unit_of_work, a_mail(), error="unavailable 421", due_at=NOW)
        [before] = await _newest(unit_of_work)
        claimed = await _claim(unit_of_work)
        assert claimed is not None
        woken = len(wakings)
        assert await _give_back(unit_of_work, claimed)
        assert await _kept(unit_of_work, claimed) == before
        assert len(wakings) == woken + 1
        assert await _claim(unit_of_work) is not None

    async def test_a_mail_that_is_given_back_gives_way(self, unit_of_work: UnitOfWork) -> None:
        """
        One that came meanwhile is sent as it is; the one that was given back is forgotten.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        newer = a_mail()
        await _add(unit_of_work, newer)
        assert await _give_back(unit_of_work, claimed)
        assert await _newest(unit_of_work) == [newer]

    async def test_a_lost_lease_gives_nothing_back(self, unit_of_work: UnitOfWork, wakings: Sequence[object]) -> None:
        """
        Whoever lost the lease to another is told so, the mail is the other's, and nobody is woken.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        successor = await _taken_over(unit_of_work, claimed)
        woken = len(wakings)
        assert not await _give_back(unit_of_work, claimed)
        assert await _kept(unit_of_work, claimed) == successor
        assert len(wakings) == woken

    async def test_a_dead_mail_is_revived(self, unit_of_work: UnitOfWork, wakings: Sequence[object]) -> None:
        """
        It is due at once, as good as new, lives until the hour that was told, and a courier is woken.
        """
        dead = await _buried(unit_of_work, a_mail(due_at=NOW - HOUR))
        woken = len(wakings)
        assert await _revive(unit_of_work, dead, now=NOW + MINUTE)
        revived = evolve(
            dead,
            state=MailState.WAITING,
            attempts=0,
            due_at=NOW + MINUTE,
            expires_at=NOW + MINUTE + HOUR,
            last_error=None,
        )
        assert await _kept(unit_of_work, dead) == revived
        assert len(wakings) == woken + 1
        assert await _claim(unit_of_work, now=NOW + MINUTE) is not None

    async def test_a_waiting_mail_is_revived(self, unit_of_work: UnitOfWork) -> None:
        """
        It need not wait any longer.
        """
        mail = a_mail(due_at=NOW + HOUR)
        await _add(unit_of_work, mail)
        assert await _revive(unit_of_work, mail)
        assert await _kept(unit_of_work, mail) == evolve(mail, due_at=NOW, expires_at=NOW + HOUR)

    async def test_what_was_sent_or_is_on_its_way_is_not_revived(
        self, unit_of_work: UnitOfWork, wakings: Sequence[object]
    ) -> None:
        """
        Nor is a mail that is not kept; each stays as it is, and nobody is woken.
        """
        sent = await _sent(unit_of_work, a_mail())
        sending = await _claimed(unit_of_work, a_mail())
        woken = len(wakings)
        for mail in (sent, sending, a_mail()):
            assert not await _revive(unit_of_work, mail)
        assert len(wakings) == woken
        assert await _newest(unit_of_work) == [sending, sent]

    async def test_a_dead_mail_stays_dead_while_another_waits(self, unit_of_work: UnitOfWork) -> None:
        """
        Of two of one kind for one address, the one that waits is sent, as it is.
        """
        dead = await _buried(unit_of_work, a_mail())
        waiting, elsewhere = a_mail(due_at=NOW + MINUTE), a_mail("bob@example.org")
        await _add(unit_of_work, waiting, elsewhere)
        assert not await _revive(unit_of_work, dead)
        assert await _newest(unit_of_work) == [elsewhere, waiting, dead]

    async def test_a_dead_mail_is_revived_beside_one_about_another_thing(self, unit_of_work: UnitOfWork) -> None:
        """
        It stays dead only while one about its own thing waits.
        """
        dead = await _buried(unit_of_work, a_mail(about=fresh_uuid()))
        await _add(unit_of_work, a_mail(about=fresh_uuid()), a_mail())
        waiting = a_mail(about=dead.about)
        await _add(unit_of_work, waiting)
        assert not await _revive(unit_of_work, dead)
        assert await _drop(unit_of_work, waiting)
        assert await _revive(unit_of_work, dead)

    async def test_a_mail_is_dropped(self, unit_of_work: UnitOfWork) -> None:
        """
        It is forgotten, whether it waits, was sent or is dead, and no other is; what is not kept cannot be.
        """
        sent = await _sent(unit_of_work, a_mail())
        dead = await _buried(unit_of_work, a_mail())
        waiting, other = a_mail(), a_mail("bob@example.org")
        await _add(unit_of_work, waiting, other)
        for mail in (sent, dead, waiting):
            assert await _drop(unit_of_work, mail)
            assert not await _drop(unit_of_work, mail)
        assert await _newest(unit_of_work) == [other]

    async def test_a_mail_on_its_way_is_not_dropped(self, unit_of_work: UnitOfWork) -> None:
        """
        It belongs to whoever holds its lease.
        """
        claimed = await _claimed(unit_of_work, a_mail())
        assert not await _drop(unit_of_work, claimed)
        assert await _kept(unit_of_work, claimed) == claimed

    async def test_an_address_is_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """
        Every mail to it goes, whatever its state and kind, and no other; forgetting nothing is no fault.
        """
        sent = await _sent(unit_of_work, a_mail())
        dead = await _buried(unit_of_work, a_mail())
        sending = await _claimed(unit_of_work, a_mail())
        waiting, notice = a_mail(), a_mail(kind=MailKind.EMAIL_CHANGED)
        other = a_mail("bob@example.org")
        await _add(unit_of_work, waiting, notice, other)
        for _ in range(2):
            async with unit_of_work.begin() as work:
                await work.outbox.forget(waiting.address)
            mails = (sent, dead, sending, waiting, notice)
            assert [await _kept(unit_of_work, mail) for mail in mails] == [None] * len(mails)
            assert await _kept(unit_of_work, other) == other

    async def test_all_that_is_unfinished_is_buried(self, unit_of_work: UnitOfWork) -> None:
        """
        What waits and what is on its way is given up for the reason that was told, and counted.

        What was sent or is dead stays as it is, and what is due later and was never tried; whoever held the lease of
        one finds it lost.
        """
        sent = await _sent(unit_of_work, a_mail())
        dead = await _buried(unit_of_work, a_mail())
        sending = await _claimed(unit_of_work, a_mail())
        tried = await _claimed(unit_of_work, a_mail("tried@example.org"))
        waiting, later = a_mail(), evolve(a_mail("later@example.org"), due_at=NOW + INSTANT)
        await _add(unit_of_work, waiting)
        await _add(unit_of_work, later)
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(evolve(tried, attempts=0), due_at=NOW + HOUR, error="away")
            assert await work.outbox.bury_all(now=NOW, error="restored") == 3
            assert await work.outbox.bury_all(now=NOW, error="restored") == 0
        for mail in (sending, waiting):
            buried = evolve(mail, state=MailState.DEAD, last_error="restored", lease=None, lease_until=None)
            assert await _kept(unit_of_work, mail) == buried
        assert [await _kept(unit_of_work, mail) for mail in (sent, dead)] == [sent, dead]
        async with unit_of_work.begin() as work:
            assert not await work.outbox.finish(sending, now=NOW)
        assert await _kept(unit_of_work, later) == later

    async def test_the_mails_to_an_address(self, unit_of_work: UnitOfWork) -> None:
        """
        Every one is returned, whatever its state and kind, newest first.
        """
        sent = await _sent(unit_of_work, a_mail())
        dead = await _buried(unit_of_work, a_mail(kind=MailKind.EMAIL_CHANGED))
        waiting, other = a_mail(due_at=NOW - HOUR), a_mail("bob@example.org")
        await _add(unit_of_work, waiting, other)
        async with unit_of_work.begin() as work:
            assert list(await work.outbox.to_address(sent.address)) == [waiting, dead, sent]
            assert list(await work.outbox.to_address(EmailAddress("nobody@example.org"))) == []

    async def test_the_newest_mails(self, unit_of_work: UnitOfWork) -> None:
        """
        So many of the latest are returned, newest first, of one state if it is given.
        """
        dead = [await _buried(unit_of_work, a_mail(f"dead{number}@example.org")) for number in range(3)]
        waiting = a_mail()
        await _add(unit_of_work, waiting)
        assert await _newest(unit_of_work) == [waiting, *reversed(dead)]
        assert await _newest(unit_of_work, limit=2) == [waiting, dead[2]]
        assert await _newest(unit_of_work, state=MailState.DEAD, limit=2) == [dead[2], dead[1]]
        assert await _newest(unit_of_work, state=MailState.SENT) == []

    async def test_since_when_mail_is_due(self, unit_of_work: UnitOfWork) -> None:
        """
        The hour of the mail that has been due longest is told, and none when nothing is due.
        """
        assert await _backlog(unit_of_work) == Backlog()
        await _add(unit_of_work, a_mail(due_at=NOW), a_mail("bob@example.org", due_at=NOW - MINUTE))
        assert await _backlog(unit_of_work, now=NOW - HOUR) == Backlog()
        assert await _backlog(unit_of_work) == Backlog(oldest_due=NOW - MINUTE)

    async def test_a_mail_on_its_way_is_due_when_its_lease_runs_out(self, unit_of_work: UnitOfWork) -> None:
        """
        What nobody works for any more is due since the end of the lease.
        """
        await _claimed(unit_of_work, a_mail())
        assert (await _backlog(unit_of_work, now=LEASE_END - INSTANT)).oldest_due is None
        assert (await _backlog(unit_of_work, now=NOW + HOUR)).oldest_due == LEASE_END

    async def test_the_latest_misconfiguration_is_told(self, unit_of_work: UnitOfWork) -> None:
        """
        As long as mail waits because of one; other reasons are none.
        """
        mails = [a_mail(f"user{number}@example.org", due_at=NOW - HOUR) for number in range(3)]
        await _put_back(unit_of_work, mails[0], error="misconfigured mail 530", due_at=NOW + 2 * MINUTE)
        await _put_back(unit_of_work, mails[1], error="misconfigured login 535", due_at=NOW + MINUTE)
        await _put_back(unit_of_work, mails[2], error="unavailable 421", due_at=NOW + HOUR)
        assert await _backlog(unit_of_work) == Backlog(misconfigured="misconfigured mail 530")
        await _drop(unit_of_work, mails[0])
        assert await _backlog(unit_of_work) == Backlog(misconfigured="misconfigured login 535")
        last = await _claim(unit_of_work, now=NOW + MINUTE)
        assert last is not None
        async with unit_of_work.begin() as work:
            await work.outbox.bury(last, error="misconfigured login 535")
        assert await _backlog(unit_of_work) == Backlog()

    async def test_mails_are_counted_by_state(self, unit_of_work: UnitOfWork) -> None:
        """
        Each state is told, those included in which there is no mail.
        """
        async with unit_of_work.begin() as work:
            assert await work.outbox.count() == dict.fromkeys(MailState, 0)
        await _sent(unit_of_work, a_mail())
        await _buried(unit_of_work, a_mail())
        await _claimed(unit_of_work, a_mail())
        await _add(unit_of_work, a_mail(), a_mail("bob@example.org"))
        async with unit_of_work.begin() as work:
            counted = await work.outbox.count()
        assert counted == {MailState.WAITING: 2, MailState.SENDING: 1, MailState.SENT: 1, MailState.DEAD: 1}

    async def test_old_mail_is_pruned(self, unit_of_work: UnitOfWork) -> None:
        """
        What is in the state and was written before the moment is forgotten, and nothing else.
        """
        dead = await _buried(unit_of_work, a_mail())
        sent = await _sent(unit_of_work, a_mail())
        assert await _prune(unit_of_work, before=NOW) == 0
        assert await _prune(unit_of_work, before=NOW + INSTANT) == 1
        assert await _kept(unit_of_work, dead) is None
        assert await _newest(unit_of_work) == [sent]

    async def test_mail_is_pruned_by_its_last_error(self, unit_of_work: UnitOfWork) -> None:
        """
        If an error is given, only those are forgotten whose last one it is.
        """
        other = await _buried(unit_of_work, a_mail())
        await _buried(unit_of_work, a_mail(), error=NO_ACCOUNT)
        assert await _prune(unit_of_work, before=NOW + INSTANT, error=NO_ACCOUNT) == 1
        assert await _newest(unit_of_work) == [other]

    async def test_no_more_is_pruned_than_asked(self, unit_of_work: UnitOfWork) -> None:
        """
        So many at a time, until none is left.
        """
        for _ in range(3):
            await _buried(unit_of_work, a_mail())
        assert [await _prune(unit_of_work, before=NOW + HOUR, limit=2) for _ in range(3)] == [2, 1, 0]
