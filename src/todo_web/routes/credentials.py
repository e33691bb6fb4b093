"""
/me/password and /me/email: what an account is entered with, changed; and /auth/undo-email-change.
"""

from __future__ import annotations

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import Conflict, InvalidToken, WrongPassword
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_web.decoding import read_body
from todo_web.fields import Email, PasswordText, is_email, is_password
from todo_web.languages import MAIL_LANGUAGE, language_of
from todo_web.operations import Access, Answer, Operation
from todo_web.routes.accounts import TokenBody
from todo_web.state import State, caller_of, client_of


@frozen
class ChangePasswordBody:
    """
    The password that one has, and the one to have from now on.
    """

    current_password: PasswordText = field(validator=is_password, repr=False)
    new_password: PasswordText = field(validator=is_password, repr=False)


@frozen
class ChangeEmailBody:
    """
    The address to have from now on, and the password.
    """

    new_email: Email = field(validator=is_email)
    password: PasswordText = field(validator=is_password, repr=False)


async def change_password(request: Request[State]) -> Response:
    """
    Set a new password.
    """
    body = await read_body(request, ChangePasswordBody)
    await request.state["core"].change_password(
        caller=caller_of(request),
        current_password=Password(body.current_password),
        new_password=Password(body.new_password),
        client=client_of(request),
        locale=language_of(request),
    )
    return Response(status_code=204)


async def request_email_change(request: Request[State]) -> Response:
    """
    Ask for another address.
    """
    body = await read_body(request, ChangeEmailBody)
    await request.state["core"].request_email_change(
        caller=caller_of(request),
        new_email=EmailAddress(body.new_email),
        password=Password(body.password),
        client=client_of(request),
        locale=language_of(request),
    )
    return Response(status_code=202)


async def confirm_email_change(request: Request[State]) -> Response:
    """
    Redeem the link that was mailed to the new address.
    """
    await redeem_email_change(request, await read_body(request, TokenBody))
    return Response(status_code=204)


async def redeem_email_change(request: Request[State], body: TokenBody) -> None:
    """
    Give the account its new address, with the token in *body*.
    """
    await request.state["core"].confirm_email_change(
        token=body.token, client=client_of(request), locale=language_of(request)
    )


async def undo_email_change(request: Request[State]) -> Response:
    """
    Redeem the link that was mailed to the old address.
    """
    await redeem_undo_of_email_change(request, await read_body(request, TokenBody))
    return Response(status_code=204)


async def redeem_undo_of_email_change(request: Request[State], body: TokenBody) -> None:
    """
    Give the account its old address back, with the token in *body*.
    """
    await request.state["core"].undo_email_change(
        token=body.token, client=client_of(request), locale=language_of(request)
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/me/password",
        endpoint=change_password,
        summary="Change the password: this session lives on, every other one ends, and a notice is mailed",
        tag="Accounts",
        body=ChangePasswordBody,
        request_headers=MAIL_LANGUAGE,
        answers=(Answer(204, "The new password counts"),),
        problems=(WrongPassword,),
    ),
    Operation(
        method="POST",
        path="/api/v1/me/email",
        endpoint=request_email_change,
        summary="Change the address: a link is mailed to the new one, and the old one is told",
        tag="Accounts",
        body=ChangeEmailBody,
        request_headers=MAIL_LANGUAGE,
        answers=(Answer(202, "Accepted, whether or not somebody else has that address"),),
        problems=(WrongPassword,),
    ),
    Operation(
        method="POST",
        path="/api/v1/me/email/confirm",
        endpoint=confirm_email_change,
        summary="Confirm the new address with the token out of its mail; no session is needed",
        tag="Accounts",
        access=Access.PUBLIC,
        body=TokenBody,
        request_headers=MAIL_LANGUAGE,
        answers=(Answer(204, "The account has the new address; the old one is mailed a link to take that back"),),
        problems=(InvalidToken, Conflict),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/undo-email-change",
        endpoint=undo_email_change,
        summary="Take a change of the address back: every session ends, and a link to choose a new password is mailed",
        tag="Accounts",
        access=Access.PUBLIC,
        body=TokenBody,
        request_headers=MAIL_LANGUAGE,
        answers=(Answer(204, "The account has its old address, and the password counts no longer"),),
        problems=(InvalidToken, Conflict),
    ),
)
