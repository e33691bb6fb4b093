"""
Clients that say as little as keeps a connection open: for tests a few, for benchmarks hundreds.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from contextlib import suppress
from typing import Self

from attrs import define, field

from tests.support.nginx import HOST, Proxy

SLOW_PATH = "/api/v1/auth/verify-email"
"""What slow bodies are sent to."""

_HEADERS = f"GET /health HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ".encode()
_BODY = (
    f"POST {SLOW_PATH} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
).encode()
_ADDRESSES = 50
"""A client has as many connections as one address is granted, so the crowd comes from several."""


@define
class SlowClients:
    """
    So many clients that dribble *headers*, and so many that dribble *bodies*, in a thread of their own.

    Each says one byte every *pace* seconds; one whose connection ends comes *again*. ``hanging`` counts those
    who have said their first words and are connected.
    """

    proxy: Proxy
    headers: int
    bodies: int
    pace: float = 0.5
    again: bool = True
    hanging: int = field(default=0, init=False)
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.new_event_loop, init=False)
    _thread: threading.Thread = field(init=False)
    _trust: ssl.SSLContext = field(init=False)
    _tasks: list[asyncio.Task[None]] = field(factory=list[asyncio.Task[None]], init=False)

    def __enter__(self) -> Self:
        self._trust = self.proxy.trust()
        self._thread = threading.Thread(target=self._loop.run_forever, name="slow", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _begin(self) -> None:
        words = [_HEADERS] * self.headers + [_BODY] * self.bodies
        self._tasks = [asyncio.create_task(self._dribble(number, said)) for number, said in enumerate(words)]

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _dribble(self, number: int, words: bytes) -> None:
        address = f"127.0.1.{1 + number // _ADDRESSES}"
        while True:
            with suppress(OSError):
                await self._hang(address, words)
            if not self.again:
                return
            await asyncio.sleep(self.pace)

    async def _hang(self, address: str, words: bytes) -> None:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.proxy.port, ssl=self._trust, server_hostname=HOST, local_addr=(address, 0)
        )
        try:
            writer.write(words)
            await writer.drain()
            self.hanging += 1
            try:
                await self._say_little(reader, writer)
            finally:
                self.hanging -= 1
        finally:
            writer.transport.abort()

    async def _say_little(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            await asyncio.sleep(self.pace)
            writer.write(b"a")
            await writer.drain()
