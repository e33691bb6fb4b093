"""
What the lifespan shares with every request, and what a request learns on its way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypedDict

from starlette.requests import Request

from todo_core.core import Core
from todo_core.model.session import Caller
from todo_web.audit import Pseudonyms
from todo_web.draining import Drain
from todo_web.places import Places
from todo_web.problems import Problems
from todo_web.streams import Streams
from todo_web.web_page import WebPage

Probe = Callable[[], Awaitable[None]]
"""Returns when all is well, raises ``Unavailable`` with a short reason otherwise."""


class Shared(TypedDict):
    """
    What the lifespan makes once.
    """

    core: Core
    probes: Mapping[str, Probe]
    problems: Problems
    backend: str
    trusted_proxy_hops: int
    hashing: Places
    imports: Places
    pseudonyms: Pseudonyms
    origins: Collection[str]
    locales: Sequence[str]
    openapi: bytes
    described_at: str
    streams: Streams
    web_page: WebPage
    drain: Drain
    courier_hook_token: str | None


class State(Shared):
    """
    That, and who is behind the request: there in operations that need a session, and only there.

    The body is there once it was read; of a form also what was given but passwords, right or wrong.
    """

    caller: Caller
    body: object
    given: Mapping[str, str]


def caller_of(request: Request[State]) -> Caller:
    """
    Return who is behind a request that needed a session.
    """
    return request.state["caller"]


def client_of(request: Request[Any]) -> str:
    """
    Return the address of whoever sent the request.

    Of ``X-Forwarded-For`` only as many entries are believed as there are trusted proxies, counted from the
    right: what stands further left was written by the client itself.
    """
    hops: int = request.state["trusted_proxy_hops"]
    if hops:
        forwarded = [entry.strip() for entry in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
        if len(forwarded) >= hops and forwarded[-hops]:
            return forwarded[-hops]
    return request.client.host if request.client else "unknown"
