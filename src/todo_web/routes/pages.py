"""
The pages that mailed links lead to. Opening one changes nothing: only its form does, by a POST.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from todo_web.operations import Access, Answer, Operation
from todo_web.pages import page
from todo_web.state import State

_PAGE = (Answer(200, "A page", media_type="text/html"),)


async def get_index(_: Request[State]) -> Response:
    """
    Say what this is.
    """
    return page("index")


async def get_reset_page(_: Request[State]) -> Response:
    """
    Show the form that takes a new password.
    """
    return page("reset-password")


async def get_verify_page(_: Request[State]) -> Response:
    """
    Show the button that verifies an address.
    """
    return page("verify-email")


OPERATIONS = (
    Operation(
        method="GET",
        path="/",
        endpoint=get_index,
        summary="What this is",
        tag="Pages",
        access=Access.UNCOUNTED,
        answers=_PAGE,
    ),
    Operation(
        method="GET",
        path="/reset-password",
        endpoint=get_reset_page,
        summary="Where a reset link leads; opening it consumes nothing",
        tag="Pages",
        access=Access.UNCOUNTED,
        answers=_PAGE,
    ),
    Operation(
        method="GET",
        path="/verify-email",
        endpoint=get_verify_page,
        summary="Where a verification link leads; opening it consumes nothing",
        tag="Pages",
        access=Access.UNCOUNTED,
        answers=_PAGE,
    ),
)
