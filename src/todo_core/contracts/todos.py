"""
What every ``TodoStore`` keeps; of its pages ``todo_core.contracts.todo_pages`` tells.
"""

from __future__ import annotations

import asyncio
from datetime import date

from attrs import evolve

from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import HOUR, INSTANT, MINUTE, NOW, a_list, a_todo, fresh_uuid, somebody
from todo_core.errors import Conflict
from todo_core.model.ids import ListId, TodoId
from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import Priority, TagCount, Todo, TodoFilter, TodoSort
from todo_core.ports import UnitOfWork

MANY = 5_000


async def _add(unit_of_work: UnitOfWork, *todos: Todo) -> None:
    async with unit_of_work.begin() as work:
        await work.todos.add(*todos)


async def _replace(unit_of_work: UnitOfWork, *todos: Todo) -> None:
    async with unit_of_work.begin() as work:
        for todo in todos:
            await work.todos.hold(todo.id, owner_id=todo.owner_id)
        await work.todos.replace(*todos)


async def _get(unit_of_work: UnitOfWork, todo: Todo) -> Todo | None:
    async with unit_of_work.begin() as work:
        return await work.todos.get(todo.id, owner_id=todo.owner_id)


class TodoStoreContract:
    """
    The promises of ``TodoStore``, but for its pages.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_an_added_todo_is_kept(self, unit_of_work: UnitOfWork) -> None:
        """
        A todo is found by its id, with all that was kept.
        """
        owner = await somebody(unit_of_work)
        todo_list = a_list(owner)
        plain = a_todo(owner, "Straße fegen ☂", notes='bis\n"Sonntag" \\ \u2028 früh', completed=True)
        full = a_todo(
            owner,
            position="0a0V",
            list_id=todo_list.id,
            priority=Priority.HIGH,
            due_at=NOW + INSTANT,
            tags=["ä b", "{,}", "Z"],
            recurrence=Recurrence.parse("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"),
            remind_at=NOW - INSTANT,
            updated_at=NOW + HOUR,
            version=7,
        )
        step = a_todo(owner, parent_id=plain.id, due_date=date(2028, 2, 29))
        async with unit_of_work.begin() as work:
            await work.lists.add(todo_list)
            await work.todos.add(step, plain, full)
        assert [await _get(unit_of_work, todo) for todo in (plain, full, step)] == [plain, full, step]

    async def test_no_todo_is_found(self, unit_of_work: UnitOfWork) -> None:
        """
        Where the owner has none with this id, None is returned, in the bin as outside of it.
        """
        todo = a_todo(await somebody(unit_of_work))
        async with unit_of_work.begin() as work:
            assert await work.todos.get(todo.id, owner_id=todo.owner_id) is None
            for deleted in (False, True):
                assert await work.todos.hold(todo.id, owner_id=todo.owner_id, deleted=deleted) is None

    async def test_somebody_elses_todo_is_as_good_as_none(self, unit_of_work: UnitOfWork) -> None:
        """
        Nobody finds, holds, lists, counts or replaces what belongs to somebody else.
        """
        owner, other = await somebody(unit_of_work), await somebody(unit_of_work)
        todo_list = a_list(owner)
        todo = a_todo(owner, tags=["theirs"], list_id=todo_list.id)
        step, gone = a_todo(owner, parent_id=todo.id), a_todo(owner).deleted(now=NOW)
        async with unit_of_work.begin() as work:
            await work.lists.add(todo_list)
            await work.todos.add(todo, step, gone)
        async with unit_of_work.begin() as work:
            await work.todos.add(a_todo(other))
            assert await work.todos.get(todo.id, owner_id=other.id) is None
            assert await work.todos.hold(todo.id, owner_id=other.id) is None
            assert await work.todos.hold(gone.id, owner_id=other.id, deleted=True) is None
            assert list(await work.todos.hold_steps(todo.id, owner_id=other.id)) == []
            assert list(await work.todos.hold_list(todo_list.id, owner_id=other.id)) == []
            assert list(await work.todos.tags(other.id)) == []
            page = await work.todos.page(TodoFilter(), TodoSort(), owner_id=other.id, after=None, limit=5)
            assert {found.owner_id for found in page.items} == {other.id}
            await work.todos.replace(evolve(todo, owner_id=other.id, list_id=None, title="Mine now"))
            assert await work.todos.get(todo.id, owner_id=other.id) is None
        assert await _get(unit_of_work, todo) == todo

    async def test_two_owners_may_use_one_id(self, unit_of_work: UnitOfWork) -> None:
        """
        An id that somebody else uses is as free as any, and what becomes of the one todo leaves the other alone.
        """
        owner, other = await somebody(unit_of_work), await somebody(unit_of_work)
        todo, step = a_todo(owner), a_todo(owner)
        mine = [evolve(todo, owner_id=other.id, deleted_at=NOW), evolve(step, owner_id=other.id, parent_id=todo.id)]
        await _add(unit_of_work, todo, evolve(step, parent_id=todo.id))
        await _add(unit_of_work, *mine)
        async with unit_of_work.begin() as work:
            assert await work.todos.purge(before=NOW + HOUR, limit=10) == 1
            assert await work.todos.get(step.id, owner_id=other.id) is None
        assert await _get(unit_of_work, todo) == todo
        assert await _get(unit_of_work, step) == evolve(step, parent_id=todo.id)

    async def test_an_id_is_used_once(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever adds a todo under an id that its owner has used, be it in the bin, is told of a conflict.
        """
        owner = await somebody(unit_of_work)
        todo, gone = a_todo(owner), a_todo(owner).deleted(now=NOW)
        await _add(unit_of_work, todo, gone)
        for taken in (todo, gone):
            with raises(Conflict):
                await _add(unit_of_work, a_todo(owner), evolve(taken, title="Again", deleted_at=None))
        assert await _get(unit_of_work, todo) == todo

    async def test_what_a_todo_refers_to_is_there(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever puts a todo into a list that its owner does not have, or makes it a step of nothing, has a conflict.
        """
        owner, other = await somebody(unit_of_work), await somebody(unit_of_work)
        todo, theirs, their_list = a_todo(owner), a_todo(other), a_list(other)
        await _add(unit_of_work, todo)
        await _add(unit_of_work, theirs)
        async with unit_of_work.begin() as work:
            await work.lists.add(their_list)
        for list_id in (ListId(fresh_uuid()), their_list.id):
            with raises(Conflict):
                await _add(unit_of_work, a_todo(owner, list_id=list_id))
            with raises(Conflict):
                await _replace(unit_of_work, evolve(todo, list_id=list_id))
        for parent_id in (TodoId(fresh_uuid()), theirs.id):
            with raises(Conflict):
                await _add(unit_of_work, a_todo(owner, parent_id=parent_id))
            with raises(Conflict):
                await _replace(unit_of_work, evolve(todo, parent_id=parent_id))
        assert await _get(unit_of_work, todo) == todo

    async def test_a_todo_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        The new todo stands in the place of the old, created when that was; the owner's others stay as they were.
        """
        owner = await somebody(unit_of_work)
        todo, other = a_todo(owner, tags=["a"], due_at=NOW), a_todo(owner)
        await _add(unit_of_work, todo, other)
        changed = todo.edited({"title": "Oats", "notes": "2 kg", "completed": True, "due_at": None}, now=NOW + HOUR)
        changed = evolve(changed, position="k", tags=("b",), priority=Priority.LOW, due_date=date(2026, 1, 1))
        await _replace(unit_of_work, evolve(changed, created_at=NOW + HOUR))
        assert await _get(unit_of_work, todo) == changed
        assert await _get(unit_of_work, other) == other

    async def test_what_is_not_there_is_not_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        A todo that is gone stays away, and no change is told of.
        """
        owner = await somebody(unit_of_work)
        todo = a_todo(owner)
        await _replace(unit_of_work, todo)
        assert await _get(unit_of_work, todo) is None
        async with unit_of_work.begin() as work:
            assert await work.changes.latest(owner.id) == 0

    async def test_many_at_once(self, unit_of_work: UnitOfWork) -> None:
        """
        Any number of todos may be added or replaced at once, and none is well, too.
        """
        owner = await somebody(unit_of_work)
        todos = [a_todo(owner, f"Todo {number}", tags=[str(number)]) for number in range(MANY)]
        async with unit_of_work.begin() as work:
            await work.todos.add()
            await work.todos.add(*reversed(todos))
        async with unit_of_work.begin() as work:
            await work.todos.hold(todos[0].id, owner_id=owner.id)
            await work.todos.replace()
            await work.todos.replace(*(evolve(todo, position="k", version=2) for todo in todos))
            assert await work.changes.latest(owner.id) == 2 * MANY
        assert await _get(unit_of_work, todos[-1]) == evolve(todos[-1], position="k", version=2)

    async def test_the_bin_is_apart(self, unit_of_work: UnitOfWork) -> None:
        """
        What is in the bin is held only by who asks for it there, and what is not only by who does not.
        """
        owner = await somebody(unit_of_work)
        todo = a_todo(owner)
        kept, gone = (a_todo(owner, parent_id=todo.id, deleted_at=at) for at in (None, NOW))
        await _add(unit_of_work, todo, kept, gone)
        async with unit_of_work.begin() as work:
            assert await work.todos.get(gone.id, owner_id=owner.id) is None
            assert await work.todos.hold(gone.id, owner_id=owner.id) is None
            assert await work.todos.hold(gone.id, owner_id=owner.id, deleted=True) == gone
            assert await work.todos.hold(kept.id, owner_id=owner.id, deleted=True) is None
            assert await work.todos.hold(kept.id, owner_id=owner.id) == kept
            assert list(await work.todos.hold_steps(todo.id, owner_id=owner.id)) == [kept]
            assert list(await work.todos.hold_steps(todo.id, owner_id=owner.id, deleted=True)) == [gone]

    async def test_steps_and_lists_are_held_in_order(self, unit_of_work: UnitOfWork) -> None:
        """
        A todo's steps, and the todos of a list that are not in the bin, come in the order of their ids.
        """
        owner = await somebody(unit_of_work)
        todo_list = a_list(owner)
        first, *steps = (a_todo(owner, list_id=todo_list.id) for _ in range(4))
        steps = [evolve(step, parent_id=first.id, position=place) for step, place in zip(steps, "cab", strict=True)]
        gone = a_todo(owner, list_id=todo_list.id).deleted(now=NOW)
        async with unit_of_work.begin() as work:
            await work.lists.add(todo_list)
            await work.todos.add(steps[2], gone, steps[0], first, steps[1], a_todo(owner))
            assert list(await work.todos.hold_steps(first.id, owner_id=owner.id)) == steps
            assert list(await work.todos.hold_list(todo_list.id, owner_id=owner.id)) == [first, *steps]

    async def test_a_held_todo_waits_for_its_holder(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever holds a todo after another sees what that one made of it, so no change is lost.
        """
        owner = await somebody(unit_of_work)
        todo_list, parent = a_list(owner), a_todo(owner)
        todo = a_todo(owner, "x", list_id=todo_list.id, parent_id=parent.id)
        async with unit_of_work.begin() as work:
            await work.lists.add(todo_list)
            await work.todos.add(parent, todo)

        async def rename(word: str) -> None:
            async with unit_of_work.begin() as work:
                match word:
                    case "a" | "b":
                        held = await work.todos.hold(todo.id, owner_id=owner.id)
                    case "c" | "d":
                        [held] = await work.todos.hold_steps(parent.id, owner_id=owner.id)
                    case _:
                        [held] = await work.todos.hold_list(todo_list.id, owner_id=owner.id)
                assert held is not None
                await asyncio.sleep(0.01)
                await work.todos.replace(held.edited({"title": f"{held.title} {word}"}, now=NOW))

        await asyncio.gather(*(rename(word) for word in "abcdef"))
        renamed = await _get(unit_of_work, todo)
        assert renamed is not None
        assert sorted(renamed.title.split()) == [*"abcdef", "x"]
        assert renamed.version == 7

    async def test_who_holds_many_sees_what_they_waited_for(self, unit_of_work: UnitOfWork) -> None:
        """
        What somebody adds to a list or as a step is among those that are held by who waited for it.
        """
        owner = await somebody(unit_of_work)
        todo_list, todo = a_list(owner), a_todo(owner)
        new = a_todo(owner, parent_id=todo.id, list_id=todo_list.id)
        async with unit_of_work.begin() as work:
            await work.lists.add(todo_list)
            await work.todos.add(todo)

        async def steps() -> list[Todo]:
            async with unit_of_work.begin() as work:
                return list(await work.todos.hold_steps(todo.id, owner_id=owner.id))

        async def listed() -> list[Todo]:
            async with unit_of_work.begin() as work:
                return list(await work.todos.hold_list(todo_list.id, owner_id=owner.id))

        async with unit_of_work.begin() as work:
            await work.todos.add(new)
            waiting = [asyncio.create_task(steps()), asyncio.create_task(listed())]
            await asyncio.wait(waiting, timeout=0.1)
            assert not any(task.done() for task in waiting)
        assert await asyncio.gather(*waiting) == [[new], [new]]

    async def test_a_todo_on_its_way_out_of_the_bin(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever holds a todo that somebody is taking out of the bin, or putting there, waits and finds what came of it.
        """
        todo = a_todo(await somebody(unit_of_work))
        await _add(unit_of_work, todo)

        async def hold(*, deleted: bool) -> Todo | None:
            async with unit_of_work.begin() as work:
                return await work.todos.hold(todo.id, owner_id=todo.owner_id, deleted=deleted)

        for is_there, changed in ((False, todo.deleted(now=NOW)), (True, todo)):
            async with unit_of_work.begin() as work:
                assert await work.todos.hold(todo.id, owner_id=todo.owner_id, deleted=is_there)
                await work.todos.replace(changed)
                waiting = [asyncio.create_task(hold(deleted=deleted)) for deleted in (is_there, not is_there)]
                await asyncio.wait(waiting, timeout=0.1)
                assert not any(task.done() for task in waiting)
            assert await asyncio.gather(*waiting) == [None, changed]

    async def test_tags_are_counted(self, unit_of_work: UnitOfWork) -> None:
        """
        Tags come in the order of their characters, each with the number of its todos that are not in the bin.
        """
        owner = await somebody(unit_of_work)
        gone = a_todo(owner, tags=["a", "gone"]).deleted(now=NOW)
        await _add(unit_of_work, *(a_todo(owner, tags=tags) for tags in (["a", "B"], ["ä", "a"], [], ["😀", "\uffee"])))
        await _add(unit_of_work, gone)
        async with unit_of_work.begin() as work:
            counts = await work.todos.tags(owner.id)
        assert list(counts) == [TagCount(*one) for one in [("B", 1), ("a", 2), ("ä", 1), ("\uffee", 1), ("😀", 1)]]

    async def test_the_bin_is_purged(self, unit_of_work: UnitOfWork) -> None:
        """
        What was deleted before the moment is forgotten, its steps with it, and nothing else; it is no change.
        """
        owner = await somebody(unit_of_work)
        kept, recent, old = a_todo(owner), a_todo(owner, deleted_at=NOW), a_todo(owner, deleted_at=NOW - INSTANT)
        step = a_todo(owner, parent_id=old.id, deleted_at=NOW)
        await _add(unit_of_work, kept, recent, old, step)
        async with unit_of_work.begin() as work:
            assert await work.todos.purge(before=NOW, limit=10) == 1
            assert await work.todos.purge(before=NOW, limit=10) == 0
            assert await work.changes.latest(owner.id) == 4
            for todo, left in ((recent, recent), (old, None), (step, None)):
                assert await work.todos.hold(todo.id, owner_id=owner.id, deleted=True) == left
        assert await _get(unit_of_work, kept) == kept

    async def test_a_purge_has_a_limit(self, unit_of_work: UnitOfWork) -> None:
        """
        Up to so many are forgotten at once, and those that are left the next time.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, *(a_todo(owner, deleted_at=NOW - MINUTE) for _ in range(5)))
        purged = list[int]()
        for _ in range(4):
            async with unit_of_work.begin() as work:
                purged.append(await work.todos.purge(before=NOW, limit=2))
        assert purged == [2, 2, 1, 0]
