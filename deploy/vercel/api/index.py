"""
The service as a function of Vercel's: nothing runs beside the requests there, so a clock asks for mail to be delivered.

Vercel's clock asks by GET, and bears ``CRON_SECRET``. The service delivers for a POST only, which this makes of it.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("ENVIRONMENT", "production")
os.environ["COURIER"] = "apart"
if "CRON_SECRET" in os.environ:
    os.environ.setdefault("COURIER_HOOK_TOKEN", os.environ["CRON_SECRET"])

from todo_web.app import create

HOOK = "/api/v1/hooks/courier"

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Scope]]
_Send = Callable[[_Scope], Awaitable[None]]

_service = create()


async def app(scope: _Scope, receive: _Receive, send: _Send) -> None:
    """
    Pass everything on; what the clock asks, as what the service understands.
    """
    if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == HOOK:
        scope = {**scope, "method": "POST"}
    await _service(scope, receive, send)
