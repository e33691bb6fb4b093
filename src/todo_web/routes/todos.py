"""
/todos.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

from attrs import frozen
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired, RetryKeyReused
from todo_core.model.ids import ListId, TodoId
from todo_core.model.recurring import MOST_COMING
from todo_core.model.todo import LARGEST_PAGE, TodoFilter
from todo_web.answers import json_answer
from todo_web.cursors import next_link
from todo_web.decoding import JSON, MERGE_PATCH, read_body, read_body_and_bytes, read_query
from todo_web.etags import etag, is_known, seen_version
from todo_web.fields import Moment, PriorityWord, SearchText, Tag
from todo_web.idempotency import IDEMPOTENCY_KEY, answer_once, retry_of
from todo_web.operations import Answer, Operation
from todo_web.state import State, caller_of
from todo_web.todo_cursors import SORTS, SortWord, TodoCursor, cursor_of, mark_of
from todo_web.todo_json import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    AddTodoBody,
    EditTodoBody,
    TodoAnswer,
    changes_of,
    in_utc,
    priority_of,
    told_of,
)

_PATCH_TYPES = (MERGE_PATCH, JSON)


@frozen
class ListTodosQuery:
    """
    Which todos, and which page of them.
    """

    completed: bool | None = None
    list_id: UUID | None = None
    tag: Tag | None = None
    priority: PriorityWord | None = None
    due_before: Moment | None = None
    due_after: Moment | None = None
    parent_id: UUID | None = None
    q: SearchText | None = None
    deleted: bool = False
    sort: SortWord = "created_at"
    limit: Annotated[int, Meta(ge=1, le=LARGEST_PAGE)] = 50
    cursor: TodoCursor | None = None

    @property
    def wanted(self) -> TodoFilter:
        """
        Return which todos are asked for.
        """
        return TodoFilter(
            completed=self.completed,
            list_id=None if self.list_id is None else ListId(self.list_id),
            tag=self.tag,
            priority=None if self.priority is None else priority_of(self.priority),
            due_before=None if self.due_before is None else in_utc(self.due_before),
            due_after=None if self.due_after is None else in_utc(self.due_after),
            parent_id=None if self.parent_id is None else TodoId(self.parent_id),
            text=self.q,
            deleted=self.deleted,
        )


@frozen
class GetTodoQuery:
    """
    How many coming occurrences to tell of, if any.
    """

    project: Annotated[int, Meta(ge=1, le=MOST_COMING)] | None = None


@frozen(slots=False)
class TodoPageAnswer:
    """
    One page of todos; ``next_cursor`` gives the following page, null on the last.
    """

    items: Sequence[TodoAnswer]
    next_cursor: str | None


async def list_todos(request: Request[State]) -> Response:
    """
    List todos.
    """
    query = read_query(request, ListTodosQuery)
    page = await request.state["core"].list_todos(
        query.wanted,
        SORTS[query.sort],
        owner_id=caller_of(request).user.id,
        after=None if query.cursor is None else mark_of(query.cursor, query.sort),
        limit=query.limit,
    )
    answer = TodoPageAnswer([TodoAnswer.of(todo) for todo in page.items], cursor_of(page.next_after, query.sort))
    return json_answer(answer, headers=next_link(request, answer.next_cursor))


async def add_todo(request: Request[State]) -> Response:
    """
    Add a todo.
    """
    body, sent = await read_body_and_bytes(request, AddTodoBody)
    tell = partial(told_of, status=201)
    outcome = await request.state["core"].add_todo(
        owner_id=caller_of(request).user.id, fields=changes_of(body), retry=retry_of(request, sent, tell)
    )
    return answer_once(outcome, tell)


async def get_todo(request: Request[State]) -> Response:
    """
    Show a todo.
    """
    project = read_query(request, GetTodoQuery).project
    if project is not None:
        return await _with_coming(request, project)
    todo = await request.state["core"].get_todo(_todo_id(request), owner_id=caller_of(request).user.id)
    headers = {"ETag": etag(todo.version)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return json_answer(TodoAnswer.of(todo), headers=headers)


async def _with_coming(request: Request[State], number: int) -> Response:
    """
    Show a todo with its coming occurrences; they hang on more than its version, so it is never as it was seen.
    """
    todo, coming = await request.state["core"].list_coming(
        _todo_id(request), owner_id=caller_of(request).user.id, number=number
    )
    return json_answer(TodoAnswer.of(todo, coming=coming), headers={"ETag": etag(todo.version)})


async def edit_todo(request: Request[State]) -> Response:
    """
    Change a todo.
    """
    body = await read_body(request, EditTodoBody, media_types=_PATCH_TYPES)
    todo = await request.state["core"].edit_todo(
        _todo_id(request),
        owner_id=caller_of(request).user.id,
        changes=changes_of(body),
        seen_version=seen_version(request),
    )
    return json_answer(TodoAnswer.of(todo), headers={"ETag": etag(todo.version)})


async def delete_todo(request: Request[State]) -> Response:
    """
    Put a todo into the bin.
    """
    await request.state["core"].delete_todo(
        _todo_id(request), owner_id=caller_of(request).user.id, seen_version=seen_version(request)
    )
    return Response(status_code=204)


async def restore_todo(request: Request[State]) -> Response:
    """
    Take a todo out of the bin.
    """
    todo = await request.state["core"].restore_todo(_todo_id(request), owner_id=caller_of(request).user.id)
    return json_answer(TodoAnswer.of(todo), headers={"ETag": etag(todo.version)})


def _todo_id(request: Request[State]) -> TodoId:
    return TodoId(request.path_params["todo_id"])


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/todos",
        endpoint=list_todos,
        summary="List todos, filtered and sorted, by cursor: whoever follows sees each once, whatever others move",
        tag="Todos",
        query=ListTodosQuery,
        answers=(Answer(200, "One page", TodoPageAnswer),),
    ),
    Operation(
        method="POST",
        path="/api/v1/todos",
        endpoint=add_todo,
        summary="Add a todo",
        tag="Todos",
        body=AddTodoBody,
        request_headers=IDEMPOTENCY_KEY,
        answers=(Answer(201, "The new todo", TodoAnswer, headers={**LOCATION, **ETAG}),),
        problems=(RetryKeyReused,),
    ),
    Operation(
        method="GET",
        path="/api/v1/todos/{todo_id:uuid}",
        endpoint=get_todo,
        summary="Show a todo; `?project=10` adds the next ten days or moments on which it is due again",
        tag="Todos",
        query=GetTodoQuery,
        request_headers=IF_NONE_MATCH,
        answers=(
            Answer(200, "The todo", TodoAnswer, headers=ETAG),
            Answer(304, "As it was when you saw it", headers=ETAG),
        ),
        problems=(NotFound,),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/todos/{todo_id:uuid}",
        endpoint=edit_todo,
        summary="Change a todo: a field that is not sent stays as it is",
        tag="Todos",
        body=EditTodoBody,
        body_types=_PATCH_TYPES,
        request_headers=IF_MATCH,
        answers=(Answer(200, "The todo as it now stands", TodoAnswer, headers=ETAG),),
        problems=(NotFound, PreconditionFailed, PreconditionRequired, InvalidInput),
    ),
    Operation(
        method="DELETE",
        path="/api/v1/todos/{todo_id:uuid}",
        endpoint=delete_todo,
        summary="Put a todo, and its steps, into the bin: for 30 days it can be restored",
        tag="Todos",
        request_headers=IF_MATCH,
        answers=(Answer(204, "It is in the bin"),),
        problems=(NotFound, PreconditionFailed, PreconditionRequired),
    ),
    Operation(
        method="POST",
        path="/api/v1/todos/{todo_id:uuid}/restore",
        endpoint=restore_todo,
        summary="Take a todo out of the bin, with the steps that went there with it",
        tag="Todos",
        answers=(Answer(200, "The todo as it now stands", TodoAnswer, headers=ETAG),),
        problems=(NotFound,),
    ),
)
