"""
What every ``Outbox`` keeps about mail that is claimed.
"""

from __future__ import annotations

import asyncio

from attrs import evolve

from todo_core.contracts.expectations import raises
from todo_core.contracts.outbox_steps import LEASE_END, add, claim, give_back, kept, one_claimed, taken_over
from todo_core.contracts.samples import HOUR, INSTANT, MINUTE, NOW, a_mail, fresh_uuid
from todo_core.errors import InvalidToken
from todo_core.model.mail import MailState
from todo_core.ports import UnitOfWork


class OutboxClaimsContract:
    """
    The promises about claims and leases; ``OutboxContract`` has the others.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the outbox in it, empty.
    """

    async def test_a_claim_counts_the_attempt(self, unit_of_work: UnitOfWork) -> None:
        """
        The claimed mail is on its way, belongs to the lease, and has one attempt more.
        """
        mail, lease = a_mail(), fresh_uuid()
        await add(unit_of_work, mail)
        async with unit_of_work.begin() as work:
            claimed = await work.outbox.claim(now=NOW, lease=lease, lease_until=LEASE_END)
        assert claimed == evolve(mail, state=MailState.SENDING, attempts=1, lease=lease, lease_until=LEASE_END)
        assert await kept(unit_of_work, mail) == claimed

    async def test_nothing_is_due(self, unit_of_work: UnitOfWork) -> None:
        """
        None means that there is no mail whose hour has come.
        """
        assert await claim(unit_of_work) is None
        await add(unit_of_work, a_mail(due_at=NOW))
        assert await claim(unit_of_work, now=NOW - INSTANT) is None
        assert await claim(unit_of_work, now=NOW) is not None

    async def test_the_longest_due_comes_first(self, unit_of_work: UnitOfWork) -> None:
        """
        Mails are claimed in the order in which they became due.
        """
        dues = [NOW - minutes * MINUTE for minutes in (1, 3, 2)]
        mails = [a_mail(f"user{number}@example.org", due_at=due_at) for number, due_at in enumerate(dues)]
        await add(unit_of_work, *mails)
        claims = [await claim(unit_of_work) for _ in mails]
        assert [claim and claim.id for claim in claims] == [mails[1].id, mails[2].id, mails[0].id]

    async def test_many_who_claim_at_once_get_different_mails(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several who claim at once, each gets another mail; who comes too late gets none.
        """
        mails = [a_mail(f"user{number}@example.org") for number in range(8)]
        await add(unit_of_work, *mails)
        claims = await asyncio.gather(*(claim(unit_of_work) for _ in range(12)))
        claimed = [claim.id for claim in claims if claim is not None]
        assert sorted(claimed) == sorted(mail.id for mail in mails)

    async def test_a_claim_that_comes_to_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail that was claimed in a unit of work that failed is as it was before.
        """
        mail = a_mail()
        await add(unit_of_work, mail)
        with raises(InvalidToken):
            async with unit_of_work.begin() as work:
                assert await work.outbox.claim(now=NOW, lease=fresh_uuid(), lease_until=LEASE_END) is not None
                raise InvalidToken
        assert await kept(unit_of_work, mail) == mail
        assert await claim(unit_of_work) is not None

    async def test_a_claimed_mail_belongs_to_its_holder(self, unit_of_work: UnitOfWork) -> None:
        """
        Nobody else gets a claimed mail before its lease runs out; then somebody may.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        assert await claim(unit_of_work, now=LEASE_END - INSTANT) is None
        again = await claim(unit_of_work, now=LEASE_END)
        assert again is not None
        assert (again.id, again.attempts) == (claimed.id, 2)
        assert again.lease != claimed.lease

    async def test_a_finished_mail_was_sent(self, unit_of_work: UnitOfWork) -> None:
        """
        It is sent since that moment, has no lease, and is never due again.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            assert await work.outbox.finish(claimed, now=NOW)
        sent = evolve(claimed, state=MailState.SENT, sent_at=NOW, lease=None, lease_until=None)
        assert await kept(unit_of_work, claimed) == sent
        assert await claim(unit_of_work, now=NOW + HOUR) is None

    async def test_a_buried_mail_is_dead(self, unit_of_work: UnitOfWork) -> None:
        """
        It is dead for the reason that was told, has no lease, and is never due again.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            assert await work.outbox.bury(claimed, error="rejected 550")
        dead = evolve(claimed, state=MailState.DEAD, last_error="rejected 550", lease=None, lease_until=None)
        assert await kept(unit_of_work, claimed) == dead
        assert await claim(unit_of_work, now=NOW + HOUR) is None

    async def test_a_retried_mail_waits(self, unit_of_work: UnitOfWork) -> None:
        """
        It waits until its new hour, for the reason that was told, and is claimed again then.
        """
        claimed, later = await one_claimed(unit_of_work, a_mail()), NOW + 5 * MINUTE
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(claimed, due_at=later, error="unavailable 421")
        waiting = evolve(
            claimed, state=MailState.WAITING, due_at=later, last_error="unavailable 421", lease=None, lease_until=None
        )
        assert await kept(unit_of_work, claimed) == waiting
        assert await claim(unit_of_work, now=later - INSTANT) is None
        again = await claim(unit_of_work, now=later)
        assert again is not None
        assert (again.id, again.attempts) == (claimed.id, 2)

    async def test_a_retry_keeps_the_attempts_it_carries(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail that was not at fault can be given its attempt back.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(evolve(claimed, attempts=0), due_at=NOW, error="misconfigured 535")
        again = await claim(unit_of_work)
        assert again is not None
        assert again.attempts == 1

    async def test_a_retried_mail_gives_way_to_one_that_waits(self, unit_of_work: UnitOfWork) -> None:
        """
        One that came meanwhile is sent as it is; the one that was tried is forgotten.
        """
        claimed = await one_claimed(unit_of_work, a_mail(note="first", expires_at=NOW + 2 * HOUR))
        newer = a_mail(note="second", expires_at=NOW + HOUR)
        await add(unit_of_work, newer)
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(claimed, due_at=NOW + HOUR, error="unavailable 421")
        assert await kept(unit_of_work, claimed) is None
        assert await kept(unit_of_work, newer) == newer

    async def test_a_retried_mail_gives_no_way_to_one_about_another_thing(self, unit_of_work: UnitOfWork) -> None:
        """
        Tried again or given back, it waits beside those about other things, and gives way to one about its own.
        """
        about, later = fresh_uuid(), NOW + HOUR
        retried = await one_claimed(unit_of_work, a_mail(about=about))
        others = [a_mail(due_at=later), a_mail(about=fresh_uuid(), due_at=later)]
        await add(unit_of_work, *others)
        async with unit_of_work.begin() as work:
            assert await work.outbox.retry(retried, due_at=NOW, error="unavailable 421")
        claimed = await claim(unit_of_work)
        assert claimed is not None
        assert claimed.id == retried.id
        assert await give_back(unit_of_work, claimed)
        claimed = await claim(unit_of_work)
        assert claimed is not None
        assert claimed.id == retried.id
        newer = a_mail(about=about, due_at=later)
        await add(unit_of_work, newer)
        assert await give_back(unit_of_work, claimed)
        assert await kept(unit_of_work, retried) is None
        assert [await kept(unit_of_work, mail) for mail in (*others, newer)] == [*others, newer]

    async def test_a_mail_added_while_one_is_retried_stays(self, unit_of_work: UnitOfWork) -> None:
        """
        Whichever of the two comes first, the newer one waits in the end, and it alone.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        newer = a_mail()

        async def retry() -> bool:
            async with unit_of_work.begin() as work:
                return await work.outbox.retry(claimed, due_at=NOW, error="unavailable 421")

        held, _ = await asyncio.gather(retry(), add(unit_of_work, newer))
        assert held
        assert await kept(unit_of_work, claimed) is None
        assert await kept(unit_of_work, newer) == newer

    async def test_a_lost_lease_finishes_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever lost the lease to another is told so, and the mail is the other's.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        successor = await taken_over(unit_of_work, claimed)
        async with unit_of_work.begin() as work:
            assert not await work.outbox.finish(claimed, now=NOW)
        assert await kept(unit_of_work, claimed) == successor

    async def test_a_lost_lease_buries_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever lost the lease to another is told so, and the mail is the other's.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        successor = await taken_over(unit_of_work, claimed)
        async with unit_of_work.begin() as work:
            assert not await work.outbox.bury(claimed, error="rejected 550")
        assert await kept(unit_of_work, claimed) == successor

    async def test_a_lost_lease_retries_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever lost the lease to another is told so, and the mail is the other's, also when another waits.
        """
        claimed = await one_claimed(unit_of_work, a_mail(expires_at=NOW + 2 * HOUR))
        successor = await taken_over(unit_of_work, claimed)
        waiting = a_mail(due_at=NOW + HOUR)
        await add(unit_of_work, waiting)
        async with unit_of_work.begin() as work:
            assert not await work.outbox.retry(claimed, due_at=NOW, error="unavailable 421")
        assert await kept(unit_of_work, claimed) == successor
        assert await kept(unit_of_work, waiting) == waiting

    async def test_a_lease_ends_with_the_mail(self, unit_of_work: UnitOfWork) -> None:
        """
        Once the mail is sent, its lease is held no more.
        """
        claimed = await one_claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            assert await work.outbox.finish(claimed, now=NOW)
            assert not await work.outbox.finish(claimed, now=NOW)
            assert not await work.outbox.retry(claimed, due_at=NOW, error="unavailable 421")
            assert not await work.outbox.bury(claimed, error="rejected 550")
