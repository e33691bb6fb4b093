"""
/auth/password-reset: a forgotten password; /auth/password-check: how good a new one is.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen, validators
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidToken
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_web.answers import json_answer
from todo_web.decoding import read_body
from todo_web.fields import Email, LinkToken, PasswordText, is_email, is_password
from todo_web.languages import MAIL_LANGUAGE, language_of
from todo_web.operations import Access, Answer, Operation
from todo_web.routes.accounts import EmailBody, TokenBody
from todo_web.state import State, client_of


@frozen
class ConfirmResetBody:
    """
    The token out of the mailed link, and the password to have from now on.
    """

    token: LinkToken = field(repr=False)
    new_password: PasswordText = field(validator=is_password, repr=False)


@frozen(slots=False)
class LiveLink:
    """
    A reset link that still works.
    """

    expires_at: datetime


@frozen
class CheckPasswordBody:
    """
    A password that somebody is choosing, and for whom: the reader of a reset link, or else whoever has that address.
    """

    password: PasswordText = field(validator=is_password, repr=False)
    email: Email | None = field(default=None, validator=validators.optional(is_email))
    token: LinkToken | None = field(default=None, repr=False)


@frozen(slots=False)
class PasswordVerdict:
    """
    Whether a password may be chosen; if not, ``detail`` is the rule that it breaks.
    """

    acceptable: bool
    detail: str | None


async def request_reset(request: Request[State]) -> Response:
    """
    Ask for a reset link.
    """
    await ask_for_reset(request, await read_body(request, EmailBody))
    return Response(status_code=202)


async def ask_for_reset(request: Request[State], body: EmailBody) -> None:
    """
    Have a link mailed to the address in *body*.
    """
    await request.state["core"].request_password_reset(
        email=EmailAddress(body.email), client=client_of(request), locale=language_of(request)
    )


async def check_reset(request: Request[State]) -> Response:
    """
    Tell whether a link still works.
    """
    body = await read_body(request, TokenBody)
    core = request.state["core"]
    return json_answer(LiveLink(await core.check_password_reset(token=body.token, client=client_of(request))))


async def check_password(request: Request[State]) -> Response:
    """
    Judge a password while it is typed.
    """
    body = await read_body(request, CheckPasswordBody)
    detail = await request.state["core"].judge_password(
        Password(body.password),
        email=None if body.email is None else EmailAddress(body.email),
        token=body.token,
        client=client_of(request),
    )
    return json_answer(PasswordVerdict(acceptable=detail is None, detail=detail))


async def confirm_reset(request: Request[State]) -> Response:
    """
    Redeem the link for a new password.
    """
    await redeem_reset(request, await read_body(request, ConfirmResetBody))
    return Response(status_code=204)


async def redeem_reset(request: Request[State], body: ConfirmResetBody) -> None:
    """
    Set the password in *body*, with the token there.
    """
    await request.state["core"].confirm_password_reset(
        token=body.token,
        new_password=Password(body.new_password),
        client=client_of(request),
        locale=language_of(request),
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/auth/password-reset",
        endpoint=request_reset,
        summary="Forgot the password: mail a link, if there is such an account",
        tag="Password reset",
        access=Access.PUBLIC,
        body=EmailBody,
        request_headers=MAIL_LANGUAGE,
        answers=(Answer(202, "Accepted, whether or not there is such an account"),),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/password-reset/check",
        endpoint=check_reset,
        summary="Does this link still work? Nothing is consumed",
        tag="Password reset",
        access=Access.PUBLIC,
        body=TokenBody,
        answers=(Answer(200, "It works until then", LiveLink),),
        problems=(InvalidToken,),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/password-reset/confirm",
        endpoint=confirm_reset,
        summary="Choose a new password: every session ends, and nobody is logged in",
        tag="Password reset",
        access=Access.PUBLIC,
        body=ConfirmResetBody,
        answers=(Answer(204, "The new password counts"),),
        problems=(InvalidToken,),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/password-check",
        endpoint=check_password,
        summary="May this be a password? Nothing is kept, no link consumed, and no list of leaks asked",
        tag="Password reset",
        access=Access.PUBLIC,
        body=CheckPasswordBody,
        answers=(Answer(200, "The verdict", PasswordVerdict),),
        problems=(InvalidToken,),
        hashes_password=False,
    ),
)
