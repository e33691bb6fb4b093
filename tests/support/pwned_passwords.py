"""
Pwned Passwords on 127.0.0.1, as its documentation describes it: https://haveibeenpwned.com/API/v3#PwnedPasswords.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any

from attrs import define, field, frozen

from tests.support.mail_apis import HANG_UP, Request
from tests.support.smtp import SILENCE


@frozen
class Said:
    """
    An answer, whatever it is worth.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict[str, str])

    def to_bytes(self) -> bytes:
        """
        Return it as it travels.
        """
        headers = {"Content-Type": "text/plain", "Content-Length": str(len(self.body)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@define
class PwnedPasswords:
    """
    Knows how often each of the *stolen* was seen; ``answers`` are what it says to the next questions instead.
    """

    stolen: dict[str, int]
    url: str = ""
    requests: list[Request] = field(factory=list[Request], init=False)
    answers: deque[Said | str] = field(factory=deque[Said | str], init=False)
    connections: int = field(default=0, init=False)

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None = None) -> AsyncGenerator[str]:
        """
        Yield the URL it is at.
        """
        conversations = set[asyncio.Task[Any]]()

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            conversations.add(task)
            self.connections += 1
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
                await self._converse(reader, writer)
            writer.close()

        server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for conversation in conversations:
                conversation.cancel()
            await asyncio.gather(*conversations, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
            method, path, _ = first.split(" ")
            headers = [(name, value) for name, _, value in (line.partition(": ") for line in rest)]
            self.requests.append(Request(method, path, headers, b""))
            said = self.answers.popleft() if self.answers else self._range(path.removeprefix("/range/"))
            if said == SILENCE:
                await asyncio.sleep(3600)
            if said == HANG_UP or isinstance(said, str):
                return
            writer.write(said.to_bytes())
            await writer.drain()

    def _range(self, start: str) -> Said:
        """
        Return the rest of the digits of all that begin with *start*, with padding around them.
        """
        digests = {hashlib.sha1(text.encode()).hexdigest().upper(): n for text, n in self.stolen.items()}  # noqa: S324 - it is the service's
        lines = [f"{digest[5:]}:{count}" for digest, count in digests.items() if digest.startswith(start)]
        padding = [f"{number:035X}:0" for number in range(800)]
        return Said(200, "\r\n".join([*padding, *lines, *padding]).encode())
