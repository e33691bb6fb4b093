"""
What every ``ListStore`` keeps.
"""

from __future__ import annotations

import asyncio

from attrs import evolve

from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import HOUR, NOW, a_list, a_todo, somebody
from todo_core.errors import Conflict
from todo_core.model.todo_list import TodoList
from todo_core.ports import UnitOfWork


async def _add(unit_of_work: UnitOfWork, *lists: TodoList) -> None:
    async with unit_of_work.begin() as work:
        for todo_list in lists:
            await work.lists.add(todo_list)


async def _get(unit_of_work: UnitOfWork, todo_list: TodoList) -> TodoList | None:
    async with unit_of_work.begin() as work:
        return await work.lists.get(todo_list.id, owner_id=todo_list.owner_id)


async def _remove(unit_of_work: UnitOfWork, todo_list: TodoList) -> None:
    async with unit_of_work.begin() as work:
        await work.lists.remove(todo_list.id, owner_id=todo_list.owner_id, at=NOW)


class ListStoreContract:
    """
    The promises of ``ListStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_an_added_list_is_kept(self, unit_of_work: UnitOfWork) -> None:
        """
        A list is found by its id, with all that was kept.
        """
        todo_list = a_list(await somebody(unit_of_work), "Straße ☂", colour="#1e90ff", updated_at=NOW + HOUR, version=3)
        await _add(unit_of_work, todo_list)
        assert await _get(unit_of_work, todo_list) == todo_list

    async def test_no_list_is_found(self, unit_of_work: UnitOfWork) -> None:
        """
        Where the owner has none with this id, None is returned.
        """
        owner = await somebody(unit_of_work)
        todo_list = a_list(owner)
        async with unit_of_work.begin() as work:
            assert await work.lists.get(todo_list.id, owner_id=owner.id) is None
            assert await work.lists.hold(todo_list.id, owner_id=owner.id) is None
            assert list(await work.lists.of_owner(owner.id)) == []

    async def test_somebody_elses_list_is_as_good_as_none(self, unit_of_work: UnitOfWork) -> None:
        """
        Nobody finds, holds, lists, replaces or removes what belongs to somebody else.
        """
        owner, other = await somebody(unit_of_work), await somebody(unit_of_work)
        todo_list = a_list(owner)
        todo = a_todo(owner, list_id=todo_list.id)
        await _add(unit_of_work, todo_list, a_list(other))
        async with unit_of_work.begin() as work:
            await work.todos.add(todo)
        async with unit_of_work.begin() as work:
            assert await work.lists.get(todo_list.id, owner_id=other.id) is None
            assert await work.lists.hold(todo_list.id, owner_id=other.id) is None
            assert {found.owner_id for found in await work.lists.of_owner(other.id)} == {other.id}
            await work.lists.replace(evolve(todo_list, owner_id=other.id, name="Mine now"))
            await work.lists.remove(todo_list.id, owner_id=other.id, at=NOW)
            assert await work.changes.latest(other.id) == 1
            assert await work.todos.get(todo.id, owner_id=owner.id) == todo
        assert await _get(unit_of_work, todo_list) == todo_list

    async def test_an_id_is_used_once(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever adds a list under an id that its owner has used is told of a conflict; others may use it.
        """
        owner, other = await somebody(unit_of_work), await somebody(unit_of_work)
        todo_list = a_list(owner)
        theirs = evolve(todo_list, owner_id=other.id, name="Theirs")
        await _add(unit_of_work, todo_list, theirs)
        with raises(Conflict):
            await _add(unit_of_work, evolve(todo_list, name="Again"))
        await _remove(unit_of_work, theirs)
        assert await _get(unit_of_work, todo_list) == todo_list

    async def test_lists_come_in_order(self, unit_of_work: UnitOfWork) -> None:
        """
        An owner's lists come in the order of their positions, compared as ASCII, then of their ids.
        """
        owner = await somebody(unit_of_work)
        lists = [a_list(owner, position=position) for position in ("b", "a", "B", "a", "aa")]
        await _add(unit_of_work, *reversed(lists))
        async with unit_of_work.begin() as work:
            ordered = list(await work.lists.of_owner(owner.id))
        assert ordered == [lists[index] for index in (2, 1, 3, 4, 0)]

    async def test_a_list_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        The new list stands in the place of the old, created when that was; the owner's others stay as they were.
        """
        owner = await somebody(unit_of_work)
        todo_list, other = a_list(owner), a_list(owner)
        await _add(unit_of_work, todo_list, other)
        changed = todo_list.edited({"name": "Garden", "colour": "#00ff00", "position": "k"}, now=NOW + HOUR)
        async with unit_of_work.begin() as work:
            assert await work.lists.hold(todo_list.id, owner_id=owner.id) == todo_list
            await work.lists.replace(evolve(changed, created_at=NOW + HOUR))
        assert await _get(unit_of_work, todo_list) == changed
        assert await _get(unit_of_work, other) == other

    async def test_what_is_not_there_is_not_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        A list that is gone stays away, and no change is told of.
        """
        owner = await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.lists.replace(a_list(owner))
            assert list(await work.lists.of_owner(owner.id)) == []
            assert await work.changes.latest(owner.id) == 0

    async def test_a_removed_list_is_gone(self, unit_of_work: UnitOfWork) -> None:
        """
        It is forgotten, the others are not, and removing it again changes nothing.
        """
        owner = await somebody(unit_of_work)
        todo_list, other = a_list(owner), a_list(owner)
        await _add(unit_of_work, todo_list, other)
        for _ in range(2):
            await _remove(unit_of_work, todo_list)
        assert await _get(unit_of_work, todo_list) is None
        assert await _get(unit_of_work, other) == other
        async with unit_of_work.begin() as work:
            assert await work.changes.latest(owner.id) == 3

    async def test_what_is_left_in_a_removed_list(self, unit_of_work: UnitOfWork) -> None:
        """
        Its todos, those in the bin among them, are in no list then; those of another list stay there.
        """
        owner = await somebody(unit_of_work)
        todo_list, other = a_list(owner), a_list(owner)
        kept, gone = (a_todo(owner, list_id=todo_list.id, deleted_at=at) for at in (None, NOW))
        elsewhere = a_todo(owner, list_id=other.id)
        await _add(unit_of_work, todo_list, other)
        async with unit_of_work.begin() as work:
            await work.todos.add(kept, gone, elsewhere)
        await _remove(unit_of_work, todo_list)
        async with unit_of_work.begin() as work:
            assert await work.todos.hold(kept.id, owner_id=owner.id) == evolve(kept, list_id=None)
            assert await work.todos.hold(gone.id, owner_id=owner.id, deleted=True) == evolve(gone, list_id=None)
            assert await work.todos.hold(elsewhere.id, owner_id=owner.id) == elsewhere

    async def test_a_held_list_waits_for_its_holder(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever holds a list after another sees what that one made of it, so no change is lost.
        """
        todo_list = a_list(await somebody(unit_of_work), "x")
        await _add(unit_of_work, todo_list)

        async def rename(word: str) -> None:
            async with unit_of_work.begin() as work:
                held = await work.lists.hold(todo_list.id, owner_id=todo_list.owner_id)
                assert held is not None
                await asyncio.sleep(0.01)
                await work.lists.replace(held.edited({"name": f"{held.name} {word}"}, now=NOW))

        await asyncio.gather(*(rename(word) for word in "abcdef"))
        renamed = await _get(unit_of_work, todo_list)
        assert renamed is not None
        assert sorted(renamed.name.split()) == [*"abcdef", "x"]

    async def test_a_held_list_gets_no_todos(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever puts a todo into a held list waits for its holder, and has a conflict when it is gone by then.
        """
        owner = await somebody(unit_of_work)
        todo_list = a_list(owner)
        await _add(unit_of_work, todo_list)

        async def put_into() -> None:
            with raises(Conflict):
                async with unit_of_work.begin() as work:
                    await work.todos.add(a_todo(owner, list_id=todo_list.id))

        async with unit_of_work.begin() as work:
            await work.lists.hold(todo_list.id, owner_id=owner.id)
            putting = asyncio.create_task(put_into())
            await asyncio.wait({putting}, timeout=0.1)
            assert not putting.done()
            await work.lists.remove(todo_list.id, owner_id=owner.id, at=NOW)
        await putting

    async def test_a_list_is_removed_with_what_was_put_into_it(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever removes a list while somebody puts a todo into it waits, and leaves that todo in no list.
        """
        owner = await somebody(unit_of_work)
        todo_list = a_list(owner)
        todo = a_todo(owner, list_id=todo_list.id)
        await _add(unit_of_work, todo_list)
        async with unit_of_work.begin() as work:
            await work.todos.add(todo)
            removing = asyncio.create_task(_remove(unit_of_work, todo_list))
            await asyncio.wait({removing}, timeout=0.1)
            assert not removing.done()
        await removing
        async with unit_of_work.begin() as work:
            assert await work.lists.get(todo_list.id, owner_id=owner.id) is None
            assert await work.todos.get(todo.id, owner_id=owner.id) == evolve(todo, list_id=None)
