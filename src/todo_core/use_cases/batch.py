"""
Batches: many writes asked for at once, kept together or each by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from attrs import evolve, frozen

from todo_core.errors import DomainError, InvalidInput, NotKept, Unavailable
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.ids import TodoId, UserId
from todo_core.model.todo import Todo, TodoChanges
from todo_core.ports import Work
from todo_core.use_cases.once import Once
from todo_core.use_cases.writing_todos import WriteTodos

LARGEST_BATCH = 500
"""Writes."""

_ID = 16
_NO_ID = bytes(_ID)


@frozen
class Adding:
    """
    The wish for a new todo.

    ``ref`` is what the batch calls it, for those behind it that are to be its steps: ``parent_ref`` names one of these.
    """

    fields: TodoChanges
    ref: str | None = None
    parent_ref: str | None = None


@frozen
class Editing:
    """
    The wish to change a todo.
    """

    id: TodoId
    changes: TodoChanges
    seen_version: int | None = None


@frozen
class Deleting:
    """
    The wish to put a todo into the bin.
    """

    id: TodoId
    seen_version: int | None = None


@frozen
class Restoring:
    """
    The wish to take a todo out of the bin.
    """

    id: TodoId


Wish = Adding | Editing | Deleting | Restoring


@frozen
class Result:
    """
    What became of a wish, the *index*-th of its batch: the todo as it now stands, or why it does not.
    """

    index: int
    wish: Wish
    outcome: Todo | DomainError


class _Undone(Exception):
    """
    One wish of several failed, so none of them may leave a trace.
    """

    def __init__(self, index: int, error: DomainError) -> None:
        super().__init__()
        self.index = index
        self.error = error


@frozen
class WriteTogether:
    """
    Do all that is wished for, in one unit of work, or nothing.
    """

    once: Once
    write: WriteTodos

    async def __call__(
        self, wishes: Sequence[Wish], *, owner_id: UserId, retry: Retry[Sequence[Result]] | None = None
    ) -> Sequence[Result] | KeptAnswer:
        """
        Return what became of each wish, in their order, or what was answered when the same was asked before.

        When one fails, the others are ``NotKept``; that is no answer, so the same may be asked again.

        Raises:
            InvalidInput: these are more than 500.
            RetryKeyReused: something else was asked under the same key.
            Unavailable: something that we depend on cannot answer now.
        """
        _check_size(wishes)
        try:
            return await self.once(lambda work: self._all(work, wishes, owner_id), owner_id=owner_id, retry=retry)
        except _Undone as undone:
            index, error = undone.index, undone.error
        return [Result(place, wish, error if place == index else NotKept()) for place, wish in enumerate(wishes)]

    async def _all(self, work: Work, wishes: Sequence[Wish], owner_id: UserId) -> Sequence[Result]:
        results: list[Result] = []
        refs: dict[str, TodoId] = {}
        for index, wish in enumerate(wishes):
            try:
                todo = await _done(self.write, work, wish, owner_id=owner_id, refs=refs)
            except Unavailable:
                raise
            except DomainError as error:
                raise _Undone(index, error) from error
            _remember(refs, wish, todo.id)
            results.append(Result(index, wish, todo))
        return results


@frozen
class WriteSingly:
    """
    Do what is wished for, each in a unit of work of its own.

    With a key, each answer is kept in its wish's own unit of work. So a batch that was broken off goes on where it
    stopped when it is sent again, and does nothing twice.
    """

    once: Once
    write: WriteTodos

    async def __call__(
        self, wishes: Sequence[Wish], *, owner_id: UserId, retry: Retry[Result] | None = None
    ) -> Sequence[Result | KeptAnswer]:
        """
        Return what became of each wish, in their order, or what was answered when the same was asked before.

        Once something that we depend on cannot answer, the rest is not tried: it is ``Unavailable``, and no answer.

        Raises:
            InvalidInput: these are more than 500.
            RetryKeyReused: something else was asked under the same key.
        """
        _check_size(wishes)
        if retry is not None:
            await self.once(_claimed, owner_id=owner_id, retry=Retry(retry.key, retry.digest, bytes))
        results: list[Result | KeptAnswer] = []
        refs: dict[str, TodoId] = {}
        for index, wish in enumerate(wishes):
            try:
                results.append(await self._one(index, wish, refs, owner_id, _numbered(retry, index)))
            except Unavailable as error:
                return [*results, *(Result(place, wishes[place], error) for place in range(index, len(wishes)))]
        return results

    async def _one(
        self, index: int, wish: Wish, refs: dict[str, TodoId], owner_id: UserId, retry: Retry[Result] | None
    ) -> Result | KeptAnswer:
        async def do(work: Work) -> Result:
            return Result(index, wish, await _done(self.write, work, wish, owner_id=owner_id, refs=refs))

        try:
            outcome = await self.once(do, owner_id=owner_id, retry=retry)
        except Unavailable:
            raise
        except DomainError as error:
            failed = Result(index, wish, error)
            outcome = await self.once(lambda _: _just(failed), owner_id=owner_id, retry=retry)
        return _told(outcome, wish, refs)


async def _done(write: WriteTodos, work: Work, wish: Wish, *, owner_id: UserId, refs: Mapping[str, TodoId]) -> Todo:
    match wish:
        case Adding():
            return await write.add(work, owner_id=owner_id, fields=_resolved(wish, refs))
        case Editing():
            return await write.edit(
                work, wish.id, owner_id=owner_id, changes=wish.changes, seen_version=wish.seen_version
            )
        case Deleting():
            return await write.delete(work, wish.id, owner_id=owner_id, seen_version=wish.seen_version)
        case _:
            return await write.restore(work, wish.id, owner_id=owner_id)


def _resolved(wish: Adding, refs: Mapping[str, TodoId]) -> TodoChanges:
    """
    Return the fields of the new todo, the todo that it is a step of among them.
    """
    if wish.ref in refs:
        raise InvalidInput("Another todo of this batch is called so.", field="ref")
    if wish.parent_ref is None:
        return wish.fields
    if "parent_id" in wish.fields:
        raise InvalidInput("A step has one todo: name it by id or by ref, not both.", field="parent_ref")
    if wish.parent_ref not in refs:
        raise InvalidInput("No todo that was added before in this batch is called so.", field="parent_ref")
    return {**wish.fields, "parent_id": refs[wish.parent_ref]}


def _remember(refs: dict[str, TodoId], wish: Wish, todo_id: TodoId) -> None:
    if isinstance(wish, Adding) and wish.ref is not None:
        refs[wish.ref] = todo_id


def _numbered(retry: Retry[Result] | None, index: int) -> Retry[Result] | None:
    """
    Return the *retry* of one wish: in front of the words stands the todo's id, which later wishes may need.

    No client's key has a blank in it.
    """
    if retry is None:
        return None

    def encode(result: Result) -> bytes:
        todo_id = result.outcome.id.bytes if isinstance(result.outcome, Todo) else _NO_ID
        return todo_id + retry.encode(result)

    return Retry(f"{retry.key} {index}", retry.digest, encode)


def _told(outcome: Result | KeptAnswer, wish: Wish, refs: dict[str, TodoId]) -> Result | KeptAnswer:
    """
    Return the *outcome* as the caller knows it, having remembered the new todo by its ref.
    """
    if isinstance(outcome, KeptAnswer):
        todo_id, words = outcome.body[:_ID], outcome.body[_ID:]
        if todo_id != _NO_ID:
            _remember(refs, wish, TodoId(UUID(bytes=todo_id)))
        return evolve(outcome, body=words)
    if isinstance(outcome.outcome, Todo):
        _remember(refs, wish, outcome.outcome.id)
    return outcome


def _check_size(wishes: Sequence[Wish]) -> None:
    if len(wishes) > LARGEST_BATCH:
        raise InvalidInput(f"A batch has at most {LARGEST_BATCH} operations.", field="operations")


async def _claimed(_: Work) -> bytes:
    """
    Return the answer that keeps a batch's key from other wishes while it is done one by one.
    """
    return b""


async def _just(result: Result) -> Result:
    return result
