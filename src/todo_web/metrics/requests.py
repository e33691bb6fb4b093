"""
How many requests there are, how they end, and how long they take.
"""

from __future__ import annotations

import time

from attrs import frozen
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from todo_web.metrics import catalog
from todo_web.metrics.door import PATH
from todo_web.metrics.meter import Meter

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@frozen
class RequestMeter:
    """
    Count each request by the template of its route, never by its path, which may hold ids and secrets.

    Whoever asks for the numbers is not counted.
    """

    app: ASGIApp
    meter: Meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass the request on.
        """
        if scope["type"] != "http" or scope["path"] == PATH:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status, seconds = 0, 0.0

        async def answer(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = message["status"], time.perf_counter() - started
            await send(message)

        self.meter.in_flight += 1
        try:
            await self.app(scope, receive, answer)
        finally:
            self.meter.in_flight -= 1
            self._count(scope, status, seconds or time.perf_counter() - started)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "(none)"
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self.meter.add(catalog.REQUESTS, route, method, str(status))
        self.meter.observe(catalog.REQUEST_SECONDS, seconds, route)
