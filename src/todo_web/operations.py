"""
One table of operations: it gives the routes and the OpenAPI document, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import nullcontext
from enum import Enum
from itertools import groupby

import attrs
from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from todo_core.errors import InvalidSignature, NotFound, Unauthenticated
from todo_core.model.session import Caller
from todo_web.audit import logged
from todo_web.cookies import session_cookie_of
from todo_web.cross_origin import refuse_cross_origin
from todo_web.decoding import JSON
from todo_web.problems import MEDIA_TYPE
from todo_web.state import State, client_of

Endpoint = Callable[[Request[State]], Awaitable[Response]]


class Access(Enum):
    """
    Who may ask, and what a request counts against.
    """

    SESSION = "whoever is logged in; counted for the session"
    PUBLIC = "anybody; counted for the client's address"
    SIGNED = "whoever signs the request; counted for the client's address when the signature is wrong"
    SECRET = "whoever knows the secret in the address; counted for the client's address when there is none such"  # noqa: S105 - no password
    TOKEN = "whoever bears the token of its setting; counted for the client's address when it is wrong"  # noqa: S105 - as above
    UNCOUNTED = "anybody, as often as they like: probes and documents"


_GUESSES: Mapping[Access, type[Exception]] = {
    Access.SIGNED: InvalidSignature,
    Access.SECRET: NotFound,
    Access.TOKEN: Unauthenticated,
}
"""What a wrong guess is answered with, where only those are counted."""


@frozen
class Answer:
    """
    One way to answer well; ``body`` is the class of its JSON, ``headers`` the response headers worth telling.

    Where the JSON can be of another class instead, that is ``or_body``.
    """

    status: int
    description: str
    body: type | None = None
    or_body: type | None = None
    media_type: str = JSON
    headers: Mapping[str, str] = field(factory=dict[str, str])


def _takes_password(operation: Operation) -> bool:
    fields = attrs.fields_dict(operation.body) if operation.body is not None and attrs.has(operation.body) else {}
    return any(name.endswith("password") for name in fields)


@frozen(kw_only=True)
class Operation:
    """
    Something that can be asked over HTTP.

    ``problems`` are the errors it can answer beside those that any operation can. One that takes a
    password hashes it, and needs a place to do so, unless it says that it does not.
    """

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    tag: str
    answers: tuple[Answer, ...]
    access: Access = Access.SESSION
    body: type | None = None
    body_types: tuple[str, ...] = (JSON,)
    query: type | None = None
    request_headers: Mapping[str, str] = field(factory=dict[str, str])
    problems: tuple[type[Exception], ...] = ()
    problem_types: tuple[str, ...] = (MEDIA_TYPE,)
    hashes_password: bool = field(default=attrs.Factory(_takes_password, takes_self=True))

    @property
    def name(self) -> str:
        """
        Return the endpoint's name, which is the operation's id.
        """
        return str(getattr(self.endpoint, "__name__"))  # noqa: B009 - a Callable has no name for the type checkers

    @property
    def is_audited(self) -> bool:
        """
        Tell whether its outcomes are logged: it opens, changes or ends a session or an account.
        """
        entering = self.path.startswith(("/api/v1/auth/", "/api/v1/forms/"))
        return entering or (self.path.startswith("/api/v1/me") and self.method != "GET")

    async def __call__(self, request: Request[State]) -> Response:
        """
        Admit the request, then answer it.
        """
        with logged(self.name, request) if self.is_audited else nullcontext():
            return await self._placed(request)

    async def _placed(self, request: Request[State]) -> Response:
        with request.state["hashing"].taken() if self.hashes_password else nullcontext():
            return await self._admitted(request)

    async def _admitted(self, request: Request[State]) -> Response:
        if self.access in _GUESSES:
            return await self._answer_guessing(request)
        if self.access is Access.SESSION:
            request.state["caller"] = await _signed_in(request)
        elif self.access is Access.PUBLIC:
            await request.state["core"].admit_request(key=f"client:{client_of(request)}")
        return await self.endpoint(request)

    async def _answer_guessing(self, request: Request[State]) -> Response:
        try:
            return await self.endpoint(request)
        except _GUESSES[self.access]:
            await request.state["core"].admit_request(key=f"client:{client_of(request)}")
            raise


def routes(operations: Iterable[Operation]) -> list[Route]:
    """
    Return one route for each path, so that a method it does not take is answered with all those it takes.
    """
    by_path = groupby(sorted(operations, key=lambda operation: operation.path), key=lambda operation: operation.path)
    return [_route(path, {operation.method: operation for operation in group}) for path, group in by_path]


def _route(path: str, by_method: Mapping[str, Operation]) -> Route:
    async def endpoint(request: Request[State]) -> Response:
        return await by_method["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, endpoint, methods=list(by_method), name=path)


async def _signed_in(request: Request[State]) -> Caller:
    """
    Return who bears the request's access token; guesses count against the client's address.
    """
    core = request.state["core"]
    try:
        caller = await core.who_am_i(access_token=_access_token(request))
    except Unauthenticated:
        await core.admit_request(key=f"client:{client_of(request)}")
        raise
    await core.admit_request(key=f"session:{caller.session.id}")
    return caller


def _access_token(request: Request[State]) -> str:
    cookie = session_cookie_of(request)
    if cookie is None:
        return _bearer_token(request)
    refuse_cross_origin(request)
    return cookie


def _bearer_token(request: Request[State]) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    return token.strip()
