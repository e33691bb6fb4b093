"""
Taking todos out into a file, and bringing them in from one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from attrs import frozen

from todo_core.errors import InvalidInput
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.ids import ListId, TodoId, UserId, uuid7
from todo_core.model.position import position_at
from todo_core.model.todo import Todo, TodoFilter
from todo_core.model.todo_file import FiledList, FiledTodo, TodoFile
from todo_core.model.todo_list import MOST_LISTS, TodoList
from todo_core.ports import Clock, Randomness, UnitOfWork, Work
from todo_core.use_cases.once import Once
from todo_core.use_cases.reading_todos import PAGE, ReadTodos
from todo_core.use_cases.reminding import queue_reminder

_INSTANT = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)


@frozen
class ExportedTodos:
    """
    A person's lists and todos as a file has them; todos are read page by page, as whoever iterates goes on.
    """

    lists: Sequence[FiledList]
    todos: AsyncIterator[Sequence[FiledTodo]]


@frozen
class _Refs:
    """
    The numbers by which a file's todos refer to lists, and steps to the todos that they are steps of.

    They are given in the order in which todos first need them, so they are the same wherever the todos are.
    """

    lists: dict[ListId, int]
    parents: dict[TodoId, int]

    def filed(self, todo: Todo) -> FiledTodo:
        """
        Return the *todo* as the file has it.
        """
        return FiledTodo(
            title=todo.title,
            ref=self.parents.get(todo.id),
            parent_ref=None if todo.parent_id is None else self.parents.get(todo.parent_id),
            list_ref=None if todo.list_id is None else self.lists.get(todo.list_id),
            notes=todo.notes,
            completed_at=todo.completed_at,
            priority=todo.priority,
            due_at=todo.due_at,
            due_date=todo.due_date,
            tags=todo.tags,
            recurrence=todo.recurrence,
            remind_at=todo.remind_at,
            position=todo.position,
            created_at=todo.created_at,
            updated_at=todo.updated_at,
        )


@frozen
class ExportTodos:
    """
    Write a person's todos down, but for those in the bin.

    They are read twice: a step can be older than the todo that it is a step of, so the numbers must be known before
    the first is written. Of the first reading only these numbers stay in memory.
    """

    unit_of_work: UnitOfWork
    read: ReadTodos

    async def __call__(self, *, owner_id: UserId) -> ExportedTodos:
        """
        Return lists in the order of their positions, and todos, the oldest first.

        What is changed meanwhile is written as it was or as it is.
        """
        async with self.unit_of_work.begin() as work:
            lists = await work.lists.of_owner(owner_id)
        refs = await self._refs({todo_list.id for todo_list in lists}, owner_id)
        for todo_list in lists:
            refs.lists.setdefault(todo_list.id, len(refs.lists) + 1)
        filed = [_filed_list(todo_list, refs.lists[todo_list.id]) for todo_list in lists]
        return ExportedTodos(filed, self._todos(refs, owner_id))

    async def _refs(self, known: set[ListId], owner_id: UserId) -> _Refs:
        refs = _Refs({}, {})
        async for page in self.read(TodoFilter(), owner_id=owner_id):
            for todo in page:
                if todo.list_id is not None and todo.list_id in known:
                    refs.lists.setdefault(todo.list_id, len(refs.lists) + 1)
                if todo.parent_id is not None:
                    refs.parents.setdefault(todo.parent_id, len(refs.parents) + 1)
        return refs

    async def _todos(self, refs: _Refs, owner_id: UserId) -> AsyncIterator[Sequence[FiledTodo]]:
        async for page in self.read(TodoFilter(), owner_id=owner_id):
            yield [refs.filed(todo) for todo in page]


@frozen
class Imported:
    """
    How many todos were brought in, and how many lists had to be made for them.
    """

    todos: int
    lists: int


class _OnlyTried(Exception):
    """
    All went well, and was to be tried only.
    """

    def __init__(self, imported: Imported) -> None:
        super().__init__()
        self.imported = imported


@frozen
class ImportTodos:
    """
    Bring the lists and todos of a file in, all of them or none.

    Todos get new ids, in their order. A list that has the name of one which the owner has is taken to be that one.
    Nobody is reminded of what was to be reminded of before now.
    """

    clock: Clock
    randomness: Randomness
    once: Once

    async def __call__(
        self, file: TodoFile, *, owner_id: UserId, dry_run: bool = False, retry: Retry[Imported] | None = None
    ) -> Imported | KeptAnswer:
        """
        Return how much was brought in, or would be: a *dry_run* does the same, and undoes it.

        Raises:
            InvalidInput: there would be more than 500 lists.
            RetryKeyReused: something else was asked under the same key.
        """
        if not dry_run:
            return await self.once(lambda work: self._bring_in(work, file, owner_id), owner_id=owner_id, retry=retry)
        try:
            return await self.once(lambda work: self._try(work, file, owner_id), owner_id=owner_id, retry=None)
        except _OnlyTried as tried:
            return tried.imported

    async def _try(self, work: Work, file: TodoFile, owner_id: UserId) -> Imported:
        raise _OnlyTried(await self._bring_in(work, file, owner_id))

    async def _bring_in(self, work: Work, file: TodoFile, owner_id: UserId) -> Imported:
        now = self.clock.now()
        list_ids, made = await self._lists(work, file.lists, owner_id, now)
        ids = self._ids(len(file.todos), now)
        parents = {todo.ref: (ids[place], todo) for place, todo in enumerate(file.todos) if todo.ref is not None}

        def kept(place: int) -> Todo:
            filed = file.todos[place]
            parent_id, above = (None, filed) if filed.parent_ref is None else parents[filed.parent_ref]
            return filed.as_todo(
                ids[place],
                owner_id=owner_id,
                list_id=None if above.list_ref is None else list_ids[above.list_ref],
                parent_id=parent_id,
                position=self._position(now, place),
                now=now,
            )

        # what is a step of nothing comes first: a step needs the todo that it is a step of
        for steps in (False, True):
            places = (place for place, todo in enumerate(file.todos) if (todo.parent_ref is not None) is steps)
            await self._add(work, map(kept, places), now)
        return Imported(len(file.todos), made)

    async def _lists(
        self, work: Work, lists: Sequence[FiledList], owner_id: UserId, now: datetime
    ) -> tuple[dict[int, ListId], int]:
        """
        Return the ids of the lists by their numbers, and how many had to be made.
        """
        present: dict[str, list[ListId]] = {}
        for todo_list in await work.lists.of_owner(owner_id):
            present.setdefault(todo_list.name, []).append(todo_list.id)
        room = MOST_LISTS - sum(map(len, present.values()))
        found: dict[int, ListId] = {}
        made = 0
        for place, filed in enumerate(lists):
            namesakes = present.get(filed.name)
            list_id = namesakes.pop(0) if namesakes else None
            if list_id is None or await work.lists.hold(list_id, owner_id=owner_id) is None:
                made += 1
                if made > room:
                    raise InvalidInput(f"One can have at most {MOST_LISTS} lists.", field="lists")
                list_id = await self._make_list(work, filed, place, owner_id, now)
            if filed.ref is not None:
                found[filed.ref] = list_id
        return found, made

    async def _make_list(self, work: Work, filed: FiledList, place: int, owner_id: UserId, now: datetime) -> ListId:
        list_id = ListId(uuid7(now + place * _MILLISECOND, self.randomness.draw(10)))
        position = self._position(now, place)
        await work.lists.add(filed.as_list(list_id, owner_id=owner_id, position=position, now=now))
        return list_id

    async def _add(self, work: Work, todos: Iterator[Todo], now: datetime) -> None:
        while some := list(islice(todos, PAGE)):
            await work.todos.add(*some)
            for todo in some:
                if todo.remind_at is not None and todo.remind_at > now and not todo.completed:
                    await queue_reminder(work, todo, now=now, randomness=self.randomness)

    def _ids(self, number: int, now: datetime) -> list[TodoId]:
        """
        Return fresh ids in their order, which is then that of todos which are equally old.
        """
        return [TodoId(each) for each in sorted(uuid7(now, self.randomness.draw(10)) for _ in range(number))]

    def _position(self, now: datetime, place: int) -> str:
        return position_at(now + place * _INSTANT, self.randomness.draw(2))


def _filed_list(todo_list: TodoList, ref: int) -> FiledList:
    return FiledList(
        name=todo_list.name,
        ref=ref,
        colour=todo_list.colour,
        position=todo_list.position,
        created_at=todo_list.created_at,
        updated_at=todo_list.updated_at,
    )
