"""
Lists of todos: making, naming, ordering, dropping.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.ids import ListId, UserId, uuid7
from todo_core.model.position import position_at
from todo_core.model.todo_list import MOST_LISTS, ListChanges, TodoList
from todo_core.ports import Clock, Randomness, UnitOfWork, Work
from todo_core.use_cases.once import Once
from todo_core.use_cases.writing_todos import check_list


@frozen
class AddList:
    """
    Make a list.
    """

    clock: Clock
    randomness: Randomness
    once: Once

    async def __call__(
        self, *, owner_id: UserId, fields: ListChanges, retry: Retry[TodoList] | None = None
    ) -> TodoList | KeptAnswer:
        """
        Return the new list, or what was answered when the same was asked before.

        Where its position is not said, it stands behind all others.

        Raises:
            InvalidInput: a field breaks a rule, or the owner has 500 lists already.
            RetryKeyReused: something else was asked under the same key.
        """
        return await self.once(lambda work: self._add(work, owner_id, fields), owner_id=owner_id, retry=retry)

    async def _add(self, work: Work, owner_id: UserId, fields: ListChanges) -> TodoList:
        now = self.clock.now()
        chosen: ListChanges = {"position": position_at(now, self.randomness.draw(2)), **fields}
        list_id = ListId(uuid7(now, self.randomness.draw(10)))
        todo_list = TodoList(id=list_id, owner_id=owner_id, created_at=now, updated_at=now, **chosen)
        if len(await work.lists.of_owner(owner_id)) >= MOST_LISTS:
            raise InvalidInput(f"One can have at most {MOST_LISTS} lists.")
        await work.lists.add(todo_list)
        return todo_list


@frozen
class ListLists:
    """
    Show a person's lists.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, owner_id: UserId) -> Sequence[TodoList]:
        """
        Return all of them, in the order of their positions.
        """
        async with self.unit_of_work.begin() as work:
            return await work.lists.of_owner(owner_id)


@frozen
class GetList:
    """
    Show one list.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, list_id: ListId, *, owner_id: UserId) -> TodoList:
        """
        Return the list.

        Raises:
            NotFound: the owner has no such list.
        """
        async with self.unit_of_work.begin() as work:
            todo_list = await work.lists.get(list_id, owner_id=owner_id)
        if todo_list is None:
            raise NotFound
        return todo_list


@frozen
class EditList:
    """
    Change of a list what is said, and nothing else.
    """

    clock: Clock
    unit_of_work: UnitOfWork
    version_required: bool

    async def __call__(
        self, list_id: ListId, *, owner_id: UserId, changes: ListChanges, seen_version: int | None
    ) -> TodoList:
        """
        Return the list as it now stands.

        Raises:
            NotFound: the owner has no such list.
            InvalidInput: a change breaks a rule.
            PreconditionFailed: it is not at *seen_version* any more.
            PreconditionRequired: no version was said, and the operator wants one.
        """
        async with self.unit_of_work.begin() as work:
            todo_list = await _held(work, list_id, owner_id, seen_version, required=self.version_required)
            edited = todo_list.edited(changes, now=self.clock.now())
            if edited is not todo_list:
                await work.lists.replace(edited)
        return edited


@frozen
class DeleteList:
    """
    Drop a list, and move its todos elsewhere or put them into the bin.
    """

    clock: Clock
    unit_of_work: UnitOfWork
    version_required: bool

    async def __call__(
        self,
        list_id: ListId,
        *,
        owner_id: UserId,
        todos: Literal["move", "delete"],
        to: ListId | None,
        seen_version: int | None,
    ) -> None:
        """
        Return once it is gone; todos that move go *to* another list, or to none.

        Raises:
            NotFound: the owner has no such list.
            InvalidInput: *to* is no list of the owner's, or this very one.
            PreconditionFailed: it is not at *seen_version* any more.
            PreconditionRequired: no version was said, and the operator wants one.
        """
        if to == list_id:
            raise InvalidInput("Todos cannot move to the list that is dropped.", field="to")
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            await _held(work, list_id, owner_id, seen_version, required=self.version_required)
            await check_list(work, to, owner_id=owner_id, named="to")
            held = await work.todos.hold_list(list_id, owner_id=owner_id)
            gone = [todo.deleted(now=now) for todo in held]
            moved = [todo.edited({"list_id": to}, now=now) for todo in held]
            await work.todos.replace(*(moved if todos == "move" else gone))
            await work.lists.remove(list_id, owner_id=owner_id, at=now)


async def _held(work: Work, list_id: ListId, owner_id: UserId, seen_version: int | None, *, required: bool) -> TodoList:
    if required and seen_version is None:
        raise PreconditionRequired
    todo_list = await work.lists.hold(list_id, owner_id=owner_id)
    if todo_list is None:
        raise NotFound
    if seen_version not in {None, todo_list.version}:
        raise PreconditionFailed
    return todo_list
