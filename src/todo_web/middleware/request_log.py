"""
One line of log for each request, and an answer when everything else failed.
"""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from attrs import frozen
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from todo_web.problems import INTERNAL, Problems

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.request")

_SECRET = re.compile("/calendar/.+", re.IGNORECASE | re.DOTALL)
"""Wherever it stands: addresses are copied wrongly, and then no route knows them."""

_PARTS_OF_PAGES = ("/assets/", "/static/")
"""A page asks for some thirty files, which would bury everything else, a first mail on the terminal too."""


@frozen
class RequestLog:
    """
    Give each request an id and log it; turn an exception that nobody expected into a problem.

    A request is logged by its path, never its query, which may hold a token. What stands in the path of a calendar is
    a secret, and is not logged either. The files that a page is made of are logged where they fail, or at DEBUG.
    """

    app: ASGIApp
    problems: Problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass the request on.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = uuid4().hex
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, answer)
            except Exception:  # noqa: BLE001 - this is where unexpected errors end
                _log.exception("request failed", **_facts(scope))
                if status == 0:
                    await self.problems.response(INTERNAL)(scope, receive, answer)
            finally:
                ms = round((time.perf_counter() - started) * 1e3, 1)
                log = _log.debug if _is_part_of_a_page(scope, status) else _log.info
                log("request", **_facts(scope), status=status, ms=ms)


def _is_part_of_a_page(scope: Scope, status: int) -> bool:
    return scope["path"].startswith(_PARTS_OF_PAGES) and status < HTTPStatus.BAD_REQUEST


def _facts(scope: Scope) -> dict[str, Any]:
    route = scope.get("route")
    path = _SECRET.sub("/calendar/{secret}", scope["path"])
    return {"method": scope["method"], "path": path, "route": getattr(route, "path", None)}
