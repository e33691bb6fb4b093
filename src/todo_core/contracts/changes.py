"""
What every ``ChangeStore`` keeps.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from attrs import evolve

from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import HOUR, INSTANT, MINUTE, NOW, a_list, a_todo, somebody
from todo_core.errors import InvalidToken
from todo_core.model.change import Change, ChangedThing, ChangeKind
from todo_core.model.todo import Todo
from todo_core.model.user import User
from todo_core.ports import UnitOfWork

Told = tuple[int, ChangedThing, ChangeKind, UUID, int]


async def _since(unit_of_work: UnitOfWork, number: int, owner: User, *, limit: int = 100) -> list[Change]:
    async with unit_of_work.begin() as work:
        return list(await work.changes.since(number, owner_id=owner.id, limit=limit))


async def _told(unit_of_work: UnitOfWork, owner: User) -> list[Told]:
    changes = await _since(unit_of_work, 0, owner)
    return [(change.number, change.thing, change.kind, change.id, change.version) for change in changes]


async def _add(unit_of_work: UnitOfWork, *todos: Todo) -> None:
    async with unit_of_work.begin() as work:
        await work.todos.add(*todos)


class ChangeStoreContract:
    """
    The promises of ``ChangeStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_before_the_first_change(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever has changed nothing has the number 0 and no changes.
        """
        owner = await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            assert await work.changes.latest(owner.id) == 0
        assert await _since(unit_of_work, 0, owner) == []

    async def test_changes_to_a_todo(self, unit_of_work: UnitOfWork) -> None:
        """
        Each time that a todo is added or replaced is one change; what comes out of the bin counts as added.
        """
        owner = await somebody(unit_of_work)
        todo = a_todo(owner)
        edited = todo.edited({"title": "Buy oats"}, now=NOW + MINUTE)
        deleted = edited.deleted(now=NOW + HOUR)
        still_there = evolve(deleted, notes="in the bin", version=4)
        restored = still_there.restored(now=NOW + 2 * HOUR)
        await _add(unit_of_work, todo)
        async with unit_of_work.begin() as work:
            await work.todos.hold(todo.id, owner_id=owner.id)
            for state in (edited, deleted, still_there, restored):
                await work.todos.replace(state)
            assert await work.changes.latest(owner.id) == 5
        kinds = [ChangeKind.ADDED, ChangeKind.EDITED, ChangeKind.DELETED, ChangeKind.EDITED, ChangeKind.ADDED]
        states = (todo, edited, deleted, still_there, restored)
        assert await _since(unit_of_work, 0, owner) == [
            Change(owner.id, number, state.updated_at, ChangedThing.TODO, kind, state.id, state.version)
            for number, (kind, state) in enumerate(zip(kinds, states, strict=True), start=1)
        ]

    async def test_changes_to_a_list(self, unit_of_work: UnitOfWork) -> None:
        """
        Each time that a list is added, replaced or removed is one change.
        """
        owner = await somebody(unit_of_work)
        todo_list = a_list(owner)
        edited = todo_list.edited({"name": "Garden"}, now=NOW + MINUTE)
        async with unit_of_work.begin() as work:
            await work.lists.add(todo_list)
            await work.lists.hold(todo_list.id, owner_id=owner.id)
            await work.lists.replace(edited)
            await work.lists.remove(todo_list.id, owner_id=owner.id, at=NOW + HOUR)
        assert await _since(unit_of_work, 0, owner) == [
            Change(owner.id, 1, NOW, ChangedThing.LIST, ChangeKind.ADDED, todo_list.id, 1),
            Change(owner.id, 2, NOW + MINUTE, ChangedThing.LIST, ChangeKind.EDITED, todo_list.id, 2),
            Change(owner.id, 3, NOW + HOUR, ChangedThing.LIST, ChangeKind.DELETED, todo_list.id, 2),
        ]

    async def test_what_is_changed_at_once_is_told_of_one_by_one(self, unit_of_work: UnitOfWork) -> None:
        """
        Todos that are added or replaced by one call are numbered in the order of their ids.
        """
        owner = await somebody(unit_of_work)
        todos = [a_todo(owner) for _ in range(3)]
        await _add(unit_of_work, todos[1], todos[2], todos[0])
        edited = [todos[0].deleted(now=NOW), evolve(todos[2], version=2), evolve(todos[1], version=2)]
        async with unit_of_work.begin() as work:
            for todo in todos:
                await work.todos.hold(todo.id, owner_id=owner.id)
            await work.todos.replace(edited[1], a_todo(owner), edited[0], edited[2])
        added, changed, binned = ChangeKind.ADDED, ChangeKind.EDITED, ChangeKind.DELETED
        assert await _told(unit_of_work, owner) == [
            (1, ChangedThing.TODO, added, todos[0].id, 1),
            (2, ChangedThing.TODO, added, todos[1].id, 1),
            (3, ChangedThing.TODO, added, todos[2].id, 1),
            (4, ChangedThing.TODO, binned, todos[0].id, 2),
            (5, ChangedThing.TODO, changed, todos[1].id, 2),
            (6, ChangedThing.TODO, changed, todos[2].id, 2),
        ]

    async def test_everybody_has_numbers_of_their_own(self, unit_of_work: UnitOfWork) -> None:
        """
        Nobody is told of what somebody else changed, and nobody's numbers have holes for it.
        """
        owner, other = await somebody(unit_of_work), await somebody(unit_of_work)
        await _add(unit_of_work, a_todo(owner))
        await _add(unit_of_work, a_todo(other))
        await _add(unit_of_work, a_todo(owner))
        assert [change.number for change in await _since(unit_of_work, 0, owner)] == [1, 2]
        [change] = await _since(unit_of_work, 0, other)
        assert (change.owner_id, change.number) == (other.id, 1)

    async def test_changes_come_in_portions(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever asks again after the last number they saw misses none and sees none twice.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, *(a_todo(owner) for _ in range(7)))
        numbers, sizes = list[int](), list[int]()
        while not sizes or sizes[-1]:
            portion = await _since(unit_of_work, numbers[-1] if numbers else 0, owner, limit=3)
            numbers, sizes = [*numbers, *(change.number for change in portion)], [*sizes, len(portion)]
        assert numbers == [1, 2, 3, 4, 5, 6, 7]
        assert sizes == [3, 3, 1, 0]

    async def test_what_is_undone_leaves_no_hole(self, unit_of_work: UnitOfWork) -> None:
        """
        A change that is not kept has no number.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, a_todo(owner))
        with raises(InvalidToken):
            async with unit_of_work.begin() as work:
                await work.todos.add(a_todo(owner), a_todo(owner))
                raise InvalidToken
        await _add(unit_of_work, a_todo(owner))
        assert [change.number for change in await _since(unit_of_work, 0, owner)] == [1, 2]

    async def test_writers_take_turns(self, unit_of_work: UnitOfWork) -> None:
        """
        Of those who change things of one owner at once, first ones ever among them, each waits for the one before.
        """
        owner = await somebody(unit_of_work)
        order = list[int]()

        async def write(number: int) -> None:
            async with unit_of_work.begin() as work:
                await work.todos.add(a_todo(owner), a_todo(owner))
                latest = await work.changes.latest(owner.id)
                await asyncio.sleep(0.001 * (number % 3))
                await work.lists.add(a_list(owner))
                assert await work.changes.latest(owner.id) == latest + 1
                order.append(latest + 1)

        await asyncio.gather(*(write(number) for number in range(10)))
        assert order == [3 * number for number in range(1, 11)]
        assert [change.number for change in await _since(unit_of_work, 0, owner)] == list(range(1, 31))

    async def test_old_changes_are_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """
        Up to so many are forgotten at once that were made before the moment, the earliest first, and no other.
        """
        owner = await somebody(unit_of_work)
        hours = [3, 1, 2, 5, 4]
        await _add(unit_of_work, *(a_todo(owner, updated_at=NOW + hour * HOUR) for hour in hours))
        left = list[list[int]]()
        for _ in range(3):
            async with unit_of_work.begin() as work:
                await work.changes.prune(before=NOW + 4 * HOUR, limit=2)
            left.append([change.number for change in await _since(unit_of_work, 0, owner)])
        assert left == [[1, 4, 5], [4, 5], [4, 5]]

    async def test_forgetting_is_counted(self, unit_of_work: UnitOfWork) -> None:
        """
        It is told how many were forgotten, and the numbers go on as if none had been.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, *(a_todo(owner, updated_at=NOW - INSTANT) for _ in range(3)))
        pruned = list[int]()
        for _ in range(3):
            async with unit_of_work.begin() as work:
                pruned.append(await work.changes.prune(before=NOW, limit=2))
        assert pruned == [2, 1, 0]
        async with unit_of_work.begin() as work:
            await work.todos.add(a_todo(owner))
            assert await work.changes.latest(owner.id) == 4
