"""
What every ``TodoStore`` keeps about its pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from attrs import evolve

from todo_core.contracts.samples import HOUR, INSTANT, NOW, a_list, a_todo, somebody
from todo_core.model.ids import UserId
from todo_core.model.todo import (
    NEVER,
    PageMark,
    Priority,
    SortKey,
    Todo,
    TodoFilter,
    TodoPage,
    TodoSort,
)
from todo_core.model.user import User
from todo_core.ports import UnitOfWork

EVERYTHING = TodoFilter()
DAY = timedelta(days=1)


async def _add(unit_of_work: UnitOfWork, *todos: Todo) -> None:
    async with unit_of_work.begin() as work:
        await work.todos.add(*todos)


async def _replace(unit_of_work: UnitOfWork, *todos: Todo) -> None:
    async with unit_of_work.begin() as work:
        for todo in todos:
            for deleted in (False, True):
                await work.todos.hold(todo.id, owner_id=todo.owner_id, deleted=deleted)
        await work.todos.replace(*todos)


async def _page(
    unit_of_work: UnitOfWork,
    owner_id: UserId,
    wanted: TodoFilter = EVERYTHING,
    sort: TodoSort = TodoSort(),  # noqa: B008 - it is frozen
    *,
    after: PageMark | None = None,
    limit: int = 50,
) -> TodoPage:
    async with unit_of_work.begin() as work:
        return await work.todos.page(wanted, sort, owner_id=owner_id, after=after, limit=limit)


async def _titles(unit_of_work: UnitOfWork, owner: User, **wanted: Any) -> str:
    page = await _page(unit_of_work, owner.id, TodoFilter(**wanted))
    return " ".join(todo.title for todo in page.items)


async def _sorted(unit_of_work: UnitOfWork, owner: User, sort: TodoSort) -> list[Todo]:
    """
    Return all todos, read in pages of two.
    """
    page = await _page(unit_of_work, owner.id, sort=sort, limit=2)
    seen = list(page.items)
    while page.next_after is not None:
        page = await _page(unit_of_work, owner.id, sort=sort, after=page.next_after, limit=2)
        seen += page.items
    return seen


class TodoPagesContract:
    """
    The promises of ``TodoStore`` about its pages.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_pages_show_each_todo_once(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever follows ``next_after`` sees each todo exactly once; the last page has none.
        """
        owner = await somebody(unit_of_work)
        todos = [a_todo(owner, f"Todo {number}") for number in range(7)]
        await _add(unit_of_work, *reversed(todos))
        seen, sizes, after = list[Todo](), list[int](), None
        while not sizes or after is not None:
            page = await _page(unit_of_work, owner.id, after=after, limit=3)
            seen, sizes, after = [*seen, *page.items], [*sizes, len(page.items)], page.next_after
        assert seen == todos
        assert sizes == [3, 3, 1]

    async def test_a_full_last_page_is_the_last(self, unit_of_work: UnitOfWork) -> None:
        """
        When the page holds just what was left, nothing follows; nor does it behind a page without todos.
        """
        owner = await somebody(unit_of_work)
        assert await _page(unit_of_work, owner.id) == TodoPage([], next_after=None)
        await _add(unit_of_work, a_todo(owner), a_todo(owner))
        assert (await _page(unit_of_work, owner.id, limit=2)).next_after is None

    async def test_a_mark_tells_where_and_when(self, unit_of_work: UnitOfWork) -> None:
        """
        The mark is the last todo's value to sort by, its id, and the owner's latest change at the first page.
        """
        owner = await somebody(unit_of_work)
        todos = [a_todo(owner, position=position) for position in "abc"]
        await _add(unit_of_work, *todos)
        sort = TodoSort(SortKey.POSITION)
        first = await _page(unit_of_work, owner.id, sort=sort, limit=1)
        await _add(unit_of_work, a_todo(owner))
        second = await _page(unit_of_work, owner.id, sort=sort, after=first.next_after, limit=1)
        assert first.next_after == PageMark("a", todos[0].id, as_of=3)
        assert second.next_after == PageMark("b", todos[1].id, as_of=3)

    async def test_todos_are_sorted(self, unit_of_work: UnitOfWork) -> None:
        """
        Todos come in the order of what they are sorted by, where that is the same of their ids, or the other way round.
        """
        owner = await somebody(unit_of_work)
        variety: list[dict[str, Any]] = [
            {"position": "b", "due_at": NOW, "created_at": NOW + DAY, "updated_at": NOW},
            {"position": "a", "due_date": NOW.date(), "priority": Priority.HIGH},
            {"position": "B", "due_date": date(2026, 3, 30), "priority": Priority.LOW, "updated_at": NOW + HOUR},
            {"position": "a", "created_at": NOW - INSTANT, "updated_at": NOW - DAY},
            {"position": "aV", "due_at": NOW + INSTANT, "priority": Priority.MEDIUM},
            {"position": "0b", "due_at": NEVER - DAY, "priority": Priority.LOW},
        ]
        todos = [a_todo(owner, **fields) for fields in variety]
        await _add(unit_of_work, *todos[3:], *todos[:3])
        for key in SortKey:
            ordered = sorted(todos, key=lambda todo: (key.of(todo), todo.id))
            assert await _sorted(unit_of_work, owner, TodoSort(key)) == ordered
            assert await _sorted(unit_of_work, owner, TodoSort(key, descending=True)) == ordered[::-1]

    async def test_todos_fit_by_being_done(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever asks for what is done, or for what is not, sees nothing else.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, a_todo(owner, "open"), a_todo(owner, "done", completed=True))
        assert await _titles(unit_of_work, owner, completed=False) == "open"
        assert await _titles(unit_of_work, owner, completed=True) == "done"
        assert await _titles(unit_of_work, owner, completed=None) == "open done"

    async def test_todos_fit_by_where_they_belong(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever asks for a list, a tag, a priority, or the steps of a todo sees nothing else.
        """
        owner = await somebody(unit_of_work)
        todo_list = a_list(owner)
        first = a_todo(owner, "first", list_id=todo_list.id, tags=["a", "b"], priority=Priority.HIGH)
        step = a_todo(owner, "step", parent_id=first.id, tags=["b", "ab"])
        plain = a_todo(owner, "plain")
        async with unit_of_work.begin() as work:
            await work.lists.add(todo_list)
            await work.todos.add(first, step, plain)
        assert await _titles(unit_of_work, owner, list_id=todo_list.id) == "first"
        assert await _titles(unit_of_work, owner, parent_id=first.id) == "step"
        assert await _titles(unit_of_work, owner, tag="a") == "first"
        assert await _titles(unit_of_work, owner, tag="b") == "first step"
        assert await _titles(unit_of_work, owner, tag="A") == ""
        assert await _titles(unit_of_work, owner, priority=Priority.HIGH) == "first"
        assert await _titles(unit_of_work, owner, priority=Priority.NONE) == "step plain"

    async def test_todos_fit_by_when_they_are_due(self, unit_of_work: UnitOfWork) -> None:
        """
        ``due_after`` is included, ``due_before`` is not; a day counts from its first moment in UTC.

        What has no due date fits neither.
        """
        owner = await somebody(unit_of_work)
        midnight = NOW.replace(hour=0)
        await _add(
            unit_of_work,
            a_todo(owner, "day", due_date=midnight.date()),
            a_todo(owner, "noon", due_at=NOW),
            a_todo(owner, "never"),
            a_todo(owner, "last", due_at=NEVER - INSTANT),
        )
        assert await _titles(unit_of_work, owner, due_after=midnight) == "day noon last"
        assert await _titles(unit_of_work, owner, due_after=midnight + INSTANT, due_before=NOW) == ""
        assert await _titles(unit_of_work, owner, due_before=NOW + INSTANT) == "day noon"
        assert await _titles(unit_of_work, owner, due_before=NEVER) == "day noon last"
        assert await _titles(unit_of_work, owner, due_after=NEVER) == ""

    async def test_todos_fit_by_their_words(self, unit_of_work: UnitOfWork) -> None:
        """
        Each word of the text must begin a word of title or notes, without regard to case or form.
        """
        owner = await somebody(unit_of_work)
        await _add(
            unit_of_work,
            a_todo(owner, "1", notes="Äpfel KAUFEN"),
            a_todo(owner, "2", notes="im Ofen, mit äpfelmus"),
            a_todo(owner, "3", notes="Straßenfest ½ ﬁn"),
            a_todo(owner, "4", notes="w" * 60),
        )
        asked = {
            "äpfel": "1 2",
            "A\u0308PFEL": "1 2",
            "kauf äp": "1",
            "pfel": "",
            "Äpfelkuchen": "",
            "STRASSE": "3",
            "fin": "3",
            "kaufen ofen": "",
            "w" * 55: "4",
            "w" * 49: "4",
            "4": "4",
        }
        assert {text: await _titles(unit_of_work, owner, text=text) for text in asked} == asked

    async def test_no_character_has_a_meaning(self, unit_of_work: UnitOfWork) -> None:
        """
        Whatever is no letter and no digit parts words, in the text as in todos; a text without words fits nothing.
        """
        owner = await somebody(unit_of_work)
        await _add(unit_of_work, a_todo(owner, "it's"), a_todo(owner, "a&b|c"), a_todo(owner, "100%_x1e5:*"))
        asked = {
            "'": "",
            "% _ : * ! & | \\ ( )": "",
            "": "",
            "it's": "it's",
            "'it": "it's",
            "b&a": "a&b|c",
            "!a": "a&b|c",
            "b | z": "",
            "a:*": "a&b|c",
            "x1e": "100%_x1e5:*",
            "100 x1e5": "100%_x1e5:*",
            "\\a": "a&b|c",
            "00": "",
        }
        assert {text: await _titles(unit_of_work, owner, text=text) for text in asked} == asked

    async def test_words_of_every_script(self, unit_of_work: UnitOfWork) -> None:
        """
        A word is found whatever it is written in, as it stands and by its beginning.
        """
        owner = await somebody(unit_of_work)
        words = (
            "Ᏸꮼ",
            "ꭰꭱ",
            "İzmir",
            "हिन्दी",
            "買い物",
            "Ωμέγα",
            "٣٤٥",
            "𞤀𞤤",
            "ŉa",
            "1e5x",
            "00007",
            "a1b2c3",
            "x" * 50,
        )
        await _add(unit_of_work, *(a_todo(owner, word) for word in words))
        for word in words:
            assert word in await _titles(unit_of_work, owner, text=word), word
            assert word in await _titles(unit_of_work, owner, text=word[:1]), word

    async def test_all_questions_at_once(self, unit_of_work: UnitOfWork) -> None:
        """
        A page holds what fits every question, and the next page goes on behind it.
        """
        owner = await somebody(unit_of_work)
        fields: dict[str, Any] = {"tags": ["a"], "due_at": NOW, "priority": Priority.LOW}
        fitting = [a_todo(owner, f"Milk {number}", **fields) for number in range(3)]
        differing: list[dict[str, Any]] = [{"tags": []}, {"due_at": None}, {"priority": Priority.NONE}]
        others = [a_todo(owner, "Milk", **fields | different) for different in differing]
        done = a_todo(owner, "Milk", completed=True, **fields)
        await _add(unit_of_work, a_todo(owner, "Oats", **fields), *fitting[:1], *others, done, *fitting[1:])
        wanted = TodoFilter(
            completed=False, tag="a", priority=Priority.LOW, due_after=NOW, due_before=NOW + HOUR, text="mil"
        )
        first = await _page(unit_of_work, owner.id, wanted, limit=2)
        second = await _page(unit_of_work, owner.id, wanted, after=first.next_after, limit=2)
        assert [*first.items, *second.items] == fitting

    async def test_the_bin_is_listed_apart(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever asks for the bin sees what is there, in the same orders and pages, and nobody else does.
        """
        owner = await somebody(unit_of_work)
        gone = [a_todo(owner, position=position).deleted(now=NOW) for position in "cab"]
        kept = a_todo(owner)
        await _add(unit_of_work, kept, *gone)
        sort = TodoSort(SortKey.POSITION)
        first = await _page(unit_of_work, owner.id, TodoFilter(deleted=True), sort, limit=2)
        await _replace(unit_of_work, evolve(gone[0], position="A"))
        second = await _page(unit_of_work, owner.id, TodoFilter(deleted=True), sort, after=first.next_after, limit=2)
        assert [todo.id for todo in [*first.items, *second.items]] == [gone[1].id, gone[2].id, gone[0].id]
        assert list((await _page(unit_of_work, owner.id)).items) == [kept]

    async def test_what_moves_is_listed_where_it_stood(self, unit_of_work: UnitOfWork) -> None:
        """
        A todo that is moved between two pages, however often, is seen where it stood at the first, as it is now.
        """
        owner = await somebody(unit_of_work)
        todos = [a_todo(owner, title, position=title) for title in "abcdef"]
        await _add(unit_of_work, *todos)
        seen = await self._read_in_two(
            unit_of_work,
            todos,
            [
                evolve(todos[0], position="z"),  # was read: not again
                evolve(todos[4], position="A"),  # was not: not missed
                evolve(todos[3], position="y"),
                evolve(todos[3], position="B", notes="twice"),
            ],
        )
        assert [todo.title for todo in seen] == list("abcdef")
        assert (seen[3].position, seen[3].notes) == ("B", "twice")

    async def test_what_comes_and_goes_moves_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        What stood there all the time is seen once, though others come and go, even where a page ended.
        """
        owner = await somebody(unit_of_work)
        *todos, binned = (a_todo(owner, title, position=title) for title in "abcdef")
        await _add(unit_of_work, *todos, binned.deleted(now=NOW))
        new = a_todo(owner, "n", position="e")
        seen = await self._read_in_two(
            unit_of_work,
            todos,
            [
                todos[1].deleted(now=NOW),  # the first page ends there
                todos[2].deleted(now=NOW),
                binned,
                new,
                evolve(new, position="zz"),
            ],
        )
        assert [todo.title for todo in seen] == list("abdef")

    async def _read_in_two(
        self, unit_of_work: UnitOfWork, todos: Sequence[Todo], changes: Sequence[Todo]
    ) -> Sequence[Todo]:
        owner_id, sort = todos[0].owner_id, TodoSort(SortKey.POSITION)
        first = await _page(unit_of_work, owner_id, sort=sort, limit=2)
        for changed in changes:
            async with unit_of_work.begin() as work:
                held = [await work.todos.hold(changed.id, owner_id=owner_id, deleted=gone) for gone in (False, True)]
                await (work.todos.replace(changed) if any(held) else work.todos.add(changed))
        second = await _page(unit_of_work, owner_id, sort=sort, after=first.next_after)
        assert second.next_after is None
        return [*first.items, *second.items]

    async def test_where_changes_were_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """
        Where a change since the first page was forgotten, be it one of many, todos are listed where they stand now.

        Whoever moved nothing since forgets without harm.
        """
        owner = await somebody(unit_of_work)
        todos = [a_todo(owner, title, position=title, updated_at=NOW - HOUR) for title in "abcd"]
        await _add(unit_of_work, *todos)
        sort = TodoSort(SortKey.POSITION)
        marks = [(await _page(unit_of_work, owner.id, sort=sort, limit=2)).next_after]
        await _replace(unit_of_work, evolve(todos[0], position="e", updated_at=NOW))
        marks.append((await _page(unit_of_work, owner.id, sort=sort, limit=1)).next_after)
        await _replace(unit_of_work, evolve(todos[2], position="A", updated_at=NOW - HOUR))
        readings = list[str]()
        for before in (NOW - DAY, NOW, NOW + DAY):
            async with unit_of_work.begin() as work:
                await work.changes.prune(before=before, limit=10)
            for mark in marks:
                rest = await _page(unit_of_work, owner.id, sort=sort, after=mark)
                readings.append("".join(todo.title for todo in rest.items))
        assert readings == ["cd", "cda", "da", "da", "da", "da"]
