"""
What may change of a person's todos, one at a time inside a unit of work: single requests and batches share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from attrs import evolve, frozen

from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired
from todo_core.model.ids import ListId, TodoId, UserId, uuid7
from todo_core.model.position import position_at
from todo_core.model.recurring import next_of, with_anchor
from todo_core.model.todo import Todo, TodoChanges, fields_of
from todo_core.ports import Clock, Randomness, Work
from todo_core.use_cases.reminding import queue_reminder, remind


@frozen
class WriteTodos:
    """
    Add, edit, delete and restore, each with what follows from it.

    A step is in the list of the todo that it is a step of. What happens to a todo with steps, but that it is done,
    happens to its steps. When a todo is done that recurs, the next one is added, which recurs in its stead.
    """

    clock: Clock
    randomness: Randomness
    version_required: bool

    async def add(self, work: Work, *, owner_id: UserId, fields: TodoChanges) -> Todo:
        """
        Return the new todo; where its position is not said, it stands behind all others.

        Raises:
            InvalidInput: a field breaks a rule, or names a list or a todo that the owner does not have.
        """
        now = self.clock.now()
        chosen = fields_of(fields, completed_at=None, now=now)
        chosen.setdefault("position", position_at(now, self.randomness.draw(2)))
        todo = Todo(
            id=TodoId(uuid7(now, self.randomness.draw(10))),
            owner_id=owner_id,
            created_at=now,
            updated_at=now,
            **chosen,
        )
        todo = await _anchored(work, await _placed(work, todo, list_said="list_id" in fields))
        await work.todos.add(todo)
        await remind(work, todo, before=None, now=now, randomness=self.randomness)
        return todo

    async def edit(
        self, work: Work, todo_id: TodoId, *, owner_id: UserId, changes: TodoChanges, seen_version: int | None
    ) -> Todo:
        """
        Return the todo as it now stands.

        Raises:
            NotFound: the owner has no such todo.
            InvalidInput: a change breaks a rule, or names a list or a todo that the owner does not have.
            PreconditionFailed: it is not at *seen_version* any more.
            PreconditionRequired: no version was said, and the operator wants one.
        """
        todo = await self._held(work, todo_id, owner_id, seen_version)
        now = self.clock.now()
        edited = await _anchored(work, todo.edited(changes, now=now))
        if evolve(edited, updated_at=todo.updated_at, version=todo.version) == todo:
            return todo
        if edited.parent_id is not None and edited.parent_id != todo.parent_id:
            await _refuse_steps(work, todo)
        if (edited.parent_id, edited.list_id) != (todo.parent_id, todo.list_id):
            edited = await _placed(work, edited, list_said="list_id" in changes)
        steps: Sequence[Todo] = ()
        if edited.list_id != todo.list_id and edited.parent_id is None:
            steps = await work.todos.hold_steps(todo_id, owner_id=owner_id)
        moved = [step.edited({"list_id": edited.list_id}, now=now) for step in steps]
        is_done_now = edited.completed and not todo.completed
        kept = evolve(edited, recurrence=None) if is_done_now else edited
        await work.todos.replace(kept, *moved)
        await remind(work, kept, before=todo, now=now, randomness=self.randomness)
        if is_done_now and edited.recurrence is not None:
            await self._add_next(work, edited, now=now)
        return kept

    async def delete(self, work: Work, todo_id: TodoId, *, owner_id: UserId, seen_version: int | None) -> Todo:
        """
        Return the todo as it lies in the bin, its steps with it.

        Raises:
            NotFound, PreconditionFailed, PreconditionRequired: as for *edit*.
        """
        todo = await self._held(work, todo_id, owner_id, seen_version)
        now = self.clock.now()
        steps = await work.todos.hold_steps(todo_id, owner_id=owner_id)
        deleted, *others = [one.deleted(now=now) for one in (todo, *steps)]
        await work.todos.replace(deleted, *others)
        return deleted

    async def restore(self, work: Work, todo_id: TodoId, *, owner_id: UserId) -> Todo:
        """
        Return the todo taken out of the bin, with the steps that were put there with it.

        A step comes back into the list that its todo is in now. One whose todo is in the bin or gone, or became a
        step, comes back as a todo of its own.

        Raises:
            NotFound: the owner has no such todo in the bin.
        """
        todo = await work.todos.hold(todo_id, owner_id=owner_id, deleted=True)
        if todo is None:
            raise NotFound
        now = self.clock.now()
        restored = await _back(work, todo.restored(now=now))
        steps = await work.todos.hold_steps(todo_id, owner_id=owner_id, deleted=True)
        together = [step.restored(now=now) for step in steps if step.deleted_at == todo.deleted_at]
        await work.todos.replace(restored, *together)
        return restored

    async def _add_next(self, work: Work, done: Todo, *, now: datetime) -> None:
        """
        Add what follows on the todo that is *done*, if anything, with its steps; their ids keep their order.
        """
        steps = await work.todos.hold_steps(done.id, owner_id=done.owner_id)
        ids = sorted(TodoId(uuid7(now, self.randomness.draw(10))) for _ in (done, *steps))
        added = next_of(done, steps, ids=ids, now=now, zone=await zone_of(work, done.owner_id))
        await work.todos.add(*added)
        for todo in added:
            await queue_reminder(work, todo, now=now, randomness=self.randomness)

    async def _held(self, work: Work, todo_id: TodoId, owner_id: UserId, seen_version: int | None) -> Todo:
        if self.version_required and seen_version is None:
            raise PreconditionRequired
        todo = await work.todos.hold(todo_id, owner_id=owner_id)
        if todo is None:
            raise NotFound
        if seen_version not in {None, todo.version}:
            raise PreconditionFailed
        return todo


async def zone_of(work: Work, owner_id: UserId) -> tzinfo:
    """
    Return what the owner's clocks go by.
    """
    owner = await work.users.by_id(owner_id)
    return UTC if owner is None else owner.zone


async def _anchored(work: Work, todo: Todo) -> Todo:
    if todo.recurrence is None:
        return todo
    return with_anchor(todo, await zone_of(work, todo.owner_id))


async def _placed(work: Work, todo: Todo, *, list_said: bool) -> Todo:
    """
    Return the *todo* in a list that there is: that of the todo it is a step of, or else the one it names.
    """
    if todo.parent_id is None:
        await check_list(work, todo.list_id, owner_id=todo.owner_id)
        return todo
    parent = await work.todos.hold(todo.parent_id, owner_id=todo.owner_id)
    if parent is None:
        raise InvalidInput("There is no such todo.", field="parent_id")
    if parent.parent_id is not None:
        raise InvalidInput("A step has no steps of its own.", field="parent_id")
    if list_said and todo.list_id != parent.list_id:
        raise InvalidInput("A step is in the list of the todo that it is a step of.", field="list_id")
    return evolve(todo, list_id=parent.list_id)


async def _back(work: Work, todo: Todo) -> Todo:
    """
    Return the *todo* that comes out of the bin where it belongs now.
    """
    if todo.parent_id is None:
        return todo
    parent = await work.todos.hold(todo.parent_id, owner_id=todo.owner_id)
    if parent is None or parent.parent_id is not None:
        return evolve(todo, parent_id=None)
    return evolve(todo, list_id=parent.list_id)


async def check_list(work: Work, list_id: ListId | None, *, owner_id: UserId, named: str = "list_id") -> None:
    """
    Return if the owner has this list, or none is asked for; it cannot be dropped meanwhile.

    Raises:
        InvalidInput: the owner does not.
    """
    if list_id is not None and await work.lists.hold(list_id, owner_id=owner_id) is None:
        raise InvalidInput("There is no such list.", field=named)


async def _refuse_steps(work: Work, todo: Todo) -> None:
    if await work.todos.hold_steps(todo.id, owner_id=todo.owner_id):
        raise InvalidInput("A todo that has steps cannot be a step.", field="parent_id")
