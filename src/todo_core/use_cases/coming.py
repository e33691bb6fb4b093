"""
What is to come: the occurrences of todos that recur.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from attrs import frozen

from todo_core.errors import InvalidInput, NotFound
from todo_core.model.ids import TodoId, UserId
from todo_core.model.recurring import MOST_COMING, coming_of
from todo_core.model.todo import Todo
from todo_core.ports import UnitOfWork
from todo_core.use_cases.writing_todos import zone_of


@frozen
class ListComing:
    """
    Show a todo, and when it will be due again.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, todo_id: TodoId, *, owner_id: UserId, number: int) -> tuple[Todo, Sequence[date]]:
        """
        Return the todo with its next *number* occurrences, as days or as moments in UTC; fewer where its rule ends.

        Raises:
            NotFound: the owner has no such todo.
            InvalidInput: *number* is not between 1 and 100.
        """
        if not 1 <= number <= MOST_COMING:
            raise InvalidInput(f"One can see 1 to {MOST_COMING} occurrences at once.", field="project")
        async with self.unit_of_work.begin() as work:
            todo = await work.todos.get(todo_id, owner_id=owner_id)
            zone = await zone_of(work, owner_id)
        if todo is None:
            raise NotFound
        return todo, coming_of(todo, number, zone)
