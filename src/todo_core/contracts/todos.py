"""
What every ``TodoStore`` keeps.
"""

from __future__ import annotations

import asyncio

from attrs import evolve

from todo_core.contracts.samples import HOUR, NOW, a_todo, somebody
from todo_core.model.todo import Todo, TodoFilter
from todo_core.model.user import User
from todo_core.ports import UnitOfWork

EVERYTHING = TodoFilter()


async def _add(unit_of_work: UnitOfWork, *todos: Todo) -> None:
    async with unit_of_work.begin() as work:
        for todo in todos:
            await work.todos.add(todo)


async def _get(unit_of_work: UnitOfWork, todo: Todo) -> Todo | None:
    async with unit_of_work.begin() as work:
        return await work.todos.get(todo.id, owner_id=todo.owner_id)


async def _titles(unit_of_work: UnitOfWork, owner: User, wanted: TodoFilter) -> list[str]:
    async with unit_of_work.begin() as work:
        page = await work.todos.page(wanted, owner_id=owner.id, after=None, limit=50)
    return [todo.title for todo in page.items]


class TodoStoreContract:
    """
    The promises of ``TodoStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_an_added_todo_is_kept(self, unit_of_work: UnitOfWork) -> None:
        """
        A todo is found by its id, with all that was kept.
        """
        todo = a_todo(await somebody(unit_of_work), "Straße fegen ☂", notes="bis\nSonntag", completed=True)
        await _add(unit_of_work, todo)
        assert await _get(unit_of_work, todo) == todo

    async def test_no_todo_is_found(self, unit_of_work: UnitOfWork) -> None:
        """
        Where the owner has none with this id, None is returned.
        """
        todo = a_todo(await somebody(unit_of_work))
        async with unit_of_work.begin() as work:
            assert await work.todos.get(todo.id, owner_id=todo.owner_id) is None
            assert await work.todos.hold(todo.id, owner_id=todo.owner_id) is None

    async def test_somebody_elses_todo_is_as_good_as_none(self, unit_of_work: UnitOfWork) -> None:
        """
        Nobody finds, holds, lists, replaces or removes what belongs to somebody else.
        """
        owner, other = await somebody(unit_of_work), await somebody(unit_of_work)
        todo = a_todo(owner)
        await _add(unit_of_work, todo)
        async with unit_of_work.begin() as work:
            assert await work.todos.get(todo.id, owner_id=other.id) is None
            assert await work.todos.hold(todo.id, owner_id=other.id) is None
            assert list((await work.todos.page(EVERYTHING, owner_id=other.id, after=None, limit=5)).items) == []
            await work.todos.replace(evolve(todo, owner_id=other.id, title="Mine now"))
            await work.todos.remove(todo.id, owner_id=other.id)
        assert await _get(unit_of_work, todo) == todo

    async def test_a_todo_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        The new todo stands in the place of the old; the owner's others stay as they were.
        """
        owner = await somebody(unit_of_work)
        todo, other = a_todo(owner), a_todo(owner)
        await _add(unit_of_work, todo, other)
        changed = todo.edited({"title": "Buy oats", "notes": "2 kg", "completed": True}, now=NOW + HOUR)
        async with unit_of_work.begin() as work:
            assert await work.todos.hold(todo.id, owner_id=owner.id) == todo
            await work.todos.replace(changed)
        assert await _get(unit_of_work, todo) == changed
        assert await _get(unit_of_work, other) == other

    async def test_a_held_todo_waits_for_its_holder(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever holds a todo after another sees what that one made of it, so no change is lost.
        """
        todo = a_todo(await somebody(unit_of_work))
        await _add(unit_of_work, todo)

        async def rename(word: str) -> None:
            async with unit_of_work.begin() as work:
                held = await work.todos.hold(todo.id, owner_id=todo.owner_id)
                assert held is not None
                await asyncio.sleep(0.01)
                await work.todos.replace(held.edited({"title": f"{held.title} {word}"}, now=NOW))

        await asyncio.gather(*(rename(word) for word in "abcdef"))
        renamed = await _get(unit_of_work, todo)
        assert renamed is not None
        assert sorted(renamed.title.removeprefix(todo.title).split()) == list("abcdef")
        assert renamed.version == 7

    async def test_a_removed_todo_is_gone(self, unit_of_work: UnitOfWork) -> None:
        """
        It is forgotten, the others are not, and removing it again changes nothing.
        """
        owner = await somebody(unit_of_work)
        todo, other = a_todo(owner), a_todo(owner)
        await _add(unit_of_work, todo, other)
        for _ in range(2):
            async with unit_of_work.begin() as work:
                await work.todos.remove(todo.id, owner_id=owner.id)
        assert await _get(unit_of_work, todo) is None
        assert await _get(unit_of_work, other) == other

    async def test_a_page_follows_the_ids(self, unit_of_work: UnitOfWork) -> None:
        """
        Todos come in the order of their ids, in whichever order they were kept.
        """
        owner = await somebody(unit_of_work)
        todos = [a_todo(owner, title) for title in ("one", "two", "three")]
        await _add(unit_of_work, *reversed(todos))
        assert await _titles(unit_of_work, owner, EVERYTHING) == ["one", "two", "three"]

    async def test_pages_show_each_todo_once(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever follows ``next_after`` sees each todo exactly once; the last page has none.
        """
        owner = await somebody(unit_of_work)
        todos = [a_todo(owner, f"Todo {number}") for number in range(7)]
        await _add(unit_of_work, *todos)
        seen, sizes, after = list[Todo](), list[int](), None
        async with unit_of_work.begin() as work:
            while not sizes or after is not None:
                page = await work.todos.page(EVERYTHING, owner_id=owner.id, after=after, limit=3)
                seen, sizes, after = [*seen, *page.items], [*sizes, len(page.items)], page.next_after
        assert seen == todos
        assert sizes == [3, 3, 1]

    async def test_a_full_last_page_is_the_last(self, unit_of_work: UnitOfWork) -> None:
        """
        When the page holds just what was left, nothing follows.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, a_todo(owner), a_todo(owner))
        async with unit_of_work.begin() as work:
            assert (await work.todos.page(EVERYTHING, owner_id=owner.id, after=None, limit=2)).next_after is None

    async def test_changes_between_two_pages_move_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        What stood there all the time is seen once, though others come and go, even where a page ended.
        """
        owner = await somebody(unit_of_work)
        first, second, third = (a_todo(owner, title) for title in ("one", "two", "three"))
        await _add(unit_of_work, first, second, third)
        async with unit_of_work.begin() as work:
            page = await work.todos.page(EVERYTHING, owner_id=owner.id, after=None, limit=2)
        async with unit_of_work.begin() as work:
            await work.todos.remove(first.id, owner_id=owner.id)
            await work.todos.remove(second.id, owner_id=owner.id)
        async with unit_of_work.begin() as work:
            rest = await work.todos.page(EVERYTHING, owner_id=owner.id, after=page.next_after, limit=2)
        assert [*page.items, *rest.items] == [first, second, third]

    async def test_todos_fit_by_being_done(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever asks for what is done, or for what is not, sees nothing else.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, a_todo(owner, "open"), a_todo(owner, "done", completed=True))
        assert await _titles(unit_of_work, owner, TodoFilter(completed=False)) == ["open"]
        assert await _titles(unit_of_work, owner, TodoFilter(completed=True)) == ["done"]
        assert await _titles(unit_of_work, owner, TodoFilter(completed=None)) == ["open", "done"]

    async def test_todos_fit_by_their_words(self, unit_of_work: UnitOfWork) -> None:
        """
        The text is looked for in title and notes, without regard to case.
        """
        owner = await somebody(unit_of_work)
        await _add(
            unit_of_work,
            a_todo(owner, "Äpfel kaufen"),
            a_todo(owner, "Backen", notes="mit ÄPFELN"),
            a_todo(owner, "Putzen", notes="auch hinten"),
        )
        assert await _titles(unit_of_work, owner, TodoFilter(text="äpfel")) == ["Äpfel kaufen", "Backen"]
        assert await _titles(unit_of_work, owner, TodoFilter(text="KAUFEN")) == ["Äpfel kaufen"]
        assert await _titles(unit_of_work, owner, TodoFilter(text="Birnen")) == []

    async def test_the_wanted_text_is_taken_literally(self, unit_of_work: UnitOfWork) -> None:
        """
        No character of the text stands for anything but itself.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, a_todo(owner, r"100% of C:\temp_1"), a_todo(owner, "1000 C:/temps1"))
        for text in ("%", "_", "\\", "0%", "p_1", r":\t", "."):
            expected = [] if text == "." else [r"100% of C:\temp_1"]
            assert await _titles(unit_of_work, owner, TodoFilter(text=text)) == expected, text

    async def test_both_questions_and_pages_at_once(self, unit_of_work: UnitOfWork) -> None:
        """
        A page holds what fits both questions, and the next page goes on behind it.
        """
        owner = await somebody(unit_of_work)
        wanted = [a_todo(owner, f"Milk {number}") for number in range(3)]
        await _add(unit_of_work, a_todo(owner, "Oats"), *wanted, a_todo(owner, "Milk", completed=True))
        question = TodoFilter(completed=False, text="milk")
        async with unit_of_work.begin() as work:
            first = await work.todos.page(question, owner_id=owner.id, after=None, limit=2)
            second = await work.todos.page(question, owner_id=owner.id, after=first.next_after, limit=2)
        assert [*first.items, *second.items] == wanted
        assert (first.next_after, second.next_after) == (wanted[1].id, None)
