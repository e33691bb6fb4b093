"""
What mail providers with an HTTPS API have in common: they are asked once, and their answer is one of few.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
from attrs import Attribute, define, field, frozen

from todo_adapters.environment import InvalidEnvironment
from todo_adapters.mime import check_headers, mailbox
from todo_adapters.sender import Sender
from todo_core.errors import EmailError, EmailInterrupted, EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_core.model.email import EmailAddress, EmailMessage

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "todo-app"}
_LONGEST_ANSWER = 1 << 20
_LONGEST_PATIENCE = timedelta(days=1)
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_FOR_THE_OPERATOR = {401, 403, 404, 405}
_FOR_LATER = {408, 425, 429}
_ANSWER_LOST_ON_THE_WAY = {502, 504}


def check_url(_: Any, __: Attribute[str], url: str) -> None:
    """
    Raise a ``ValueError`` unless *url* is one that a key may be sent to.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be a URL such as https://api.example.com")
    if parts.scheme != "https" and not _is_this_machine(parts.hostname):
        raise ValueError("must be https, or the key would cross the network in the clear")


def check_key(_: Any, __: Attribute[str], key: str) -> None:
    """
    Raise a ``ValueError`` unless *key* can be sent in a header.
    """
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError("must be printable ASCII without spaces")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def sender_address(sender: Sender) -> str:
    """
    Return the address that mail comes from.

    Raises:
        InvalidEnvironment: these providers cannot send from it.
    """
    try:
        return address_of(sender.from_email)
    except EmailRejected:
        raise InvalidEnvironment(["SMTP_FROM_EMAIL: must be ASCII before the @ for a provider with an API"]) from None


def address_of(address: EmailAddress) -> str:
    """
    Return *address* in ASCII, which is all that these providers take.

    Raises:
        EmailRejected: its local part is of another alphabet, or there can be no such domain.
    """
    try:
        box = mailbox(address)
    except ValueError:
        raise EmailRejected("address invalid") from None
    if not box.username.isascii():
        raise EmailRejected("smtputf8 unsupported")
    return box.addr_spec


def headers_of(message: EmailMessage) -> dict[str, str]:
    """
    Return the headers that *message* has beside sender, recipient and subject.

    Raises:
        EmailRejected: one of its headers holds a line break.
    """
    try:
        check_headers(message)
    except ValueError:
        raise EmailRejected("message invalid") from None
    return {"Message-ID": f"<{message.message_id}>", "Auto-Submitted": "auto-generated"}


@frozen
class Answer:
    """
    What a provider said; *word* is its own name for it, where it has one. Its sentences may quote the recipient.
    """

    status: int
    word: str = ""
    document: Mapping[str, Any] = field(repr=False, factory=dict[str, Any])
    headers: Mapping[str, str] = field(repr=False, factory=dict[str, str])

    @property
    def code(self) -> str:
        """
        Return status and word, fit for a log.
        """
        return f"{self.status} {self.word}" if _WORD.fullmatch(self.word) else str(self.status)

    @property
    def retry_after(self) -> timedelta | None:
        """
        Return what ``Retry-After`` asks for (RFC 9110 §10.2.3), a day at the most.
        """
        wish = self.headers.get("retry-after", "")
        if wish.isascii() and wish.isdigit():
            return patience(float(wish))
        try:
            return patience((parsedate_to_datetime(wish) - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            return None

    def failure(
        self, meanings: Mapping[str, type[EmailError]] | None = None, *, retry_after: timedelta | None = None
    ) -> EmailError:
        """
        Return the error that it means: by *meanings* of its code, or else by its status.
        """
        kind = (meanings or {}).get(self.code) or _meaning(self.status)
        if kind is not EmailUnavailable:
            return kind(self.code)
        doubtful = self.status in _ANSWER_LOST_ON_THE_WAY or self.status in range(200, 300)
        return EmailUnavailable(self.code, retry_after=retry_after or self.retry_after, unknown=doubtful)


def patience(seconds: float) -> timedelta:
    """
    Return a wish of so many seconds, none of it negative and a day at the most.
    """
    return timedelta(seconds=min(max(seconds, 0), _LONGEST_PATIENCE.total_seconds()))


def _meaning(status: int) -> type[EmailError]:
    if status in _FOR_THE_OPERATOR or status in range(300, 400):
        return EmailMisconfigured
    if status in _FOR_LATER or status >= 500 or status < 400:  # noqa: PLR2004 - the classes of RFC 9110 §15
        return EmailUnavailable
    return EmailRejected


@define
class _Progress:
    """
    How far a request came: once its body was begun, the other side may have all of it.
    """

    written: bool = False

    @property
    def step(self) -> str:
        """
        Name what is under way.
        """
        return "answer" if self.written else "connect"

    def failure(self, reason: str) -> EmailUnavailable:
        """
        Return the error: who has heard it all may have taken it, who has not was not there to be asked.
        """
        return EmailUnavailable(f"{self.step} {reason}", unknown=self.written, away=not self.written)

    async def note(self, event: str, _: Mapping[str, Any]) -> None:
        """
        Hear of an *event* in the HTTP client.
        """
        self.written = self.written or event.endswith(".send_request_body.started")


class HttpsApi:
    """
    A provider's API: JSON both ways, over connections that are kept until it is closed.

    Args:
        url: where it is.
        headers: what each request says, our key among it.
        word: finds the provider's own name for what went wrong in its answer.
        timeout: seconds until it must have answered, connecting included.
        tls: whom to trust; the system's authorities when left out (``SSL_CERT_FILE`` names others).
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        word: Callable[[Mapping[str, Any]], object],
        timeout: float,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {**_HEADERS, **headers}
        self._word = word
        self._timeout = timeout
        trust = tls or ssl.create_default_context()
        self._client = httpx2.AsyncClient(verify=trust, timeout=None)  # one deadline is over all that a request does

    async def post(self, path: str, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
        """
        Hand *document* over.

        Raises:
            EmailUnavailable, EmailMisconfigured: nothing was answered.
        """
        content = json.dumps(document, separators=(",", ":")).encode()
        sent = {**self._headers, "Content-Type": "application/json", **(headers or {})}
        return await self._ask(httpx2.Request("POST", self._url + path, headers=sent, content=content))

    async def check(self, path: str, *, sound: Collection[str] = ()) -> Answer:
        """
        Ask for what is at *path*, which changes nothing, and return the answer if it is OK or its code is *sound*.

        Raises:
            EmailUnavailable, EmailMisconfigured: we would not be served.
        """
        answer = await self._ask(httpx2.Request("GET", self._url + path, headers=self._headers))
        if answer.status == HTTPStatus.OK or answer.code in sound:
            return answer
        failure = answer.failure()
        raise EmailMisconfigured(answer.code) if isinstance(failure, EmailRejected) else failure

    async def close(self) -> None:
        """
        Close the connections.
        """
        await self._client.aclose()

    async def _ask(self, request: httpx2.Request) -> Answer:
        progress = _Progress()
        request.extensions["trace"] = progress.note
        try:
            async with asyncio.timeout(self._timeout):
                return await self._answer(request)
        except asyncio.CancelledError:
            if progress.written:
                raise
            raise EmailInterrupted("connect cancelled") from None
        except TimeoutError:
            raise progress.failure("timeout") from None
        except httpx2.RequestError as error:
            if _distrusts(error):
                raise EmailMisconfigured("certificate untrusted") from None
            raise progress.failure("lost") from None

    async def _answer(self, request: httpx2.Request) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            content = b""
            async for chunk in response.aiter_raw():
                content += chunk
                if len(content) > _LONGEST_ANSWER:
                    break
        finally:
            await response.aclose()
        document = _parsed(content)
        return Answer(response.status_code, str(self._word(document)), document, response.headers)


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}


def _distrusts(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
