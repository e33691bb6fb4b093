"""
/lists and /tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Literal, TypedDict, cast
from uuid import UUID

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidInput, NotFound, PreconditionFailed, PreconditionRequired, RetryKeyReused
from todo_core.model.ids import ListId
from todo_core.model.todo import TagCount
from todo_core.model.todo_list import ListChanges, TodoList
from todo_web.answers import json_answer
from todo_web.decoding import JSON, MERGE_PATCH, read_body, read_body_and_bytes, read_query
from todo_web.etags import etag, is_known, seen_version
from todo_web.fields import Colour, ListName, PositionText
from todo_web.idempotency import IDEMPOTENCY_KEY, Told, answer_once, retry_of
from todo_web.operations import Answer, Operation
from todo_web.state import State, caller_of
from todo_web.todo_json import ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION

_PATCH_TYPES = (MERGE_PATCH, JSON)


class ListFields(TypedDict, total=False):
    """
    What may be said of a list beside its name.
    """

    colour: Colour | None
    position: PositionText


class AddListBody(ListFields):
    """
    A new list.
    """

    name: ListName


class EditListBody(ListFields, total=False):
    """
    A JSON merge patch (RFC 7396): an absent field stays as it is, null clears.
    """

    name: ListName


@frozen
class DeleteListQuery:
    """
    What becomes of the list's todos: they move, to another list or to none, or go into the bin.
    """

    todos: Literal["move", "delete"] = "move"
    to: UUID | None = None


@frozen(slots=False)
class ListAnswer:
    """
    A list of todos, as its owner sees it.
    """

    id: UUID
    name: str
    colour: str | None
    position: str
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, todo_list: TodoList) -> ListAnswer:
        """
        Return what to tell of *todo_list*.
        """
        return cls(
            id=todo_list.id,
            name=todo_list.name,
            colour=todo_list.colour,
            position=todo_list.position,
            created_at=todo_list.created_at,
            updated_at=todo_list.updated_at,
            version=todo_list.version,
        )


@frozen(slots=False)
class ListsAnswer:
    """
    All lists, in the order of their positions.
    """

    items: Sequence[ListAnswer]


@frozen(slots=False)
class TagAnswer:
    """
    A tag in use, and how many todos have it.
    """

    tag: str
    todos: int

    @classmethod
    def of(cls, count: TagCount) -> TagAnswer:
        """
        Return what to tell of a tag.
        """
        return cls(count.tag, count.todos)


@frozen(slots=False)
class TagsAnswer:
    """
    All tags in use, in the order of their characters.
    """

    items: Sequence[TagAnswer]


async def list_lists(request: Request[State]) -> Response:
    """
    List the lists.
    """
    lists = await request.state["core"].list_lists(owner_id=caller_of(request).user.id)
    return json_answer(ListsAnswer([ListAnswer.of(todo_list) for todo_list in lists]))


async def add_list(request: Request[State]) -> Response:
    """
    Make a list.
    """
    body, sent = await read_body_and_bytes(request, AddListBody)
    tell = partial(_told, status=201)
    outcome = await request.state["core"].add_list(
        owner_id=caller_of(request).user.id, fields=_changes(body), retry=retry_of(request, sent, tell)
    )
    return answer_once(outcome, tell)


async def get_list(request: Request[State]) -> Response:
    """
    Show a list.
    """
    todo_list = await request.state["core"].get_list(_list_id(request), owner_id=caller_of(request).user.id)
    headers = {"ETag": etag(todo_list.version)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return json_answer(ListAnswer.of(todo_list), headers=headers)


async def edit_list(request: Request[State]) -> Response:
    """
    Change a list.
    """
    body = await read_body(request, EditListBody, media_types=_PATCH_TYPES)
    todo_list = await request.state["core"].edit_list(
        _list_id(request),
        owner_id=caller_of(request).user.id,
        changes=_changes(body),
        seen_version=seen_version(request),
    )
    return json_answer(ListAnswer.of(todo_list), headers={"ETag": etag(todo_list.version)})


async def delete_list(request: Request[State]) -> Response:
    """
    Drop a list.
    """
    query = read_query(request, DeleteListQuery)
    await request.state["core"].delete_list(
        _list_id(request),
        owner_id=caller_of(request).user.id,
        todos=query.todos,
        to=None if query.to is None else ListId(query.to),
        seen_version=seen_version(request),
    )
    return Response(status_code=204)


async def list_tags(request: Request[State]) -> Response:
    """
    List the tags in use.
    """
    tags = await request.state["core"].list_tags(owner_id=caller_of(request).user.id)
    return json_answer(TagsAnswer([TagAnswer.of(count) for count in tags]))


def _list_id(request: Request[State]) -> ListId:
    return ListId(request.path_params["list_id"])


def _changes(body: AddListBody | EditListBody) -> ListChanges:
    return cast("ListChanges", body)  # the same members, of the same kinds


def _told(todo_list: TodoList, *, status: int) -> Told:
    headers = {"Location": f"/api/v1/lists/{todo_list.id}", "ETag": etag(todo_list.version)}
    return Told(status, headers, bytes(json_answer(ListAnswer.of(todo_list)).body))


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/lists",
        endpoint=list_lists,
        summary="List the lists, in the order of their positions",
        tag="Lists",
        answers=(Answer(200, "All of them", ListsAnswer),),
    ),
    Operation(
        method="POST",
        path="/api/v1/lists",
        endpoint=add_list,
        summary="Make a list",
        tag="Lists",
        body=AddListBody,
        request_headers=IDEMPOTENCY_KEY,
        answers=(Answer(201, "The new list", ListAnswer, headers={**LOCATION, **ETAG}),),
        problems=(RetryKeyReused,),
    ),
    Operation(
        method="GET",
        path="/api/v1/lists/{list_id:uuid}",
        endpoint=get_list,
        summary="Show a list",
        tag="Lists",
        request_headers=IF_NONE_MATCH,
        answers=(
            Answer(200, "The list", ListAnswer, headers=ETAG),
            Answer(304, "As it was when you saw it", headers=ETAG),
        ),
        problems=(NotFound,),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/lists/{list_id:uuid}",
        endpoint=edit_list,
        summary="Change a list: a field that is not sent stays as it is",
        tag="Lists",
        body=EditListBody,
        body_types=_PATCH_TYPES,
        request_headers=IF_MATCH,
        answers=(Answer(200, "The list as it now stands", ListAnswer, headers=ETAG),),
        problems=(NotFound, PreconditionFailed, PreconditionRequired),
    ),
    Operation(
        method="DELETE",
        path="/api/v1/lists/{list_id:uuid}",
        endpoint=delete_list,
        summary="Drop a list; its todos move to another, or to none, or go into the bin",
        tag="Lists",
        query=DeleteListQuery,
        request_headers=IF_MATCH,
        answers=(Answer(204, "It is gone"),),
        problems=(NotFound, PreconditionFailed, PreconditionRequired, InvalidInput),
    ),
    Operation(
        method="GET",
        path="/api/v1/tags",
        endpoint=list_tags,
        summary="List the tags in use, with the number of their todos",
        tag="Lists",
        answers=(Answer(200, "All of them", TagsAnswer),),
    ),
)
