"""
Pages of todos while others write: a reader follows cursors, and Hypothesis decides what happens between two pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from attrs import define, evolve, field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.memory import MemoryUnitOfWork
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.samples import HOUR, NOW, a_list, a_todo, somebody
from todo_core.model.ids import TodoId
from todo_core.model.todo import PageMark, Priority, SortKey, Todo, TodoFilter, TodoSort
from todo_core.model.todo_list import TodoList
from todo_core.model.user import User
from todo_core.ports import UnitOfWork, Work

TIMES = st.sampled_from([NOW, NOW, NOW + HOUR, NOW + 2 * HOUR])
PLACES = {
    "position": st.sampled_from(["a", "b", "B", "aV"]),
    "due_at": st.none() | TIMES,
    "updated_at": TIMES,
    "priority": st.sampled_from(Priority),
}
FIELDS = st.fixed_dictionaries(
    PLACES,
    optional={
        "completed_at": st.none() | st.just(NOW),
        "tags": st.sampled_from([(), ("x",), ("x", "y")]),
        "title": st.sampled_from(["Buy milk", "Milk the cow", "Oats"]),
        "list_id": st.booleans(),
    },
)
WANTED = st.builds(
    TodoFilter,
    completed=st.sampled_from([None, None, None, False, True]),
    tag=st.sampled_from([None, None, None, "x"]),
    priority=st.sampled_from([None] * 8 + [*Priority]),
    due_after=st.sampled_from([None, None, None, NOW + HOUR]),
    text=st.sampled_from([None, None, None, "mil"]),
    deleted=st.sampled_from([False, False, False, True]),
)
SORTS = st.builds(TodoSort, st.sampled_from(SortKey), st.booleans())
WHICH = st.integers(0, 4)
STEPS = (
    st.tuples(st.just("add"), FIELDS, st.booleans())
    | st.tuples(st.just("edit"), WHICH, FIELDS)
    | st.tuples(st.just("edit"), WHICH, st.fixed_dictionaries(PLACES))
    | st.tuples(st.just("bin"), WHICH)
    | st.tuples(st.just("list"))
    | st.tuples(st.just("purge"))
)
FORGET = st.tuples(st.just("forget"), TIMES, st.integers(1, 3))
BEGINNING = st.lists(st.tuples(FIELDS, st.sampled_from([False, False, True])), min_size=4, max_size=10)
SCRIPT = st.lists(st.lists(STEPS, min_size=1, max_size=5), min_size=1, max_size=6)
FORGETTING = st.lists(st.lists(STEPS | FORGET, min_size=1, max_size=5), min_size=1, max_size=6)
FEW = st.lists(st.tuples(st.fixed_dictionaries(PLACES), st.just(value=False)), min_size=4, max_size=4)
MOVES = st.lists(
    st.lists(st.tuples(st.just("edit"), st.integers(0, 3), st.fixed_dictionaries(PLACES)), min_size=4, max_size=6),
    min_size=3,
    max_size=3,
)
MOST_PAGES = 100

each = settings(
    derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def fits(todo: Todo, wanted: TodoFilter) -> bool:
    """
    Tell whether *todo* fits those questions that these tests ask.
    """
    return (
        (todo.deleted_at is not None) is wanted.deleted
        and (wanted.completed is None or todo.completed == wanted.completed)
        and (wanted.list_id is None or todo.list_id == wanted.list_id)
        and (wanted.tag is None or wanted.tag in todo.tags)
        and (wanted.priority is None or todo.priority == wanted.priority)
        and (wanted.due_after is None or (todo.due_at is not None and todo.due_at >= wanted.due_after))
        and (wanted.text is None or "milk" in todo.title.lower())
    )


@define
class Writer:
    """
    Somebody who writes to the store, and knows what stands there.
    """

    unit_of_work: UnitOfWork
    owner: User
    todo_list: TodoList
    todos: dict[TodoId, Todo] = field(factory=dict[TodoId, Todo])

    async def do(self, step: tuple[Any, ...]) -> None:
        """
        Make one *step* of a script, in a unit of work of its own.
        """
        async with self.unit_of_work.begin() as work:
            match step:
                case "add", fields, deleted:
                    await self._add(work, fields, deleted=deleted)
                case "edit", which, fields if self.todos:
                    await self._replace(work, self._one(which), **self._chosen(fields))
                case "bin", which if self.todos:
                    todo = self._one(which)
                    await self._replace(work, todo, deleted_at=NOW if todo.deleted_at is None else None)
                case ("list",):
                    await self._start_a_new_list(work)
                case ("purge",):
                    await work.todos.purge(before=NOW + HOUR, limit=1_000)
                    self.todos = {todo.id: todo for todo in self.todos.values() if todo.deleted_at is None}
                case "forget", before, limit:
                    await work.changes.prune(before=before, limit=limit)
                case _:
                    pass

    async def _add(self, work: Work, fields: dict[str, Any], *, deleted: bool) -> None:
        todo = a_todo(self.owner, **{"deleted_at": NOW if deleted else None, **self._chosen(fields)})
        await work.todos.add(todo)
        self.todos[todo.id] = todo

    async def _replace(self, work: Work, todo: Todo, **fields: Any) -> None:
        held = await work.todos.hold(todo.id, owner_id=todo.owner_id, deleted=todo.deleted_at is not None)
        assert held == todo
        self.todos[todo.id] = evolve(todo, version=todo.version + 1, **fields)
        await work.todos.replace(self.todos[todo.id])

    async def _start_a_new_list(self, work: Work) -> None:
        old, self.todo_list = self.todo_list, a_list(self.owner)
        await work.lists.add(self.todo_list)
        await work.lists.remove(old.id, owner_id=old.owner_id, at=NOW)
        for todo in [todo for todo in self.todos.values() if todo.list_id == old.id]:
            self.todos[todo.id] = evolve(todo, list_id=None)

    def _one(self, which: int) -> Todo:
        return list(self.todos.values())[which % len(self.todos)]

    def _chosen(self, fields: dict[str, Any]) -> dict[str, Any]:
        listed = {"list_id": self.todo_list.id if fields["list_id"] else None} if "list_id" in fields else {}
        return {**fields, **listed}


@frozen
class Reading:
    """
    What a reader saw, what stood there at the first page, what was untouched since, and what fitted all the time.
    """

    seen: Sequence[Todo]
    before: dict[TodoId, Todo]
    untouched: set[TodoId]
    fitting: set[TodoId]


async def read(
    writer: Writer, wanted: TodoFilter, sort: TodoSort, *, limit: int, script: Sequence[Sequence[tuple[Any, ...]]]
) -> Reading:
    """
    Return what a reader of pages sees, between which the *writer* writes.
    """
    seen, after = list[Todo](), None
    before = dict(writer.todos)
    untouched, fitting = set(before), {todo.id for todo in before.values() if fits(todo, wanted)}
    rounds = iter(script)
    for _ in range(MOST_PAGES):
        seen += (page := await page_of(writer, wanted, sort, after, limit)).items
        after = page.next_after
        if after is None:
            return Reading(seen, before, untouched, fitting)
        for step in next(rounds, ()):
            await writer.do(step)
            untouched -= {todo_id for todo_id in untouched if writer.todos.get(todo_id) != before[todo_id]}
            fitting &= {todo.id for todo in writer.todos.values() if fits(todo, wanted)}
    raise AssertionError("the pages have no end")


async def page_of(writer: Writer, wanted: TodoFilter, sort: TodoSort, after: PageMark | None, limit: int) -> Any:
    """
    Return one page, and see that it has what it should.
    """
    async with writer.unit_of_work.begin() as work:
        page = await work.todos.page(wanted, sort, owner_id=writer.owner.id, after=after, limit=limit)
    assert len(page.items) == limit or (len(page.items) < limit and page.next_after is None)
    for todo in page.items:
        assert todo == writer.todos[todo.id]
        assert fits(todo, wanted)
    return page


async def written(unit_of_work: UnitOfWork, beginning: Sequence[tuple[dict[str, Any], bool]]) -> Writer:
    """
    Return a writer who has written the todos of the *beginning*.
    """
    owner = await somebody(unit_of_work)
    todo_list = a_list(owner)
    async with unit_of_work.begin() as work:
        await work.lists.add(todo_list)
    writer = Writer(unit_of_work, owner, todo_list)
    for fields, deleted in beginning:
        await writer.do(("add", fields, deleted))
    return writer


class PagingTests:
    """
    What holds for readers of pages, whatever is written meanwhile.
    """

    @each
    @given(BEGINNING, SCRIPT, WANTED, SORTS, st.integers(1, 3), st.sampled_from([False, False, True]))
    async def test_each_todo_is_seen_once(self, unit_of_work, beginning, script, wanted, sort, limit, is_listed):
        """
        What fits all the time is seen exactly once, nothing twice, in the order as of the first page, and nothing new.
        """
        writer = await written(unit_of_work, beginning)
        wanted = evolve(wanted, list_id=writer.todo_list.id if is_listed else None)
        reading = await read(writer, wanted, sort, limit=limit, script=script)
        ids = [todo.id for todo in reading.seen]
        assert max(Counter(ids).values(), default=1) == 1
        assert reading.fitting <= set(ids) <= set(reading.before)
        places = [(sort.key.of(reading.before[todo_id]), todo_id) for todo_id in ids]
        assert places == sorted(places, reverse=sort.descending)

    @each
    @given(FEW, MOVES, SORTS)
    async def test_what_moves_again_and_again_is_seen_once(self, unit_of_work, beginning, script, sort):
        """
        Each todo is seen where it stood at the first page, however often it is moved before it is read and afterwards.
        """
        writer = await written(unit_of_work, beginning)
        reading = await read(writer, TodoFilter(), sort, limit=1, script=script)
        ordered = sorted(
            reading.before.values(), key=lambda todo: (sort.key.of(todo), todo.id), reverse=sort.descending
        )
        assert [todo.id for todo in reading.seen] == [todo.id for todo in ordered]

    @each
    @given(BEGINNING, FORGETTING, WANTED, SORTS, st.integers(1, 3))
    async def test_reading_on_where_changes_were_forgotten(self, unit_of_work, beginning, script, wanted, sort, limit):
        """
        The pages come to an end, and what fits and is left alone all the time is seen exactly once.
        """
        writer = await written(unit_of_work, beginning)
        reading = await read(writer, wanted, sort, limit=limit, script=script)
        times = Counter(todo.id for todo in reading.seen)
        assert all(times[todo_id] == 1 for todo_id in reading.fitting & reading.untouched)


class TestMemory(PagingTests):
    @pytest.fixture
    def unit_of_work(self) -> MemoryUnitOfWork:
        return MemoryUnitOfWork()


class TestPostgres(PagingTests):
    @pytest.fixture
    def unit_of_work(self, engine: AsyncEngine) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(engine)
