"""
What every ``CalendarStore`` keeps.
"""

from __future__ import annotations

from todo_core.contracts.samples import HOUR, NOW, somebody
from todo_core.model.calendar import Calendar
from todo_core.model.session import digest_of
from todo_core.model.user import User
from todo_core.ports import UnitOfWork


class CalendarStoreContract:
    """
    The promises of ``CalendarStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_a_calendar_is_found_by_its_digest(self, unit_of_work: UnitOfWork) -> None:
        """
        It comes back as it was put; for another digest there is none.
        """
        ann, bob = await somebody(unit_of_work), await somebody(unit_of_work)
        anns, bobs = _calendar(ann, b"hers"), _calendar(bob, b"his")
        async with unit_of_work.begin() as work:
            await work.calendars.put(anns)
            await work.calendars.put(bobs)
        async with unit_of_work.begin() as work:
            assert await work.calendars.by_digest(anns.digest) == anns
            assert await work.calendars.by_digest(bobs.digest) == bobs
            assert await work.calendars.by_digest(digest_of(b"another")) is None

    async def test_an_owner_has_a_calendar(self, unit_of_work: UnitOfWork) -> None:
        """
        It is found by its owner, and there is none for somebody who made none.
        """
        ann, bob = await somebody(unit_of_work), await somebody(unit_of_work)
        anns = _calendar(ann, b"hers")
        async with unit_of_work.begin() as work:
            await work.calendars.put(anns)
            assert await work.calendars.of_owner(ann.id) == anns
            assert await work.calendars.of_owner(bob.id) is None

    async def test_another_calendar_takes_the_place_of_the_first(self, unit_of_work: UnitOfWork) -> None:
        """
        An owner has one at most: the first one's digest finds nothing any more.
        """
        ann = await somebody(unit_of_work)
        first, second = _calendar(ann, b"first"), Calendar(ann.id, digest_of(b"second"), NOW + HOUR)
        async with unit_of_work.begin() as work:
            await work.calendars.put(first)
            await work.calendars.put(second)
        async with unit_of_work.begin() as work:
            assert await work.calendars.by_digest(first.digest) is None
            assert await work.calendars.by_digest(second.digest) == second

    async def test_a_removed_calendar_is_gone(self, unit_of_work: UnitOfWork) -> None:
        """
        Others' stay; nothing happens when there is none.
        """
        ann, bob = await somebody(unit_of_work), await somebody(unit_of_work)
        anns, bobs = _calendar(ann, b"hers"), _calendar(bob, b"his")
        async with unit_of_work.begin() as work:
            await work.calendars.put(anns)
            await work.calendars.put(bobs)
        for _ in range(2):
            async with unit_of_work.begin() as work:
                await work.calendars.remove(ann.id)
        async with unit_of_work.begin() as work:
            assert await work.calendars.by_digest(anns.digest) is None
            assert await work.calendars.by_digest(bobs.digest) == bobs

    async def test_every_calendar_can_be_removed(self, unit_of_work: UnitOfWork) -> None:
        """
        Everybody's is gone, and how many there were is told.
        """
        calendars = [_calendar(await somebody(unit_of_work), secret) for secret in (b"hers", b"his")]
        async with unit_of_work.begin() as work:
            for calendar in calendars:
                await work.calendars.put(calendar)
        for there_were in (2, 0):
            async with unit_of_work.begin() as work:
                assert await work.calendars.remove_everyones() == there_were
        async with unit_of_work.begin() as work:
            assert [await work.calendars.by_digest(calendar.digest) for calendar in calendars] == [None, None]


def _calendar(owner: User, secret: bytes) -> Calendar:
    return Calendar(owner.id, digest_of(secret), NOW)
