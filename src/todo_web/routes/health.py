"""
Probes, for whoever runs the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_web.answers import json_answer
from todo_web.operations import Access, Answer, Operation
from todo_web.probes import SOUND, ask
from todo_web.state import State
from todo_web.version import VERSION


@frozen(slots=False)
class Health:
    """
    The process answers.
    """

    status: Literal["ok"]
    version: str


@frozen(slots=False)
class Readiness:
    """
    Whether requests should be sent here; each check says ``ok`` or why not.
    """

    status: Literal["ready", "not ready"]
    checks: Mapping[str, str]


async def get_health(_: Request[State]) -> Response:
    """
    Say that the process is alive; nothing else is touched.
    """
    return json_answer(Health("ok", VERSION))


async def get_readiness(request: Request[State]) -> Response:
    """
    Ask everything the service depends on.
    """
    checks = await ask(request.state["probes"])
    ready = all(check == SOUND for check in checks.values())
    return json_answer(Readiness("ready" if ready else "not ready", checks), status=200 if ready else 503)


async def get_api_health(request: Request[State]) -> Response:
    """
    Say that the process is alive, under the API's prefix.
    """
    return await get_health(request)


OPERATIONS = (
    Operation(
        method="GET",
        path="/health",
        endpoint=get_health,
        summary="Is the process alive?",
        tag="Operating",
        access=Access.UNCOUNTED,
        answers=(Answer(200, "It is", Health),),
    ),
    Operation(
        method="GET",
        path="/api/v1/health",
        endpoint=get_api_health,
        summary="Is the process alive?",
        tag="Operating",
        access=Access.UNCOUNTED,
        answers=(Answer(200, "It is", Health),),
    ),
    Operation(
        method="GET",
        path="/api/v1/ready",
        endpoint=get_readiness,
        summary="Should requests be sent here?",
        tag="Operating",
        access=Access.UNCOUNTED,
        answers=(Answer(200, "They should", Readiness), Answer(503, "They should not; the checks say why", Readiness)),
    ),
)
