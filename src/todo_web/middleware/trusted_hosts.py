"""
Only requests that are meant for this service.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from attrs import field, frozen
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from todo_web.errors import InvalidHost
from todo_web.problems import PROBLEMS, Problems

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:\[\]]+)(:[0-9]*)?")
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


def _with_loopback(hosts: Collection[str]) -> frozenset[str]:
    return _LOCAL | {host.lower() for host in hosts}


@frozen
class TrustedHosts:
    """
    Refuse a request whose Host header is missing, given twice, or names somebody else.

    The loopback is always allowed: health checks use it, and no link is ever made from the header.
    """

    app: ASGIApp
    problems: Problems
    hosts: frozenset[str] = field(converter=_with_loopback)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass the request on, or refuse it.
        """
        if scope["type"] == "http" and not self._is_trusted(Headers(scope=scope).getlist("host")):
            await self.problems.response(PROBLEMS[InvalidHost])(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_trusted(self, hosts: list[str]) -> bool:
        if len(hosts) != 1:
            return False
        found = _HOST.fullmatch(hosts[0].lower())
        return found is not None and found["name"] in self.hosts
