"""
Server-sent events: how they are written, and the answer that goes on telling what is new.

Their form is the HTML standard's (9.2.6, Interpreting an event stream).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from todo_core.errors import Unauthenticated, Unavailable
from todo_core.model.change import Change
from todo_core.model.session import Caller
from todo_core.use_cases.changes import FollowChanges, News
from todo_web.streams import Streams

EVENT_STREAM = "text/event-stream"

_HEADERS = {"X-Accel-Buffering": "no"}
"""nginx would keep events back until it has many."""

_RETRY = 2000
"""Milliseconds until a browser that was cut off comes back."""

_SIGN_OF_LIFE = b":\n\n"

_FAREWELL = 1.0
"""Seconds that a reader has to take the end of a stream."""


def opening(news: News) -> bytes:
    """
    Return how a stream that begins with *news* opens.

    It tells the number before them, without an event: whoever is cut off before the first one knows where they were.
    """
    return b"retry: %d\nid: %d\n\n" % (_RETRY, news.number - len(news.changes))


def written(news: News) -> bytes:
    """
    Return *news* as events; where there are none, a sign of life.
    """
    if news.is_torn:
        return b"id: %d\nevent: reset\ndata: {}\n\n" % news.number
    return b"".join(_event(change) for change in news.changes) or _SIGN_OF_LIFE


def _event(change: Change) -> bytes:
    told = {"thing": change.thing, "kind": change.kind, "id": change.id, "version": change.version}
    return b"id: %d\nevent: change\ndata: %b\n\n" % (change.number, msgspec.json.encode(told))


class ChangeStream(Response):
    """
    Tells the caller's changes *after* a number, as they come, until the reader goes, the session or the program ends.

    Each piece is sent before the next is looked for, so a slow reader makes nothing grow here.
    """

    media_type = EVENT_STREAM

    def __init__(self, follow: FollowChanges, streams: Streams, *, caller: Caller, after: int | None) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)
        self._follow = follow
        self._streams = streams
        self._caller = caller
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answer; what goes wrong before the first byte is answered as in any other operation.
        """
        if scope["method"] == "HEAD":
            await self._begin(send)
        else:
            with self._streams.opened(self._caller.user.id) as rung:
                news = await self._look(self._after)
                await self._begin(send)
                ends = (self._streams.ended(), self._streams.lived(), _left(receive))
                await _first_of(self._tell(news, rung, send), *ends)
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

    async def _tell(self, news: News, rung: asyncio.Event, send: Send) -> None:
        piece = opening(news) + written(news)
        with suppress(Unauthenticated, TimeoutError):
            while True:
                async with asyncio.timeout(self._streams.patience):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                if not news.has_more:
                    await self._streams.wait(rung)
                try:
                    news = await self._look(news.number)
                    piece = written(news)
                except Unavailable:
                    news, piece = News([], news.number), _SIGN_OF_LIFE

    async def _look(self, after: int | None) -> News:
        async with self._streams.looking:
            return await self._follow(caller=self._caller, after=after)


async def _left(receive: Receive) -> None:
    """
    Return once the reader has gone.
    """
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*waits: Coroutine[Any, Any, None]) -> None:
    """
    Return when one of the *waits* does, the others cancelled; what it raises goes on.
    """
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
