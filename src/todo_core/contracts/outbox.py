"""
What every ``Outbox`` keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from todo_core.contracts.expectations import raises
from todo_core.contracts.outbox_claims import OutboxClaimsContract
from todo_core.contracts.outbox_steps import add, claim, give_back, kept, one_claimed
from todo_core.contracts.outbox_upkeep import OutboxUpkeepContract
from todo_core.contracts.samples import HOUR, NOW, a_mail, fresh_uuid
from todo_core.errors import InvalidToken
from todo_core.model.ids import UserId
from todo_core.model.mail import MailKind
from todo_core.ports import UnitOfWork


class OutboxContract(OutboxClaimsContract, OutboxUpkeepContract):
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
        await add(unit_of_work, mail)
        assert await kept(unit_of_work, mail) == mail
        assert await kept(unit_of_work, a_mail()) is None

    async def test_a_mail_need_not_name_a_language(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail is kept with its language, and without one when nobody told any.
        """
        mail = a_mail(locale=None)
        await add(unit_of_work, mail)
        assert await kept(unit_of_work, mail) == mail

    async def test_a_mail_may_tell_whom_it_concerns(self, unit_of_work: UnitOfWork) -> None:
        """
        A mail is kept with the user it concerns, from one hand to the next.
        """
        mail = a_mail(user_id=UserId(fresh_uuid()))
        await add(unit_of_work, mail)
        assert await kept(unit_of_work, mail) == mail
        claimed = await claim(unit_of_work)
        assert claimed is not None
        assert claimed.user_id == mail.user_id
        assert await give_back(unit_of_work, claimed)
        assert await kept(unit_of_work, mail) == mail

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
        assert await claim(unit_of_work) is None
        assert len(wakings) == 0

    async def test_a_waiting_mail_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        One of the same kind that waits for the same address gives its place to the new one.
        """
        first = a_mail(note="first", expires_at=NOW + 2 * HOUR)
        second = a_mail(note="second", expires_at=NOW + HOUR)
        await add(unit_of_work, first, second)
        assert await kept(unit_of_work, first) is None
        assert await kept(unit_of_work, second) == second

    async def test_a_mail_that_was_tried_is_replaced_too(self, unit_of_work: UnitOfWork) -> None:
        """
        The new one has a life and attempts of its own, and is due at once, however often the other was tried.
        """
        tried = await one_claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            await work.outbox.retry(tried, due_at=NOW + HOUR, error="unavailable 421")
        another = a_mail()
        await add(unit_of_work, another)
        assert await kept(unit_of_work, tried) is None
        assert await kept(unit_of_work, another) == another
        claimed = await claim(unit_of_work)
        assert claimed is not None
        assert (claimed.id, claimed.attempts) == (another.id, 1)

    async def test_other_kinds_and_addresses_are_left_alone(self, unit_of_work: UnitOfWork) -> None:
        """
        What is of another kind, or for another address, is kept for itself.
        """
        mails = [a_mail(), a_mail("bob@example.org"), a_mail(kind=MailKind.VERIFY_EMAIL)]
        await add(unit_of_work, *mails)
        assert [await kept(unit_of_work, mail) for mail in mails] == mails

    async def test_what_is_about_other_things_is_left_alone(self, unit_of_work: UnitOfWork) -> None:
        """
        Mails about several things wait side by side, beside one about nothing; each is replaced by its like alone.
        """
        one, other = fresh_uuid(), fresh_uuid()
        mails = [a_mail(about=about) for about in (one, other, None)]
        await add(unit_of_work, *mails)
        assert [await kept(unit_of_work, mail) for mail in mails] == mails
        newer = a_mail(about=one)
        await add(unit_of_work, newer)
        assert [await kept(unit_of_work, mail) for mail in (*mails, newer)] == [None, *mails[1:], newer]
        plain = a_mail()
        await add(unit_of_work, plain)
        assert [await kept(unit_of_work, mail) for mail in (*mails, newer, plain)] == [
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
        sent = await one_claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            await work.outbox.finish(sent, now=NOW)
        dead = await one_claimed(unit_of_work, a_mail())
        async with unit_of_work.begin() as work:
            await work.outbox.bury(dead, error="rejected 550")
        sending = await one_claimed(unit_of_work, a_mail())
        another = a_mail()
        await add(unit_of_work, another)
        assert await kept(unit_of_work, sending) == sending
        assert await kept(unit_of_work, another) == another

    async def test_of_many_added_at_once_one_waits(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several mails of one kind to one address, added at once, one is kept.
        """
        mails = [a_mail() for _ in range(8)]
        await asyncio.gather(*(add(unit_of_work, mail) for mail in mails))
        found = [await kept(unit_of_work, mail) for mail in mails]
        assert len([mail for mail in found if mail is not None]) == 1
