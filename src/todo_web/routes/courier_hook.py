"""
/hooks/courier: a clock elsewhere asks for mail to be delivered, where nothing runs beside the requests.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import NotFound, Unauthenticated
from todo_web.answers import json_answer
from todo_web.bearer import bears
from todo_web.draining import Drained
from todo_web.operations import Access, Answer, Operation
from todo_web.state import State


async def deliver_mail(request: Request[State]) -> Response:
    """
    Deliver what is due; without the setting there is no such thing.
    """
    token = request.state["courier_hook_token"]
    if token is None:
        raise NotFound
    if not bears(request, token):
        raise Unauthenticated
    return json_answer(await request.state["drain"]())


OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/hooks/courier",
        endpoint=deliver_mail,
        summary="Deliver the mail that is due, where nothing runs beside the requests: `COURIER_HOOK_TOKEN`",
        tag="Operating",
        access=Access.TOKEN,
        answers=(Answer(200, "It was tried, for some seconds at most; asking again does the rest", Drained),),
        problems=(NotFound, Unauthenticated),
    ),
)
