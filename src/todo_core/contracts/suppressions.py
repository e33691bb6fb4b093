"""
What every ``SuppressionStore`` keeps.
"""

from __future__ import annotations

import asyncio

from todo_core.contracts.samples import INSTANT, MINUTE, NOW, a_suppression
from todo_core.model.email import EmailAddress
from todo_core.model.suppression import MailEventKind, Suppression
from todo_core.ports import UnitOfWork

_ANN = EmailAddress("ann@example.org")


async def _kept(unit_of_work: UnitOfWork, *suppressions: Suppression) -> list[bool]:
    async with unit_of_work.begin() as work:
        return [await work.suppressions.add(suppression) for suppression in suppressions]


async def _of_ann(unit_of_work: UnitOfWork) -> Suppression | None:
    async with unit_of_work.begin() as work:
        return await work.suppressions.by_address(_ANN)


async def _first(unit_of_work: UnitOfWork, event_id: str) -> bool:
    async with unit_of_work.begin() as work:
        return await work.suppressions.note_event(event_id, at=NOW)


class SuppressionStoreContract:
    """
    The promises of ``SuppressionStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_a_suppression_is_found_by_its_address(self, unit_of_work: UnitOfWork) -> None:
        """
        The suppression of an address is kept and returned.
        """
        suppression = a_suppression("ann@example.org")
        assert await _kept(unit_of_work, a_suppression("bob@example.org"), suppression) == [True, True]
        assert await _of_ann(unit_of_work) == suppression

    async def test_an_address_that_is_not_suppressed(self, unit_of_work: UnitOfWork) -> None:
        """
        An address without a suppression finds none.
        """
        await _kept(unit_of_work, a_suppression("bob@example.org"))
        assert await _of_ann(unit_of_work) is None

    async def test_the_first_stays(self, unit_of_work: UnitOfWork) -> None:
        """
        Of two suppressions of an address with one reason, the first is kept.
        """
        for reason in MailEventKind:
            address = f"{reason}@example.org"
            first = a_suppression(address, reason=reason)
            second = a_suppression(address, reason=reason, at=NOW + MINUTE)
            assert await _kept(unit_of_work, first, second) == [True, False]
            async with unit_of_work.begin() as work:
                assert await work.suppressions.by_address(first.address) == first

    async def test_a_complaint_takes_the_place_of_a_bounce(self, unit_of_work: UnitOfWork) -> None:
        """
        A complaint takes the place of a bounce, and not the other way round.
        """
        bounce = a_suppression("ann@example.org")
        complaint = a_suppression("ann@example.org", reason=MailEventKind.COMPLAINT, at=NOW + MINUTE)
        assert await _kept(unit_of_work, bounce, complaint, bounce) == [True, True, False]
        assert await _of_ann(unit_of_work) == complaint

    async def test_the_latest_come_first(self, unit_of_work: UnitOfWork) -> None:
        """
        Only the latest are listed, newest first, in whichever order they were kept.
        """
        oldest, middle, newest = (
            a_suppression(f"person{9 - number}@example.org", at=NOW + number * MINUTE) for number in range(3)
        )
        await _kept(unit_of_work, middle, newest, oldest)
        async with unit_of_work.begin() as work:
            assert list(await work.suppressions.newest(limit=2)) == [newest, middle]
            assert list(await work.suppressions.newest(limit=9)) == [newest, middle, oldest]

    async def test_a_removed_suppression(self, unit_of_work: UnitOfWork) -> None:
        """
        A suppression that is removed is gone, and no other is.
        """
        other = a_suppression("bob@example.org")
        await _kept(unit_of_work, a_suppression("ann@example.org"), other)
        async with unit_of_work.begin() as work:
            assert await work.suppressions.remove(_ANN)
            assert not await work.suppressions.remove(_ANN)
        assert await _of_ann(unit_of_work) is None
        async with unit_of_work.begin() as work:
            assert list(await work.suppressions.newest(limit=9)) == [other]

    async def test_an_event_is_new_once(self, unit_of_work: UnitOfWork) -> None:
        """
        An event is new the first time it is noted.
        """
        assert await _first(unit_of_work, "one")
        assert await _first(unit_of_work, "other")
        assert not await _first(unit_of_work, "one")

    async def test_of_many_who_note_an_event_one_is_first(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several who note one event at once, one is first.
        """
        first = await asyncio.gather(*(_first(unit_of_work, "one") for _ in range(8)))
        assert sorted(first) == [False] * 7 + [True]

    async def test_old_events_are_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """
        What was heard before the given moment is forgotten, and nothing later.
        """
        async with unit_of_work.begin() as work:
            await work.suppressions.note_event("old", at=NOW - INSTANT)
            await work.suppressions.note_event("young", at=NOW)
            await work.suppressions.forget_events(before=NOW)
        assert await _first(unit_of_work, "old")
        assert not await _first(unit_of_work, "young")

    async def test_an_event_is_noted_when_it_was_first_heard(self, unit_of_work: UnitOfWork) -> None:
        """
        Hearing an event again does not make it younger.
        """
        async with unit_of_work.begin() as work:
            await work.suppressions.note_event("old", at=NOW - INSTANT)
            await work.suppressions.note_event("old", at=NOW)
            await work.suppressions.forget_events(before=NOW)
        assert await _first(unit_of_work, "old")
