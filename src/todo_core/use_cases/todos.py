"""
Todos: adding, finding, changing, dropping.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired
from todo_core.model.ids import TodoId, UserId, uuid7
from todo_core.model.todo import LARGEST_PAGE, Todo, TodoChanges, TodoFilter, TodoPage
from todo_core.ports import Clock, Randomness, UnitOfWork, Work


@frozen
class AddTodo:
    """
    Note something to be done.
    """

    clock: Clock
    randomness: Randomness
    unit_of_work: UnitOfWork

    async def __call__(self, *, owner_id: UserId, title: str, notes: str | None, completed: bool) -> Todo:
        """
        Return the new todo.

        Raises:
            InvalidInput: title or notes break a rule.
        """
        now = self.clock.now()
        todo = Todo(
            id=TodoId(uuid7(now, self.randomness.draw(10))),
            owner_id=owner_id,
            title=title,
            notes=notes,
            completed_at=now if completed else None,
            created_at=now,
            updated_at=now,
        )
        async with self.unit_of_work.begin() as work:
            await work.todos.add(todo)
        return todo


@frozen
class ListTodos:
    """
    Show one page of a person's todos.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, wanted: TodoFilter, *, owner_id: UserId, after: TodoId | None, limit: int) -> TodoPage:
        """
        Return at most *limit* todos that fit *wanted*, oldest first, from behind *after*.

        Raises:
            InvalidInput: *limit* is not between 1 and 200.
        """
        if not 1 <= limit <= LARGEST_PAGE:
            raise InvalidInput(f"A page has 1 to {LARGEST_PAGE} todos.", field="limit")
        async with self.unit_of_work.begin() as work:
            return await work.todos.page(wanted, owner_id=owner_id, after=after, limit=limit)


@frozen
class GetTodo:
    """
    Show one todo.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, todo_id: TodoId, *, owner_id: UserId) -> Todo:
        """
        Return the todo.

        Raises:
            NotFound: the owner has no such todo.
        """
        async with self.unit_of_work.begin() as work:
            todo = await work.todos.get(todo_id, owner_id=owner_id)
        if todo is None:
            raise NotFound
        return todo


@frozen
class EditTodo:
    """
    Change of a todo what is said, and nothing else.
    """

    clock: Clock
    unit_of_work: UnitOfWork
    version_required: bool

    async def __call__(
        self, todo_id: TodoId, *, owner_id: UserId, changes: TodoChanges, seen_version: int | None
    ) -> Todo:
        """
        Return the todo as it now stands.

        Raises:
            NotFound: the owner has no such todo.
            InvalidInput: a change breaks a rule.
            PreconditionFailed: it is not at *seen_version* any more.
            PreconditionRequired: no version was said, and the operator wants one.
        """
        async with self.unit_of_work.begin() as work:
            todo = await _held(work, todo_id, owner_id, seen_version, required=self.version_required)
            edited = todo.edited(changes, now=self.clock.now())
            if edited is not todo:
                await work.todos.replace(edited)
        return edited


@frozen
class DeleteTodo:
    """
    Drop a todo.
    """

    unit_of_work: UnitOfWork
    version_required: bool

    async def __call__(self, todo_id: TodoId, *, owner_id: UserId, seen_version: int | None) -> None:
        """
        Return once it is gone.

        Raises:
            NotFound: the owner has no such todo.
            PreconditionFailed: it is not at *seen_version* any more.
            PreconditionRequired: no version was said, and the operator wants one.
        """
        async with self.unit_of_work.begin() as work:
            await _held(work, todo_id, owner_id, seen_version, required=self.version_required)
            await work.todos.remove(todo_id, owner_id=owner_id)


async def _held(work: Work, todo_id: TodoId, owner_id: UserId, seen_version: int | None, *, required: bool) -> Todo:
    if required and seen_version is None:
        raise PreconditionRequired
    todo = await work.todos.hold(todo_id, owner_id=owner_id)
    if todo is None:
        raise NotFound
    if seen_version not in {None, todo.version}:
        raise PreconditionFailed
    return todo
