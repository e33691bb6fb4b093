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


async def get_index(request: Request[State]) -> Response:
    """
    Say what this is.
    """
    return page("index", described_at=request.state["described_at"])


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


async def get_email_change_page(_: Request[State]) -> Response:
    """
    Show the button that confirms a new address.
    """
    return page("confirm-email")


async def get_undo_email_change_page(_: Request[State]) -> Response:
    """
    Show the button that takes a change of the address back.
    """
    return page("undo-email-change")


async def get_undo_deletion_page(_: Request[State]) -> Response:
    """
    Show the button that keeps an account.
    """
    return page("undo-deletion")


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
    Operation(
        method="GET",
        path="/confirm-email",
        endpoint=get_email_change_page,
        summary="Where the link to a new address leads; opening it consumes nothing",
        tag="Pages",
        access=Access.UNCOUNTED,
        answers=_PAGE,
    ),
    Operation(
        method="GET",
        path="/undo-email-change",
        endpoint=get_undo_email_change_page,
        summary="Where the link to an old address leads; opening it consumes nothing",
        tag="Pages",
        access=Access.UNCOUNTED,
        answers=_PAGE,
    ),
    Operation(
        method="GET",
        path="/undo-deletion",
        endpoint=get_undo_deletion_page,
        summary="Where the link that keeps an account leads; opening it consumes nothing",
        tag="Pages",
        access=Access.UNCOUNTED,
        answers=_PAGE,
    ),
)
