"""
The way to the numbers: ``GET /metrics``, on a port of its own, or behind a token.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from attrs import field, frozen
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from todo_core.errors import Unauthenticated
from todo_web.bearer import bears
from todo_web.problems import Problems

PATH = "/metrics"


@frozen
class Numbers:
    """
    Answers ``GET /metrics`` and nothing else, to whoever bears the token, if there is one.

    No Host header is looked at: Prometheus asks by address, and nothing here is made from it.
    """

    write: Callable[[], Awaitable[bytes]]
    token: str | None = field(repr=False)
    problems: Problems

    def app(self) -> ASGIApp:
        """
        Return the application.
        """
        app = Starlette(routes=[Route(PATH, self._tell)], exception_handlers=self.problems.handlers())
        app.router.redirect_slashes = False
        return app

    async def _tell(self, request: Request) -> Response:
        if self.token is not None and not bears(request, self.token):
            raise Unauthenticated
        return Response(await self.write(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


@frozen
class Door:
    """
    Lead ``/metrics`` to the *numbers*, and every other request to the *app*.
    """

    app: ASGIApp
    numbers: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass the request on.
        """
        asked = scope["type"] == "http" and scope["path"] == PATH
        await (self.numbers if asked else self.app)(scope, receive, send)


class _Server(uvicorn.Server):
    """
    Leaves signals to the server beside it.
    """

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def served(app: ASGIApp, *, host: str, port: int, shared: bool) -> AsyncGenerator[None]:
    """
    Serve *app* at a port of its own while the block runs, a *shared* one together with other processes.

    Raises:
        OSError: the port cannot be had.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[_listening(host, port, shared=shared)]), name="metrics")
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listening(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, reuse_port=shared)
    except OSError as error:
        raise OSError(f"METRICS_PORT: {port} of {host} cannot be bound: {error.strerror}") from None
