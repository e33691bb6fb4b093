"""
The HTTPS APIs of mail providers, on 127.0.0.1, as their documentation describes them and as far as we use them.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from email.utils import parseaddr
from http import HTTPStatus
from typing import Any

from attrs import define, field, frozen

from tests.support.smtp import SILENCE
from todo_core.contracts.email_service import Arrival
from todo_core.model.email import EmailAddress, EmailMessage

HANG_UP = "hang up"
"""An answer that is the end of the connection."""

KEY = "the-key_of.todo"
SENDER = "todo@todo.example"
MESSAGE = EmailMessage(
    to=EmailAddress("ann@bücher.example"),
    message_id="0198a5c2-7d3e-7000-8000-00000000abcd@todo.example",
    subject="Größe",
    text="Your link",
    html="<p>Your link</p>",
)


@frozen
class Request:
    """
    A request as it came: *headers* in their order and their letters, *body* byte by byte.
    """

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """
        Return the header of this name, in whatever letters.
        """
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)


@frozen
class Response:
    """
    What an API answers.
    """

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(factory=dict[str, str])

    def to_bytes(self) -> bytes:
        """
        Return it as it travels.
        """
        body = b"" if self.document is None else json.dumps(self.document).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode() + body


@define
class MailApi(ABC):
    """
    What such an API remembers; ``answers`` are what it says to the next messages instead of taking them.
    """

    requests: list[Request] = field(factory=list[Request], init=False)
    answers: deque[Response | str] = field(factory=deque[Response | str], init=False)
    taken: list[dict[str, Any]] = field(factory=list[dict[str, Any]], init=False)
    connections: int = field(default=0, init=False)
    open: int = field(default=0, init=False)

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """
        Answer, and keep the message if there was one in it.
        """

    @abstractmethod
    def arrivals(self) -> Sequence[Arrival]:
        """
        Return what a recipient would get.
        """

    @abstractmethod
    def refusals(self) -> Mapping[str, Response]:
        """
        Return how it says ``never``, ``later`` and ``unknown``, in words that quote what must not be shown.
        """

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
            self.open += 1
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
                await self._converse(reader, writer)
            writer.close()
            self.open -= 1

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
            request = await _read(reader)
            self.requests.append(request)
            told = self.answers.popleft() if self.answers and request.method == "POST" else None
            if told == SILENCE:
                await asyncio.sleep(3600)
            if told == HANG_UP:
                return
            response = told if isinstance(told, Response) else self.answer(request)
            writer.write(response.to_bytes())
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in rest)]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    return Request(method, path, headers, await reader.readexactly(length))


class ResendApi(MailApi):
    """
    https://resend.com/docs/api-reference: messages with one idempotency key are one message.
    """

    def answer(self, request: Request) -> Response:
        """
        Serve ``POST /emails`` and ``GET /domains``.
        """
        if request.header("User-Agent") is None:
            return Response(403, {"error": "1010"})
        if request.header("Authorization") is None:
            return _resend(401, "missing_api_key")
        if request.header("Authorization") != f"Bearer {KEY}":
            return _resend(403, "invalid_api_key")
        if (request.method, request.path) == ("GET", "/domains"):
            return Response(200, {"object": "list", "has_more": False, "data": []})
        if (request.method, request.path) != ("POST", "/emails"):
            return _resend(404, "not_found")
        return self._take(json.loads(request.body), request.header("Idempotency-Key"))

    def _take(self, document: dict[str, Any], key: str | None) -> Response:
        if key is not None and not 1 <= len(key) <= 256:
            return _resend(400, "invalid_idempotency_key")
        if not {"from", "to", "subject"} <= document.keys():
            return _resend(422, "missing_required_field")
        earlier = next((one for one in self.taken if key is not None and one["key"] == key), None)
        if earlier is not None and earlier["document"] != document:
            return _resend(409, "invalid_idempotent_request")
        if earlier is None:
            self.taken.append({"key": key, "document": document})
        return Response(200, {"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"})

    def arrivals(self) -> Sequence[Arrival]:
        """
        Return the messages taken.
        """
        return [
            Arrival(
                recipients=[parseaddr(to)[1] for to in one["to"]],
                subject=one["subject"],
                text=one["text"],
                html=one["html"],
                message_id=one["headers"]["Message-ID"].strip("<>"),
                headers=list(one["headers"]),
            )
            for one in (taken["document"] for taken in self.taken)
        ]

    def refusals(self) -> Mapping[str, Response]:
        """
        Return what its page of errors says.
        """
        return {
            "never": _resend(422, "validation_error"),
            "later": _resend(429, "rate_limit_exceeded", {"retry-after": "7"}),
            "unknown": _resend(403, "invalid_api_key"),
        }


def _resend(status: int, name: str, headers: Mapping[str, str] | None = None) -> Response:
    words = f"no ann@example.org with {KEY}"
    return Response(status, {"statusCode": status, "name": name, "message": words}, headers or {})


class PostmarkApi(MailApi):
    """
    https://postmarkapp.com/developer/api/overview: what is wrong with a message is a number in the answer.
    """

    def answer(self, request: Request) -> Response:
        """
        Serve ``POST /email`` and ``GET /server``.
        """
        if request.header("X-Postmark-Server-Token") != KEY:
            return _postmark(401, 10)
        if (request.method, request.path) == ("GET", "/server"):
            return Response(200, {"ID": 1, "Name": "todo", "ApiTokens": [KEY], "TrackLinks": "HtmlAndText"})
        if (request.method, request.path) != ("POST", "/email"):
            return _postmark(404, 12)
        if (request.header("Accept"), request.header("Content-Type")) != ("application/json", "application/json"):
            return _postmark(415, 409)
        document = json.loads(request.body)
        if not document["To"].isascii():
            return _postmark(422, 300)
        self.taken.append(document)
        accepted = {"To": document["To"], "MessageID": "b7bc2f4a-e38e-4336-af7d-e6c392c2f817"}
        return Response(200, {**accepted, "ErrorCode": 0, "Message": "OK"})

    def arrivals(self) -> Sequence[Arrival]:
        """
        Return the messages taken, with a Message-ID of Postmark's unless it was asked to keep ours.
        """
        return [_from_postmark(document) for document in self.taken]

    def refusals(self) -> Mapping[str, Response]:
        """
        Return what its page of errors says.
        """
        return {"never": _postmark(422, 406), "later": _postmark(429, 429), "unknown": _postmark(401, 10)}


def _postmark(status: int, code: int) -> Response:
    return Response(status, {"ErrorCode": code, "Message": f"no ann@example.org with {KEY}"})


def _from_postmark(document: Mapping[str, Any]) -> Arrival:
    headers = {header["Name"]: header["Value"] for header in document["Headers"]}
    kept = headers["Message-ID"] if headers.get("X-PM-KeepID") == "true" else "<another@postmark.example>"
    return Arrival(
        recipients=[parseaddr(to)[1] for to in document["To"].split(",")],
        subject=document["Subject"],
        text=document["TextBody"],
        html=document["HtmlBody"],
        message_id=kept.strip("<>"),
        headers=list(headers),
    )


class SendGridApi(MailApi):
    """
    https://www.twilio.com/docs/sendgrid/api-reference: an accepted message has an empty answer.
    """

    scopes: Sequence[str] = ("mail.send", "2fa_required")
    _not_ours = frozenset(
        {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
        | {"to", "from", "subject", "reply-to", "cc", "bcc"}
    )

    def answer(self, request: Request) -> Response:
        """
        Serve ``POST /v3/mail/send`` and ``GET /v3/scopes``.
        """
        if request.header("Authorization") != f"Bearer {KEY}":
            return _sendgrid(401, None)
        if (request.method, request.path) == ("GET", "/v3/scopes"):
            return Response(200, {"scopes": list(self.scopes)})
        if (request.method, request.path) != ("POST", "/v3/mail/send"):
            return _sendgrid(404, None)
        document = json.loads(request.body)
        if [part["type"] for part in document["content"]] != ["text/plain", "text/html"]:
            return _sendgrid(400, "content")
        if self._not_ours & {name.lower() for name in document["headers"]}:
            return _sendgrid(400, "headers")
        self.taken.append(document)
        return Response(202, None, {"X-Message-Id": "14c5d75ce93.dfd.64b469"})

    def arrivals(self) -> Sequence[Arrival]:
        """
        Return the messages taken.
        """
        return [
            Arrival(
                recipients=[to["email"] for one in document["personalizations"] for to in one["to"]],
                subject=document["subject"],
                text=document["content"][0]["value"],
                html=document["content"][1]["value"],
                message_id=document["headers"]["Message-ID"].strip("<>"),
                headers=list(document["headers"]),
            )
            for document in self.taken
        ]

    def refusals(self) -> Mapping[str, Response]:
        """
        Return what its page of errors says.
        """
        return {
            "never": _sendgrid(400, "personalizations.0.to.0.email"),
            "later": _sendgrid(429, None),
            "unknown": _sendgrid(401, None),
        }


def _sendgrid(status: int, at_fault: str | None) -> Response:
    return Response(
        status, {"errors": [{"field": at_fault, "message": f"no ann@example.org with {KEY}", "help": None}]}
    )
