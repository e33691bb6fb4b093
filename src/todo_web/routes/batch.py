"""
/todos/batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypedDict, cast
from uuid import UUID

import msgspec
from attrs import frozen
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import RetryKeyReused
from todo_core.model.answer import KeptAnswer, Retry
from todo_core.model.ids import TodoId
from todo_core.model.todo import Todo
from todo_core.use_cases.batch import LARGEST_BATCH, Adding, Deleting, Editing, Restoring, Result, Wish
from todo_web.answers import json_answer
from todo_web.decoding import LARGEST_BATCH_BODY, read_body_and_bytes
from todo_web.fields import Ref, VersionNumber
from todo_web.idempotency import IDEMPOTENCY_KEY, REPLAYED, Told, answer_once, digest_of, retry_key_of, retry_of
from todo_web.operations import Answer, Operation
from todo_web.problems import Problems, ResultProblem
from todo_web.state import State, caller_of
from todo_web.structuring import OneOf
from todo_web.todo_json import AddTodoBody, EditTodoBody, TodoAnswer, changes_of


class Refs(TypedDict, total=False):
    """
    What a batch calls a todo that it adds, and the one that this is a step of.
    """

    ref: Ref
    parent_ref: Ref


class SeenVersion(TypedDict, total=False):
    """
    The version that the caller saw.
    """

    version: VersionNumber


class AddOperation(AddTodoBody, Refs):
    """
    Add a todo with these fields.

    `ref` is any name for it; a later operation of the batch adds a step of it with that name as `parent_ref`.
    """

    op: Literal["add"]


class EditOperation(SeenVersion):
    """
    Change a todo, if it is at this version still.
    """

    op: Literal["edit"]
    id: UUID
    changes: EditTodoBody


class DeleteOperation(SeenVersion):
    """
    Put a todo into the bin, if it is at this version still.
    """

    op: Literal["delete"]
    id: UUID


class RestoreOperation(TypedDict):
    """
    Take a todo out of the bin.
    """

    op: Literal["restore"]
    id: UUID


class BatchOperation(OneOf):
    """
    One of these.
    """

    tag = "op"
    kinds: ClassVar = {
        "add": AddOperation,
        "edit": EditOperation,
        "delete": DeleteOperation,
        "restore": RestoreOperation,
    }


_AnyOperation = AddOperation | EditOperation | DeleteOperation | RestoreOperation


@frozen
class BatchBody:
    """
    Operations, to be done in their order; `atomic` keeps all of them or none.
    """

    operations: Annotated[list[BatchOperation], Meta(min_length=1, max_length=LARGEST_BATCH)]
    atomic: bool = False


@frozen(slots=False)
class ResultAnswer:
    """
    What became of an operation: as what it would have been answered on its own.
    """

    status: int
    ref: str | UnsetType = UNSET
    todo: TodoAnswer | UnsetType = UNSET
    problem: ResultProblem | UnsetType = UNSET


@frozen(slots=False)
class BatchAnswer:
    """
    What became of each operation, in their order; `kept` is false when one of an atomic batch failed.
    """

    results: Sequence[ResultAnswer]
    kept: bool


@frozen
class _Teller:
    """
    Tells of results.
    """

    problems: Problems

    def one(self, result: Result) -> ResultAnswer:
        wish, outcome = result.wish, result.outcome
        ref = wish.ref if isinstance(wish, Adding) and wish.ref is not None else UNSET
        if isinstance(outcome, Todo):
            todo = UNSET if isinstance(wish, Deleting) else TodoAnswer.of(outcome)
            return ResultAnswer(_STATUS[type(wish)], ref, todo)
        inside = "/changes" if isinstance(wish, Editing) else ""
        problem = self.problems.result(outcome, pointer=f"/operations/{result.index}{inside}")
        return ResultAnswer(problem.status, ref, problem=problem)

    def words(self, result: Result) -> bytes:
        return msgspec.json.encode(self.one(result))

    def all(self, results: Sequence[Result]) -> Told:
        kept = all(isinstance(result.outcome, Todo) for result in results)
        return Told(200, {}, msgspec.json.encode(BatchAnswer([self.one(result) for result in results], kept)))


async def write_batch(request: Request[State]) -> Response:
    """
    Add, change, delete and restore many todos.
    """
    body, sent = await read_body_and_bytes(request, BatchBody, largest=LARGEST_BATCH_BODY)
    wishes = [_wish(operation) for operation in cast("list[_AnyOperation]", body.operations)]
    teller = _Teller(request.state["problems"])
    owner_id = caller_of(request).user.id
    if body.atomic:
        retry = retry_of(request, sent, teller.all)
        outcome = await request.state["core"].write_together(wishes, owner_id=owner_id, retry=retry)
        return answer_once(outcome, teller.all)
    key = retry_key_of(request)
    each = None if key is None else Retry(key, digest_of(request, sent), teller.words)
    outcomes = await request.state["core"].write_singly(wishes, owner_id=owner_id, retry=each)
    return _answer_each(outcomes, teller)


def _answer_each(outcomes: Sequence[Result | KeptAnswer], teller: _Teller) -> Response:
    """
    Return the response for operations that were done one by one; those that were answered before are told again.
    """
    words = [each.body if isinstance(each, KeptAnswer) else teller.words(each) for each in outcomes]
    replayed = REPLAYED if all(isinstance(each, KeptAnswer) for each in outcomes) else None
    return json_answer({"results": [msgspec.Raw(each) for each in words], "kept": True}, headers=replayed)


def _wish(operation: _AnyOperation) -> Wish:
    if operation["op"] == "add":
        return Adding(changes_of(operation), operation.get("ref"), operation.get("parent_ref"))
    todo_id = TodoId(operation["id"])
    if operation["op"] == "edit":
        return Editing(todo_id, changes_of(operation["changes"]), operation.get("version"))
    if operation["op"] == "delete":
        return Deleting(todo_id, operation.get("version"))
    return Restoring(todo_id)


_STATUS = {Adding: 201, Editing: 200, Deleting: 204, Restoring: 200}

OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/todos/batch",
        endpoint=write_batch,
        summary="Add, change, delete and restore up to 500 todos: each for itself, or all or nothing",
        tag="Todos",
        body=BatchBody,
        request_headers=IDEMPOTENCY_KEY,
        answers=(Answer(200, "What became of each operation, in their order", BatchAnswer),),
        problems=(RetryKeyReused,),
    ),
)
