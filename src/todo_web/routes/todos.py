"""
/todos.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from attrs import frozen
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired
from todo_core.model.ids import TodoId
from todo_core.model.todo import LARGEST_PAGE, Todo, TodoFilter
from todo_web.answers import json_answer
from todo_web.cursors import Cursor, cursor_at, next_link, position_of
from todo_web.decoding import JSON, MERGE_PATCH, read_body, read_query
from todo_web.etags import etag, is_known, seen_version
from todo_web.fields import Notes, SearchText, Title
from todo_web.operations import Answer, Operation
from todo_web.state import State, caller_of

_PATCH_TYPES = (MERGE_PATCH, JSON)
_ETAG = {"ETag": "The version, for `If-Match` and `If-None-Match`"}
_IF_MATCH = {"If-Match": "The `ETag` last seen, or `*`; the request is refused if the todo has changed since"}


@frozen
class AddTodoBody:
    """
    A new todo.
    """

    title: Title
    notes: Notes | None = None
    completed: bool = False


class EditTodoBody(TypedDict, total=False):
    """
    A JSON merge patch (RFC 7396): an absent field stays as it is, null clears.
    """

    title: Title
    notes: Notes | None
    completed: bool


@frozen
class ListTodosQuery:
    """
    Which todos, and which page of them.
    """

    completed: bool | None = None
    q: SearchText | None = None
    limit: Annotated[int, Meta(ge=1, le=LARGEST_PAGE)] = 50
    cursor: Cursor | None = None


@frozen(slots=False)
class TodoAnswer:
    """
    A todo, as its owner sees it.
    """

    id: UUID
    title: str
    notes: str | None
    completed: bool
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, todo: Todo) -> TodoAnswer:
        """
        Return what to tell of *todo*.
        """
        return cls(
            id=todo.id,
            title=todo.title,
            notes=todo.notes,
            completed=todo.completed,
            completed_at=todo.completed_at,
            created_at=todo.created_at,
            updated_at=todo.updated_at,
            version=todo.version,
        )


@frozen(slots=False)
class TodoListAnswer:
    """
    One page of todos, oldest first; ``next_cursor`` gives the following page, null on the last.
    """

    items: Sequence[TodoAnswer]
    next_cursor: str | None


async def list_todos(request: Request[State]) -> Response:
    """
    List todos.
    """
    query = read_query(request, ListTodosQuery)
    page = await request.state["core"].list_todos(
        TodoFilter(completed=query.completed, text=query.q),
        owner_id=caller_of(request).user.id,
        after=None if query.cursor is None else TodoId(position_of(query.cursor)),
        limit=query.limit,
    )
    answer = TodoListAnswer([TodoAnswer.of(todo) for todo in page.items], cursor_at(page.next_after))
    return json_answer(answer, headers=next_link(request, answer.next_cursor))


async def add_todo(request: Request[State]) -> Response:
    """
    Add a todo.
    """
    body = await read_body(request, AddTodoBody)
    todo = await request.state["core"].add_todo(
        owner_id=caller_of(request).user.id, title=body.title, notes=body.notes, completed=body.completed
    )
    headers = {"Location": f"/api/v1/todos/{todo.id}", "ETag": etag(todo.version)}
    return json_answer(TodoAnswer.of(todo), status=201, headers=headers)


async def get_todo(request: Request[State]) -> Response:
    """
    Show a todo.
    """
    todo = await request.state["core"].get_todo(_todo_id(request), owner_id=caller_of(request).user.id)
    headers = {"ETag": etag(todo.version)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return json_answer(TodoAnswer.of(todo), headers=headers)


async def edit_todo(request: Request[State]) -> Response:
    """
    Change a todo.
    """
    changes = await read_body(request, EditTodoBody, media_types=_PATCH_TYPES)
    todo = await request.state["core"].edit_todo(
        _todo_id(request),
        owner_id=caller_of(request).user.id,
        changes=changes,
        seen_version=seen_version(request),
    )
    return json_answer(TodoAnswer.of(todo), headers={"ETag": etag(todo.version)})


async def delete_todo(request: Request[State]) -> Response:
    """
    Drop a todo.
    """
    await request.state["core"].delete_todo(
        _todo_id(request), owner_id=caller_of(request).user.id, seen_version=seen_version(request)
    )
    return Response(status_code=204)


def _todo_id(request: Request[State]) -> TodoId:
    return TodoId(request.path_params["todo_id"])


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/todos",
        endpoint=list_todos,
        summary="List todos, oldest first, by cursor",
        tag="Todos",
        query=ListTodosQuery,
        answers=(Answer(200, "One page", TodoListAnswer),),
    ),
    Operation(
        method="POST",
        path="/api/v1/todos",
        endpoint=add_todo,
        summary="Add a todo",
        tag="Todos",
        body=AddTodoBody,
        answers=(Answer(201, "The new todo", TodoAnswer, headers={"Location": "Where it is", **_ETAG}),),
    ),
    Operation(
        method="GET",
        path="/api/v1/todos/{todo_id:uuid}",
        endpoint=get_todo,
        summary="Show a todo",
        tag="Todos",
        request_headers={"If-None-Match": "An `ETag` seen before; 304 if it is still the same"},
        answers=(
            Answer(200, "The todo", TodoAnswer, headers=_ETAG),
            Answer(304, "As it was when you saw it", headers=_ETAG),
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
        request_headers=_IF_MATCH,
        answers=(Answer(200, "The todo as it now stands", TodoAnswer, headers=_ETAG),),
        problems=(NotFound, PreconditionFailed, PreconditionRequired, InvalidInput),
    ),
    Operation(
        method="DELETE",
        path="/api/v1/todos/{todo_id:uuid}",
        endpoint=delete_todo,
        summary="Drop a todo",
        tag="Todos",
        request_headers=_IF_MATCH,
        answers=(Answer(204, "It is gone"),),
        problems=(NotFound, PreconditionFailed, PreconditionRequired),
    ),
)
