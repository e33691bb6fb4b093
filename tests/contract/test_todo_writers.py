"""
Todos, while several write and read at once: what no script of one step after another can show.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import pytest
from attrs import define, evolve, field
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.postgres.transaction import Statement, Transaction
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_core.contracts.samples import NOW, a_list, a_todo, somebody
from todo_core.errors import Conflict
from todo_core.model.change import Change
from todo_core.model.ids import ListId, TodoId
from todo_core.model.todo import PageMark, SortKey, Todo, TodoFilter, TodoSort
from todo_core.model.user import User
from todo_core.ports import UnitOfWork, Work

WRITERS = 6
ROUNDS = 25
READINGS = 8
PAGE = 4
MOST_PAGES = 1_000


@pytest.fixture
def unit_of_work(engine: AsyncEngine) -> PostgresUnitOfWork:
    """
    Return what keeps the todos: only a database lets several write at once.
    """
    return PostgresUnitOfWork(engine)


def chance(seed: float | str) -> Random:
    """
    Return what decides what happens next, always the same for one *seed*.
    """
    return Random(seed)  # noqa: S311 - nothing secret hangs on it


@define
class Movers:
    """
    Several who move todos of one owner, and what they know: which position a todo had from which change on.
    """

    unit_of_work: UnitOfWork
    owner: User
    places: dict[TodoId, list[tuple[int, str]]] = field(
        factory=lambda: defaultdict[TodoId, list[tuple[int, str]]](list)
    )
    is_over: bool = False

    async def add(self, *todos: Todo) -> None:
        """
        Add *todos*, and note where they stand.
        """
        async with self.unit_of_work.begin() as work:
            await work.todos.add(*todos)
            await self._note(work, *todos)

    async def move(self, todos: Sequence[Todo], chance: Random) -> None:
        """
        Move, bin, restore and add, one after another, until it is over.
        """
        while not self.is_over:
            todo = chance.choice(todos)
            async with self.unit_of_work.begin() as work:
                await self._change(work, todo, chance)
            if chance.random() < 0.2:
                await self.add(a_todo(self.owner, "new", position=chance.choice("abcdefgh")))
            await asyncio.sleep(0)

    def at(self, todo_id: TodoId, number: int) -> str | None:
        """
        Return where the todo stood as of this change, if it was there.
        """
        known = [position for changed, position in self.places[todo_id] if changed <= number]
        return known[-1] if known else None

    async def _change(self, work: Work, todo: Todo, chance: Random) -> None:
        held = await work.todos.hold(todo.id, owner_id=self.owner.id)
        if held is None:
            binned = await work.todos.hold(todo.id, owner_id=self.owner.id, deleted=True)
            assert binned is not None
            await work.todos.replace(binned.restored(now=NOW))
        elif todo.title == "comes and goes" and chance.random() < 0.5:
            await work.todos.replace(held.deleted(now=NOW))
        else:
            moved = evolve(held, position=chance.choice("abcdefgh"), version=held.version + 1)
            await work.todos.replace(moved)
            await self._note(work, moved)

    async def _note(self, work: Work, *todos: Todo) -> None:
        latest = await work.changes.latest(self.owner.id)
        for todo in todos:
            self.places[todo.id].append((latest, todo.position))


async def followed(unit_of_work: UnitOfWork, owner: User, sort: TodoSort) -> tuple[list[TodoId], int]:
    """
    Return what a reader sees who follows the pages to their end, and as of which change.
    """
    ids, after, as_of = list[TodoId](), None, 0
    for _ in range(MOST_PAGES):
        async with unit_of_work.begin() as work:
            page = await work.todos.page(TodoFilter(), sort, owner_id=owner.id, after=after, limit=PAGE)
        ids += [todo.id for todo in page.items]
        after: PageMark | None = page.next_after
        if after is None:
            return ids, as_of
        as_of = after.as_of
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("descending", [False, True])
async def test_a_reader_among_writers(unit_of_work, descending):
    """
    What is moved but stays is seen once by each reader, what comes and goes at most once, what is new not at all.

    All of it comes in the order as of the first page.
    """
    movers = Movers(unit_of_work, await somebody(unit_of_work))
    staying = [a_todo(movers.owner, "stays", position=position) for position in "abcdefgh" * 3]
    passing = [a_todo(movers.owner, "comes and goes", position=position) for position in "abcdefgh"]
    await movers.add(*staying, *passing)
    async with asyncio.TaskGroup() as group:
        for seed in range(WRITERS):
            group.create_task(movers.move([*staying, *passing], chance(seed)))
        sort = TodoSort(SortKey.POSITION, descending)
        readings = [await followed(unit_of_work, movers.owner, sort) for _ in range(READINGS)]
        movers.is_over = True
    assert len({as_of for _, as_of in readings}) > 1, "somebody wrote meanwhile"
    for ids, as_of in readings:
        assert max(Counter(ids).values()) == 1
        assert set(ids) >= {todo.id for todo in staying}
        places = [(movers.at(todo_id, as_of), todo_id) for todo_id in ids]
        assert all(position for position, _ in places)
        assert places == sorted(places, reverse=descending)


@define
class Crowd:
    """
    Several who do all kinds of things to one owner's todos and lists.
    """

    unit_of_work: UnitOfWork
    owner: User
    lists: list[ListId] = field(factory=list[ListId])
    todos: list[TodoId] = field(factory=list[TodoId])
    is_over: bool = False

    async def act(self, chance: Random) -> None:
        """
        Do one thing after another, each in a unit of work of its own.
        """
        deeds = [self._add, self._add_into_a_list, self._edit, self._edit_several, self._bin, self._rename, self._drop]
        for _ in range(ROUNDS):
            with suppress(Conflict):  # a list was dropped before a todo came into it
                async with self.unit_of_work.begin() as work:
                    await chance.choice(deeds)(work, chance)
            async with self.unit_of_work.begin() as work:
                await work.todos.purge(before=NOW, limit=1)

    async def follow(self) -> list[Change]:
        """
        Return all changes, asked for again and again, until all is over and nothing is left.
        """
        told = list[Change]()
        while True:
            was_over = self.is_over
            async with self.unit_of_work.begin() as work:
                more = await work.changes.since(len(told), owner_id=self.owner.id, limit=5)
            told += more
            assert [change.number for change in told[-5:]] == list(range(len(told) + 1)[1:][-5:])
            if was_over and not more:
                return told
            await asyncio.sleep(0 if more else 0.001)

    async def _add(self, work: Work, chance: Random) -> None:
        parent = a_todo(self.owner, position=chance.choice("abc"))
        await work.todos.add(parent, *(a_todo(self.owner, parent_id=parent.id) for _ in range(2)))
        self.todos.append(parent.id)

    async def _add_into_a_list(self, work: Work, chance: Random) -> None:
        todo_list = a_list(self.owner)
        await work.lists.add(todo_list)
        await work.todos.add(a_todo(self.owner, list_id=chance.choice([*self.lists, todo_list.id])))
        self.lists.append(todo_list.id)

    async def _edit(self, work: Work, chance: Random) -> None:
        if self.todos and (held := await work.todos.hold(chance.choice(self.todos), owner_id=self.owner.id)):
            steps = await work.todos.hold_steps(held.id, owner_id=self.owner.id)
            await asyncio.sleep(0)
            await work.todos.replace(*(evolve(one, version=one.version + 1) for one in (held, *steps)))

    async def _edit_several(self, work: Work, chance: Random) -> None:
        for todo_id in chance.sample(self.todos, min(3, len(self.todos))):
            if held := await work.todos.hold(todo_id, owner_id=self.owner.id):
                await work.todos.replace(evolve(held, version=held.version + 1))

    async def _bin(self, work: Work, chance: Random) -> None:
        if not self.todos:
            return
        todo_id = chance.choice(self.todos)
        for deleted in (False, True):
            if held := await work.todos.hold(todo_id, owner_id=self.owner.id, deleted=deleted):
                steps = await work.todos.hold_steps(todo_id, owner_id=self.owner.id, deleted=deleted)
                at = None if deleted else NOW if chance.random() < 0.5 else held.created_at.replace(year=2000)
                some = [evolve(one, deleted_at=at, version=one.version + 1) for one in (held, *steps)]
                await work.todos.replace(*some)
                return

    async def _rename(self, work: Work, chance: Random) -> None:
        if self.lists and (held := await work.lists.hold(chance.choice(self.lists), owner_id=self.owner.id)):
            await asyncio.sleep(0)
            await work.lists.replace(evolve(held, name="Renamed", version=held.version + 1))

    async def _drop(self, work: Work, chance: Random) -> None:
        if self.lists:
            dropped = chance.choice(self.lists)
            if chance.random() < 0.5:
                inside = await work.todos.hold_list(dropped, owner_id=self.owner.id)
                await work.todos.replace(*(todo.edited({"list_id": None}, now=NOW) for todo in inside))
            await work.lists.remove(dropped, owner_id=self.owner.id, at=NOW)


@pytest.mark.parametrize("verb", ["add", "replace"])
async def test_many_todos_are_one_statement(unit_of_work, monkeypatch, verb):
    """
    However many todos are written by one call, the database is asked once.
    """
    owner = await somebody(unit_of_work)
    todos = [a_todo(owner) for _ in range(100)]
    async with unit_of_work.begin() as work:
        await work.todos.add(*todos[: 0 if verb == "add" else None])
        asked, run = list[Statement](), Transaction._run
        monkeypatch.setattr(
            Transaction, "_run", lambda self, statement, values: asked.append(statement) or run(self, statement, values)
        )
        await getattr(work.todos, verb)(*todos)
        assert len(asked) == 1
        assert await work.changes.latest(owner.id) == 100 * (1 if verb == "add" else 2)


@pytest.mark.parametrize("seed", range(3))
async def test_a_crowd_of_writers(unit_of_work, seed):
    """
    Nobody waits in a circle, whatever they do at once, and followers are told of every change, one by one.
    """
    crowd = Crowd(unit_of_work, await somebody(unit_of_work))
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(crowd.follow()) for _ in range(2)]
        await asyncio.gather(*(crowd.act(chance(f"{seed} {number}")) for number in range(WRITERS)))
        crowd.is_over = True
    told, again = (task.result() for task in following)
    async with unit_of_work.begin() as work:
        assert len(told) == await work.changes.latest(crowd.owner.id)
    assert told == again
    versions = defaultdict[object, list[int]](list)
    for change in told:
        versions[change.id].append(change.version)
    assert all(numbers == sorted(numbers) for numbers in versions.values())
