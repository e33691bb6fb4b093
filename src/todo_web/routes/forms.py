"""
/forms: what the forms of the web page send without script. Each does what its twin that takes JSON does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from todo_core.errors import EmailNotVerified, InvalidToken, WrongCredentials
from todo_web.cookies import forget_cookie
from todo_web.cross_origin import refuse_cross_origin
from todo_web.decoding import read_form
from todo_web.errors import CrossOriginRequest
from todo_web.forms import FORGOT_PAGE, LOG_IN_PAGE, VERIFY_PAGE, FormOperation, done
from todo_web.languages import MAIL_LANGUAGE
from todo_web.operations import Access
from todo_web.routes.accounts import (
    EmailBody,
    RegisterBody,
    TokenBody,
    ask_for_account,
    ask_for_verification,
    redeem_verification,
)
from todo_web.routes.credentials import redeem_email_change, redeem_undo_of_email_change
from todo_web.routes.deletion import redeem_undo_of_deletion
from todo_web.routes.password_reset import ConfirmResetBody, ask_for_reset, redeem_reset
from todo_web.routes.sessions import Credentials, keep_session, open_session
from todo_web.state import State, caller_of, client_of

T = TypeVar("T")

_INBOX_PAGE = "/check-inbox"


async def _sent(request: Request[State], kind: type[T]) -> T:
    """
    Return what one of our own pages sent: nobody shall be logged in, or write to us, by a page that they only visit.
    """
    refuse_cross_origin(request)
    return await read_form(request, kind)


async def submit_sign_up(request: Request[State]) -> Response:
    """
    Sign up.
    """
    await ask_for_account(request, await _sent(request, RegisterBody))
    return RedirectResponse(_INBOX_PAGE, HTTPStatus.SEE_OTHER)


async def submit_resend_verification(request: Request[State]) -> Response:
    """
    Ask for another link that verifies an address.
    """
    await ask_for_verification(request, await _sent(request, EmailBody))
    return RedirectResponse(_INBOX_PAGE, HTTPStatus.SEE_OTHER)


async def submit_forgot_password(request: Request[State]) -> Response:
    """
    Ask for a reset link.
    """
    await ask_for_reset(request, await _sent(request, EmailBody))
    return RedirectResponse(_INBOX_PAGE, HTTPStatus.SEE_OTHER)


async def submit_reset_password(request: Request[State]) -> Response:
    """
    Redeem the link for a new password.
    """
    await redeem_reset(request, await _sent(request, ConfirmResetBody))
    return done("reset-password")


async def submit_log_in(request: Request[State]) -> Response:
    """
    Open a session, which the browser keeps.
    """
    logged_in = await open_session(request, await _sent(request, Credentials))
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    keep_session(response, logged_in)
    return response


async def submit_log_out(request: Request[State]) -> Response:
    """
    End the session.
    """
    await request.state["core"].log_out(caller=caller_of(request), client=client_of(request))
    response = done("log-out")
    forget_cookie(response)
    return response


def _redeeming(
    name: str, redeem: Callable[[Request[State], TokenBody], Awaitable[None]], *, summary: str
) -> FormOperation:
    async def endpoint(request: Request[State]) -> Response:
        await redeem(request, await _sent(request, TokenBody))
        return done(name)

    endpoint.__name__ = f"submit_{name.replace('-', '_')}"
    return FormOperation(
        path=f"/api/v1/forms/{name}",
        endpoint=endpoint,
        summary=summary,
        body=TokenBody,
        problems=(CrossOriginRequest, InvalidToken),
        page=f"/{name}",
    )


OPERATIONS = (
    FormOperation(
        path="/api/v1/forms/sign-up",
        endpoint=submit_sign_up,
        summary="Sign up, by a form",
        body=RegisterBody,
        request_headers=MAIL_LANGUAGE,
        problems=(CrossOriginRequest,),
        page="/sign-up",
    ),
    FormOperation(
        path="/api/v1/forms/resend-verification",
        endpoint=submit_resend_verification,
        summary="Send the verification mail again, by a form",
        body=EmailBody,
        request_headers=MAIL_LANGUAGE,
        problems=(CrossOriginRequest,),
        page=VERIFY_PAGE,
    ),
    FormOperation(
        path="/api/v1/forms/log-in",
        endpoint=submit_log_in,
        summary="Log in, by a form; the session is in a cookie",
        body=Credentials,
        problems=(CrossOriginRequest, WrongCredentials, EmailNotVerified),
        page=LOG_IN_PAGE,
        elsewhere={EmailNotVerified: VERIFY_PAGE},
    ),
    FormOperation(
        path="/api/v1/forms/log-out",
        endpoint=submit_log_out,
        summary="Log out, by a form",
        access=Access.SESSION,
        body_types=(),
        page=LOG_IN_PAGE,
    ),
    FormOperation(
        path="/api/v1/forms/forgot-password",
        endpoint=submit_forgot_password,
        summary="Ask for a reset link, by a form",
        body=EmailBody,
        request_headers=MAIL_LANGUAGE,
        problems=(CrossOriginRequest,),
        page=FORGOT_PAGE,
    ),
    FormOperation(
        path="/api/v1/forms/reset-password",
        endpoint=submit_reset_password,
        summary="Choose a new password, by a form",
        body=ConfirmResetBody,
        problems=(CrossOriginRequest, InvalidToken),
        page="/reset-password",
        elsewhere={InvalidToken: FORGOT_PAGE},
    ),
    _redeeming("verify-email", redeem_verification, summary="Verify an address, by a form"),
    _redeeming("confirm-email", redeem_email_change, summary="Confirm a new address, by a form"),
    _redeeming("undo-email-change", redeem_undo_of_email_change, summary="Take a change of address back, by a form"),
    _redeeming("undo-deletion", redeem_undo_of_deletion, summary="Keep one's account, by a form"),
)
