"""
/dev/todo-backend: todos in the dialect of todobackend.com, so that its browser suite can be pointed at us.

It is no operation: the OpenAPI document does not know it, and it exists in development and on the loopback only. Nobody
logs in, and the pages of every origin may use it: all that it shows or changes belongs to one made-up account.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, TypedDict

from attrs import define, field
from msgspec import Meta
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from todo_core.errors import Conflict
from todo_core.model.email import EmailAddress
from todo_core.model.ids import TodoId, UserId
from todo_core.model.password import Password
from todo_core.model.position import DIGITS
from todo_core.model.todo import LARGEST_PAGE, SortKey, Todo, TodoChanges, TodoFilter, TodoSort
from todo_core.ports import UnitOfWork
from todo_core.use_cases.batch import Deleting
from todo_web.answers import json_answer
from todo_web.decoding import read_body
from todo_web.fields import Title
from todo_web.state import State

PATH = "/dev/todo-backend"
OWNER = EmailAddress("todo-backend@example.invalid")
"""Whose the todos are: nobody reads mail there (RFC 6761 §6.4), and nobody was told the password."""

MOST_ORDER = 2**31 - 1

_WIDTH = 6
_END = "V"
_MOST_PAGES = 50

Order = Annotated[int, Meta(ge=-MOST_ORDER, le=MOST_ORDER)]


class _Fields(TypedDict, total=False):
    completed: bool
    order: Order


class _NewFields(_Fields):
    """
    A new todo in todobackend.com's words.
    """

    title: Title


class _Patch(_Fields, total=False):
    """
    A merge patch (RFC 7396) in todobackend.com's words.
    """

    title: Title


class _Answer(TypedDict):
    title: str
    completed: bool
    order: int | None
    url: str


def position_for_order(order: int) -> str:
    """
    Return the position of what is the *order*-th by a number: positions sort as the numbers do.

    It has six digits in base 62 for the number, and one behind them that is not 0.
    """
    number, digits = order + MOST_ORDER, ""
    for _ in range(_WIDTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits + _END


def order_of(position: str) -> int | None:
    """
    Return the number that *position* was made for, or None if it was made otherwise.
    """
    if len(position) != _WIDTH + 1 or not position.endswith(_END):
        return None
    number = 0
    for digit in position[:_WIDTH]:
        number = number * len(DIGITS) + DIGITS.index(digit)
    order = number - MOST_ORDER
    return order if order <= MOST_ORDER else None


class OpenToAll:
    """
    Let the pages of every origin use what is below ``PATH``, and hand on the rest to *others*.

    No cookie goes along with what they send: browsers allow that for named origins only (Fetch §3.3.5).
    """

    def __init__(self, app: ASGIApp, *, others: ASGIApp) -> None:
        self._open = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["GET", "POST", "PATCH", "DELETE"], allow_headers=["Content-Type"]
        )
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass the request on.
        """
        is_ours = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{PATH}/")
        await (self._open if is_ours else self._others)(scope, receive, send)


@define
class TodoBackend:
    """
    The todos of the made-up account; ``backend`` is the URL in front of ``PATH``.
    """

    backend: str
    unit_of_work: UnitOfWork
    _owner_id: UserId | None = field(default=None, init=False)

    def routes(self) -> list[Route]:
        """
        Return where they are.
        """
        return [
            Route(PATH, self.show_all, methods=["GET"]),
            Route(PATH, self.add, methods=["POST"]),
            Route(PATH, self.delete_all, methods=["DELETE"]),
            Route(f"{PATH}/{{todo_id:uuid}}", self.show, methods=["GET"]),
            Route(f"{PATH}/{{todo_id:uuid}}", self.edit, methods=["PATCH"]),
            Route(f"{PATH}/{{todo_id:uuid}}", self.delete, methods=["DELETE"]),
        ]

    async def show_all(self, request: Request[State]) -> Response:
        """
        Show all todos, as they are ordered.
        """
        return json_answer([self._told(todo) for todo in await self._all(request)])

    async def add(self, request: Request[State]) -> Response:
        """
        Add a todo.
        """
        fields = _changes(await read_body(request, _NewFields))
        todo = await request.state["core"].add_todo(owner_id=await self._owner(request), fields=fields)
        assert isinstance(todo, Todo)  # noqa: S101 - it was asked for without a key
        told = self._told(todo)
        return json_answer(told, status=201, headers={"Location": told["url"]})

    async def delete_all(self, request: Request[State]) -> Response:
        """
        Put all todos into the bin.
        """
        wishes = [Deleting(todo.id) for todo in await self._all(request)]
        for start in range(0, len(wishes), LARGEST_PAGE):
            some = wishes[start : start + LARGEST_PAGE]
            await request.state["core"].write_singly(some, owner_id=await self._owner(request))
        return Response(status_code=204)

    async def show(self, request: Request[State]) -> Response:
        """
        Show a todo.
        """
        todo = await request.state["core"].get_todo(_todo_id(request), owner_id=await self._owner(request))
        return json_answer(self._told(todo))

    async def edit(self, request: Request[State]) -> Response:
        """
        Change a todo.
        """
        changes = _changes(await read_body(request, _Patch))
        todo = await request.state["core"].edit_todo(
            _todo_id(request), owner_id=await self._owner(request), changes=changes, seen_version=None
        )
        return json_answer(self._told(todo))

    async def delete(self, request: Request[State]) -> Response:
        """
        Put a todo into the bin.
        """
        await request.state["core"].delete_todo(
            _todo_id(request), owner_id=await self._owner(request), seen_version=None
        )
        return Response(status_code=204)

    async def _all(self, request: Request[State]) -> Sequence[Todo]:
        found, after = list[Todo](), None
        for _ in range(_MOST_PAGES):
            page = await request.state["core"].list_todos(
                TodoFilter(),
                TodoSort(SortKey.POSITION),
                owner_id=await self._owner(request),
                after=after,
                limit=LARGEST_PAGE,
            )
            found += page.items
            after = page.next_after
            if after is None:
                break
        return found

    async def _owner(self, request: Request[State]) -> UserId:
        """
        Return whose the todos are; the account is opened when it is first asked for.
        """
        if self._owner_id is None:
            with suppress(Conflict):
                await request.state["core"].create_user(email=OWNER, password=Password(secrets.token_urlsafe()))
            async with self.unit_of_work.begin() as work:
                user = await work.users.by_email(OWNER)
            assert user is not None  # noqa: S101 - the account stands by now
            self._owner_id = user.id
        return self._owner_id

    def _told(self, todo: Todo) -> _Answer:
        return {
            "title": todo.title,
            "completed": todo.completed,
            "order": order_of(todo.position),
            "url": f"{self.backend}{PATH}/{todo.id}",
        }


def _changes(body: _Patch | _NewFields) -> TodoChanges:
    changes = TodoChanges()
    if "title" in body:
        changes["title"] = body["title"]
    if "completed" in body:
        changes["completed"] = body["completed"]
    if "order" in body:
        changes["position"] = position_for_order(body["order"])
    return changes


def _todo_id(request: Request[State]) -> TodoId:
    return TodoId(request.path_params["todo_id"])
