"""
Passwords known from data leaks: Pwned Passwords is asked in a way that tells it nothing, or nobody is.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from http import HTTPStatus

import httpx2
import structlog

from todo_core.model.password import Password
from todo_core.ports import BreachedPasswords

PWNED_PASSWORDS = "https://api.pwnedpasswords.com"
"""Where the service of Have I Been Pwned is (https://haveibeenpwned.com/API/v3#PwnedPasswords)."""

_HEADERS = {"Accept-Encoding": "identity", "Add-Padding": "true", "User-Agent": "todo-app"}
_SENT = 5
_LONGEST_ANSWER = 1 << 20
_MOST_CONNECTIONS = 8

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.breached_passwords")


class NoBreachedPasswords(BreachedPasswords):
    """
    Asks nobody and knows of none: what an operator has who did not switch the check on.
    """

    async def includes(self, password: Password) -> bool:  # noqa: ARG002 - the argument is the port's
        return False

    async def close(self) -> None:
        """
        Do nothing: nothing is open.
        """


class HibpBreachedPasswords(BreachedPasswords):
    """
    Sends the first five of the forty hexadecimal digits of a password's SHA-1, and looks for the rest in the answer.

    The answer lists the several hundred leaked passwords with these digits, and is padded with others that were seen
    no times, so that its length tells nobody anything either.

    Args:
        url: the service, or a mirror of it.
        timeout: seconds until it must have answered, connecting included.
        tls: whom to trust; the system's authorities when left out (``SSL_CERT_FILE`` names others).
    """

    def __init__(self, url: str = PWNED_PASSWORDS, *, timeout: float = 2.0, tls: ssl.SSLContext | None = None) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._client = httpx2.AsyncClient(
            verify=tls or ssl.create_default_context(),
            timeout=None,  # one deadline is over all that a question does
            limits=httpx2.Limits(max_connections=_MOST_CONNECTIONS),
        )

    async def includes(self, password: Password) -> bool:
        digest = hashlib.sha1(password.text.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            async with asyncio.timeout(self._timeout):
                status, text = await self._range(digest[:_SENT])
        except (TimeoutError, httpx2.RequestError, httpx2.InvalidURL) as error:
            _log.warning("breach check failed", error=type(error).__name__)
            return False
        if status != HTTPStatus.OK:
            _log.warning("breach check failed", error=int(status))
            return False
        return _counts(text, digest[_SENT:])

    async def close(self) -> None:
        await self._client.aclose()

    async def _range(self, start: str) -> tuple[int, str]:
        request = httpx2.Request("GET", f"{self._url}/range/{start}", headers=_HEADERS)
        response = await self._client.send(request, stream=True)
        content = bytearray()
        try:
            async for chunk in response.aiter_raw():
                content += chunk
                if len(content) > _LONGEST_ANSWER:
                    break
        finally:
            await response.aclose()
        return response.status_code, content.decode("ascii", errors="replace")


def _counts(text: str, rest: str) -> bool:
    """
    Tell whether a line of *text* has the digits *rest* and a count that is not zero, as padding has.
    """
    found = (line.partition(":") for line in text.splitlines())
    return any(digits.upper() == rest and count.strip().strip("0") for digits, _, count in found)
