"""
A mail server in bad weather: it refuses, hangs up, loses its last answer, falls silent or is not there at all.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Coroutine
from email.parser import BytesParser
from email.policy import default
from functools import cached_property
from typing import Any, Self

from attrs import define, field, frozen

from tests.support.server import token_in

_FOR_EVER = 3600.0
_STAGES = ("MAIL", "RCPT", "dot")


@frozen
class Weather:
    """
    What befalls the next mails: shares from 0 to 1, and seconds.

    Args:
        refused: share answered 451, at a stage drawn by lot.
        cut: share whose connection breaks in the middle of the message.
        lost: share that is accepted, but the answer that says so never leaves.
        delay: how long accepting one takes.
        silent: whether the end of a message is not answered at all, and the mail not accepted.
    """

    refused: float = 0.0
    cut: float = 0.0
    lost: float = 0.0
    delay: float = 0.0
    silent: bool = False


@frozen(slots=False)
class Arrival:
    """
    A mail that was accepted, and when by ``time.time()``; ``told`` when the sender was told so.
    """

    at: float
    recipient: str
    content: bytes
    told: bool

    @cached_property
    def message_id(self) -> str:
        """
        Return its Message-ID.
        """
        return str(self._mime["Message-ID"])

    @cached_property
    def token(self) -> str:
        """
        Return the token of the link in it.
        """
        body = self._mime.get_body(("plain",))
        assert body is not None
        return token_in(body.get_content())

    @cached_property
    def _mime(self) -> Any:
        return BytesParser(policy=default).parsebytes(self.content)


@define
class PostOffice:
    """
    An SMTP server on 127.0.0.1, in a thread of its own, that keeps what it accepts.

    ``troubles`` counts what it did to those it did not accept, or did not tell; ``begun`` those whose
    message it has heard to the end.
    """

    weather: Weather = field(factory=Weather)
    seed: int = 0
    port: int = 0
    arrivals: list[Arrival] = field(factory=list[Arrival], init=False)
    troubles: Counter[str] = field(factory=Counter[str], init=False)
    begun: int = field(default=0, init=False)
    _lot: random.Random = field(init=False)
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.new_event_loop, init=False)
    _thread: threading.Thread = field(init=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _talks: set[asyncio.Task[None]] = field(factory=set[asyncio.Task[None]], init=False)

    def __attrs_post_init__(self) -> None:
        self._lot = random.Random(self.seed)  # noqa: S311 - a lot that can be drawn again, not a secret

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._loop.run_forever, name="post-office", daemon=True)
        self._thread.start()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def open(self) -> None:
        """
        Listen: on the same port as before, if there was one.
        """
        self._do(self._listen())

    def close(self) -> None:
        """
        Break every conversation off, and listen no more.
        """
        self._do(self._fall_silent())

    def environment(self) -> dict[str, str]:
        """
        Return the ``SMTP_*`` settings of a client.
        """
        return {
            "EMAIL_PROVIDER": "smtp",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.port),
            "SMTP_SECURITY": "none",
            "SMTP_FROM_EMAIL": "todo@todo.example",
        }

    def to(self, recipient: str) -> list[Arrival]:
        """
        Return what arrived for *recipient*.
        """
        return [arrival for arrival in list(self.arrivals) if arrival.recipient == recipient]

    def _do(self, task: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(task, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", self.port, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _fall_silent(self) -> None:
        assert self._server is not None
        self._server.close()
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            await _Talk(self, reader, writer).hold()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._talks.discard(talk)
            writer.transport.abort()

    def draw(self, trouble: str, share: float) -> bool:
        """
        Draw by lot whether a trouble of so large a *share* happens now.
        """
        happens = share > 0 and self._lot.random() < share
        self.troubles[trouble] += happens
        return happens

    def draw_stage(self) -> str:
        """
        Draw the stage at which a refusal comes.
        """
        return self._lot.choice(_STAGES)


@define
class _Talk:
    """
    One conversation.
    """

    _office: PostOffice
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _recipient: str = ""
    _refuses_at: str = ""

    async def hold(self) -> None:
        self._say("220 mail.example")
        while line := (await self._reader.readline()).decode("utf-8").strip():
            command = line[:4].upper()
            if command == "QUIT":
                return
            if command == "DATA":
                await self._take()
            else:
                self._answer(command, line)

    def _answer(self, command: str, line: str) -> None:
        if command == "MAIL":
            refused = self._office.draw("refused", self._office.weather.refused)
            self._refuses_at = self._office.draw_stage() if refused else ""
        elif command == "RCPT":
            self._recipient = line[line.index("<") + 1 : line.index(">")]
        if command == self._refuses_at:
            self._say("451 come again later")
        else:
            self._say("250-mail.example\r\n250 SMTPUTF8" if command == "EHLO" else "250 OK")

    async def _take(self) -> None:
        self._say("354 go on")
        weather = self._office.weather
        if self._office.draw("cut", weather.cut):
            await self._reader.read(100)
            raise ConnectionAbortedError
        content = await self._reader.readuntil(b"\r\n.\r\n")
        self._office.begun += 1
        await asyncio.sleep(_FOR_EVER if weather.silent else weather.delay)
        if self._refuses_at == "dot":
            self._say("451 come again later")
            return
        lost = self._office.draw("lost", weather.lost)
        self._office.arrivals.append(Arrival(time.time(), self._recipient, content, told=not lost))
        if lost:
            raise ConnectionAbortedError
        self._say("250 accepted")

    def _say(self, words: str) -> None:
        self._writer.write(f"{words}\r\n".encode())
