"""
Reading many todos, page by page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from attrs import frozen

from todo_core.model.ids import UserId
from todo_core.model.todo import PageMark, Todo, TodoFilter, TodoPage, TodoSort
from todo_core.ports import UnitOfWork

PAGE = 500
"""Todos that are in memory at a time."""


@frozen
class ReadTodos:
    """
    Read all of a person's todos that fit, the oldest first, however many there are.
    """

    unit_of_work: UnitOfWork

    async def __call__(self, wanted: TodoFilter, *, owner_id: UserId) -> AsyncIterator[Sequence[Todo]]:
        """
        Yield them page by page; no unit of work stays open while a page is in the hands of whoever asked.
        """
        after: PageMark | None = None
        more = True
        while more:
            page = await self._page(wanted, owner_id, after)
            if page.items:
                yield page.items
            after = page.next_after
            more = after is not None

    async def _page(self, wanted: TodoFilter, owner_id: UserId, after: PageMark | None) -> TodoPage:
        async with self.unit_of_work.begin() as work:
            return await work.todos.page(wanted, TodoSort(), owner_id=owner_id, after=after, limit=PAGE)
