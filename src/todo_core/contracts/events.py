"""
What every ``EventStore`` keeps.
"""

from __future__ import annotations

from attrs import evolve

from todo_core.contracts.samples import MINUTE, NOW, an_event, somebody
from todo_core.model.event import SecurityEvent
from todo_core.ports import UnitOfWork


class EventStoreContract:
    """
    The promises of ``EventStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_events_come_newest_first(self, unit_of_work: UnitOfWork) -> None:
        """
        A user's events are returned in the order of their ids, newest first, in whichever order they were kept.
        """
        user = await somebody(unit_of_work)
        first, middle, last = (an_event(user, at=NOW - number * MINUTE) for number in range(3))
        async with unit_of_work.begin() as work:
            for event in (middle, last, first):
                await work.events.add(event)
        async with unit_of_work.begin() as work:
            assert list(await work.events.of_user(user.id, limit=10)) == [last, middle, first]

    async def test_only_the_latest_events(self, unit_of_work: UnitOfWork) -> None:
        """
        Of more events than asked for, the latest are returned.
        """
        user = await somebody(unit_of_work)
        events = [an_event(user, at=NOW + number * MINUTE) for number in range(5)]
        async with unit_of_work.begin() as work:
            for event in events:
                await work.events.add(event)
            assert list(await work.events.of_user(user.id, limit=2)) == [events[4], events[3]]

    async def test_only_events_from_before(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever goes on from before the last id of each page sees every event once.
        """
        user = await somebody(unit_of_work)
        events = [an_event(user) for _ in range(5)]
        async with unit_of_work.begin() as work:
            for event in events:
                await work.events.add(event)
        seen: list[SecurityEvent] = []
        for expected in (2, 2, 1, 0):
            async with unit_of_work.begin() as work:
                page = await work.events.of_user(user.id, before=seen[-1].id if seen else None, limit=2)
            assert len(page) == expected
            seen += page
        assert seen == events[::-1]

    async def test_an_event_is_kept_whole(self, unit_of_work: UnitOfWork) -> None:
        """
        With the network that the request came from, where there was one.
        """
        user = await somebody(unit_of_work)
        event = evolve(an_event(user), network="192.0.2.0/24")
        async with unit_of_work.begin() as work:
            await work.events.add(event)
            assert list(await work.events.of_user(user.id, limit=1)) == [event]

    async def test_only_the_users_own_events(self, unit_of_work: UnitOfWork) -> None:
        """
        Nobody sees what happened to another account.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.events.add(an_event(other))
            assert list(await work.events.of_user(user.id, limit=10)) == []
