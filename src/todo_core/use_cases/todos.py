"""
Todos: adding, finding, changing, dropping, taking back.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from todo_core.errors import InvalidInput, NotFound
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.ids import TodoId, UserId
from todo_core.model.todo import LARGEST_PAGE, PageMark, TagCount, Todo, TodoChanges, TodoFilter, TodoPage, TodoSort
from todo_core.ports import UnitOfWork
from todo_core.use_cases.once import Once
from todo_core.use_cases.writing_todos import WriteTodos


@frozen
class AddTodo:
    """
    Note something to be done.
    """

    once: Once
    write: WriteTodos

    async def __call__(
        self, *, owner_id: UserId, fields: TodoChanges, retry: Retry[Todo] | None = None
    ) -> Todo | KeptAnswer:
        """
        Return the new todo, or what was answered when the same was asked before.

        Raises:
            InvalidInput: a field breaks a rule, or names a list or a todo that the owner does not have.
            RetryKeyReused: something else was asked under the same key.
        """
        return await self.once(
            lambda work: self.write.add(work, owner_id=owner_id, fields=fields), owner_id=owner_id, retry=retry
        )


@frozen
class ListTodos:
    """
    Show one page of a person's todos.
    """

    unit_of_work: UnitOfWork

    async def __call__(
        self, wanted: TodoFilter, sort: TodoSort, *, owner_id: UserId, after: PageMark | None, limit: int
    ) -> TodoPage:
        """
        Return at most *limit* todos that fit *wanted*, sorted, from behind *after*.

        Raises:
            InvalidInput: *limit* is not between 1 and 200.
        """
        if not 1 <= limit <= LARGEST_PAGE:
            raise InvalidInput(f"A page has 1 to {LARGEST_PAGE} todos.", field="limit")
        async with self.unit_of_work.begin() as work:
            return await work.todos.page(wanted, sort, owner_id=owner_id, after=after, limit=limit)


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

    unit_of_work: UnitOfWork
    write: WriteTodos

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
            return await self.write.edit(work, todo_id, owner_id=owner_id, changes=changes, seen_version=seen_version)


@frozen
class DeleteTodo:
    """
    Put a todo into the bin, from which it is purged after a month.
    """

    unit_of_work: UnitOfWork
    write: WriteTodos

    async def __call__(self, todo_id: TodoId, *, owner_id: UserId, seen_version: int | None) -> None:
        """
        Return once it is there.

        Raises:
            NotFound: the owner has no such todo.
            PreconditionFailed: it is not at *seen_version* any more.
            PreconditionRequired: no version was said, and the operator wants one.
        """
        async with self.unit_of_work.begin() as work:
            await self.write.delete(work, todo_id, owner_id=owner_id, seen_version=seen_version)


@frozen
class RestoreTodo:
    """
    Take a todo out of the bin.
    """

    unit_of_work: UnitOfWork
    write: WriteTodos

    async def __call__(self, todo_id: TodoId, *, owner_id: UserId) -> Todo:
        """
        Return the todo.

        Raises:
            NotFound: the owner has no such todo in the bin.
        """
        async with self.unit_of_work.begin() as work:
            return await self.write.restore(work, todo_id, owner_id=owner_id)


@frozen
class ListTags:
    """
    Show the tags that a person uses.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, *, owner_id: UserId) -> Sequence[TagCount]:
        """
        Return each tag with the number of its todos.
        """
        async with self.unit_of_work.begin() as work:
            return await work.todos.tags(owner_id)
