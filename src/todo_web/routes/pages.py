"""
The pages of the web page. Opening one changes nothing, one that a mailed link leads to neither: only a POST does.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from todo_core.errors import DomainError
from todo_web.cookies import session_cookie_of
from todo_web.forms import spoken_to
from todo_web.operations import Access, Answer, Operation
from todo_web.pages import page
from todo_web.state import State

_LOG_IN = "/log-in"
_AT_HOME = Answer(303, "You are logged in already", headers={"Location": "Your todos"})

_PAGES = (
    ("/", "get_todos_page", "One's todos"),
    ("/sign-up", "get_sign_up_page", "Where one asks for an account"),
    (_LOG_IN, "get_log_in_page", "Where one logs in"),
    ("/check-inbox", "get_check_inbox_page", "What to do while a mail is on its way"),
    ("/forgot-password", "get_forgot_password_page", "Where one asks for a reset link"),
    ("/reset-password", "get_reset_page", "Where a reset link leads; opening it consumes nothing"),
    ("/verify-email", "get_verify_page", "Where a verification link leads; opening it consumes nothing"),
    ("/confirm-email", "get_email_change_page", "Where the link to a new address leads; opening it consumes nothing"),
    (
        "/undo-email-change",
        "get_undo_email_change_page",
        "Where the link to an old address leads; opening it consumes nothing",
    ),
    (
        "/undo-deletion",
        "get_undo_deletion_page",
        "Where the link that keeps an account leads; opening it consumes nothing",
    ),
    ("/account", "get_account_page", "One's account, password and sessions"),
)


def _shown(path: str, name: str, summary: str) -> Operation:
    async def endpoint(request: Request[State]) -> Response:
        if path == _LOG_IN and await _is_logged_in(request):
            return RedirectResponse("/", HTTPStatus.SEE_OTHER, headers={"Cache-Control": "no-store"})
        found = await spoken_to(request, path) or await request.state["web_page"].page(request, path)
        return found or _no_page(request)

    endpoint.__name__ = name
    return Operation(
        method="GET",
        path=path,
        endpoint=endpoint,
        summary=summary,
        tag="Pages",
        access=Access.UNCOUNTED,
        answers=(
            Answer(200, "A page", media_type="text/html"),
            *((_AT_HOME,) if path == _LOG_IN else ()),
            Answer(304, "It is the one you have"),
            Answer(404, "This service was built without its web page", media_type="text/html"),
        ),
    )


async def _is_logged_in(request: Request[State]) -> bool:
    """
    Tell whether a live session's cookie came along; what keeps us from knowing is a no, for the page serves anybody.

    The page itself cannot ask without an error in the browser's console, which a 401 is.
    """
    access_token = session_cookie_of(request)
    with suppress(DomainError):
        return access_token is not None and bool(await request.state["core"].who_am_i(access_token=access_token))
    return False


def _no_page(request: Request[State]) -> Response:
    """
    Say that the page was left out. 404, for trying again does not help, as 503 would promise, until somebody builds it.
    """
    return page("no-page", status_code=HTTPStatus.NOT_FOUND, described_at=request.state["described_at"])


async def get_change_password(_: Request[State]) -> Response:
    """
    Lead password managers to where one changes the password (W3C, A Well-Known URL for Changing Passwords).
    """
    return RedirectResponse("/account#password", HTTPStatus.FOUND)


async def get_asset(request: Request[State]) -> Response:
    """
    Return a script, a style sheet or a picture of the pages.
    """
    return await request.state["web_page"].asset(request, request.path_params["name"])


ASSETS = Route("/assets/{name:path}", get_asset)
"""No operation, as the files below ``/static`` are none: what there is to ask for, the pages know."""

OPERATIONS = (
    *(_shown(*described) for described in _PAGES),
    Operation(
        method="GET",
        path="/.well-known/change-password",
        endpoint=get_change_password,
        summary="Leads to where one changes the password",
        tag="Pages",
        access=Access.UNCOUNTED,
        answers=(Answer(302, "There it is", headers={"Location": "The page and the place on it"}),),
    ),
)
