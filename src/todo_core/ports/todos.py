"""
What the core asks of its memory about todos, their lists, and what is told of them.

A port's docstring is its contract, sentence by sentence; ``todo_core.contracts`` holds a test for each.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from todo_core.model.answer import KeptAnswer
from todo_core.model.calendar import Calendar
from todo_core.model.change import Change
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.todo import PageMark, TagCount, Todo, TodoFilter, TodoPage, TodoSort
from todo_core.model.todo_list import TodoList


class TodoStore(Protocol):
    """
    Keeps todos.  A todo of somebody else is as good as none, and so is one in the bin unless it is asked for.

    Each todo that is added or replaced is one more change of its owner's, which ``ChangeStore`` tells of.
    """

    @abstractmethod
    async def add(self, *todos: Todo) -> None:
        """
        Keep the *todos*, which have one owner; they are numbered as changes in the order of their ids.

        Raises:
            Conflict: the owner has a todo with one of these ids already, be it in the bin, or has no such list as one
                of them is in, or no such todo as one of them is a step of.
        """
        ...

    @abstractmethod
    async def get(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        """
        Return the owner's todo with this id, if there is one.
        """
        ...

    @abstractmethod
    async def hold(self, todo_id: TodoId, *, owner_id: UserId, deleted: bool = False) -> Todo | None:
        """
        Return it as *get* does, or out of the bin, and let nobody else change it until this unit of work ends.
        """
        ...

    @abstractmethod
    async def hold_steps(self, parent_id: TodoId, *, owner_id: UserId, deleted: bool = False) -> Sequence[Todo]:
        """
        Return the todo's steps, in the order of their ids, held as *hold* does.
        """
        ...

    @abstractmethod
    async def hold_list(self, list_id: ListId, *, owner_id: UserId) -> Sequence[Todo]:
        """
        Return the list's todos, in the order of their ids, held as *hold* does.
        """
        ...

    @abstractmethod
    async def page(
        self, wanted: TodoFilter, sort: TodoSort, *, owner_id: UserId, after: PageMark | None, limit: int
    ) -> TodoPage:
        """
        Return up to *limit* of the owner's todos that fit *wanted*, sorted, from behind *after*.

        Whoever follows ``next_after`` sees each todo that fits all the time exactly once, also when others add, delete
        and move todos meanwhile. What was added since the first page is left out. Where a change since then was
        forgotten, todos are listed where they stand now, without that promise.
        """
        ...

    @abstractmethod
    async def replace(self, *todos: Todo) -> None:
        """
        Keep the *todos*, which have one owner, instead of those with their ids, which this unit of work holds.

        What was not there stays away. When they were created stays as it was. They are numbered as *add* does.

        Raises:
            Conflict: the owner has no such list as one of them is in, or no such todo as one of them is a step of.
        """
        ...

    @abstractmethod
    async def tags(self, owner_id: UserId) -> Sequence[TagCount]:
        """
        Return the tags in use, in the order of their characters, each with the number of its todos.
        """
        ...

    @abstractmethod
    async def purge(self, *, before: datetime, limit: int) -> int:
        """
        Forget up to *limit* todos that were deleted *before* this moment; return how many.

        Their steps are forgotten with them, uncounted. It is no change that ``ChangeStore`` tells of.
        """
        ...


class ListStore(Protocol):
    """
    Keeps lists of todos.  A list of somebody else is as good as none.

    Each list that is added, replaced or removed is one more change of its owner's, which ``ChangeStore`` tells of.
    """

    @abstractmethod
    async def add(self, todo_list: TodoList) -> None:
        """
        Keep *todo_list*.

        Raises:
            Conflict: the owner has a list with this id already.
        """
        ...

    @abstractmethod
    async def get(self, list_id: ListId, *, owner_id: UserId) -> TodoList | None:
        """
        Return the owner's list with this id, if there is one.
        """
        ...

    @abstractmethod
    async def hold(self, list_id: ListId, *, owner_id: UserId) -> TodoList | None:
        """
        Return it as *get* does, and let nobody else change or remove it until this unit of work ends.

        Nobody else can put a todo into it meanwhile.
        """
        ...

    @abstractmethod
    async def of_owner(self, owner_id: UserId) -> Sequence[TodoList]:
        """
        Return all the owner's lists, in the order of their positions, then of their ids.
        """
        ...

    @abstractmethod
    async def replace(self, todo_list: TodoList) -> None:
        """
        Keep *todo_list* instead of the one with its id and owner, which this unit of work holds.

        What was not there stays away. When it was created stays as it was.
        """
        ...

    @abstractmethod
    async def remove(self, list_id: ListId, *, owner_id: UserId, at: datetime) -> None:
        """
        Forget the owner's list; nothing happens when it is gone already.

        Whatever todos are still in it, those in the bin among them, are in no list then.
        """
        ...


class ChangeStore(Protocol):
    """
    Tells of the changes to a person's todos and lists, which the other stores note.

    Those who change things of one owner take turns, so numbers come in the order in which changes are kept.
    """

    @abstractmethod
    async def latest(self, owner_id: UserId) -> int:
        """
        Return the number of the owner's latest change, 0 before the first.
        """
        ...

    @abstractmethod
    async def since(self, number: int, *, owner_id: UserId, limit: int) -> Sequence[Change]:
        """
        Return up to *limit* of the owner's changes after that *number*, in their order.

        Whoever asks again after the last number they saw misses none and sees none twice. Where a number is left
        out, the change was forgotten.
        """
        ...

    @abstractmethod
    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Forget up to *limit* changes that were made *before* this moment, the earliest first; return how many.
        """
        ...


class AnswerStore(Protocol):
    """
    Keeps answers for requests that are sent again.
    """

    @abstractmethod
    async def keep(self, answer: KeptAnswer) -> KeptAnswer | None:
        """
        Keep *answer*, unless its owner's key has one already; return the one that was there before.

        Of several who keep one under the same key at once, one does; the others wait until its unit of work ends.
        """
        ...

    @abstractmethod
    async def find(self, key: str, *, owner_id: UserId) -> KeptAnswer | None:
        """
        Return the answer under the owner's *key*, if there is one.
        """
        ...

    @abstractmethod
    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Forget up to *limit* answers that were kept *before* this moment; return how many.
        """
        ...


class CalendarStore(Protocol):
    """
    Keeps calendars, of each owner one at most.
    """

    @abstractmethod
    async def put(self, calendar: Calendar) -> None:
        """
        Keep *calendar*, instead of the one that its owner had, if any.
        """
        ...

    @abstractmethod
    async def of_owner(self, owner_id: UserId) -> Calendar | None:
        """
        Return the owner's calendar, if there is one.
        """
        ...

    @abstractmethod
    async def by_digest(self, digest: bytes) -> Calendar | None:
        """
        Return the calendar with this *digest*, if there is one.
        """
        ...

    @abstractmethod
    async def remove(self, owner_id: UserId) -> None:
        """
        Forget the owner's calendar; nothing happens when there is none.
        """
        ...

    @abstractmethod
    async def remove_everyones(self) -> int:
        """
        Forget every calendar there is; return how many.
        """
        ...
