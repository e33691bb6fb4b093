"""
/auth: accounts.
"""

from __future__ import annotations

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidToken
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_web.decoding import read_body
from todo_web.fields import DisplayName, Email, LinkToken, PasswordText, is_email, is_password
from todo_web.languages import MAIL_LANGUAGE, language_of
from todo_web.operations import Access, Answer, Operation
from todo_web.state import State, client_of


@frozen
class RegisterBody:
    """
    What one says to sign up.
    """

    email: Email = field(validator=is_email)
    password: PasswordText = field(validator=is_password, repr=False)
    display_name: DisplayName | None = None


@frozen
class EmailBody:
    """
    An address, and nothing else.
    """

    email: Email = field(validator=is_email)


@frozen
class TokenBody:
    """
    The token out of a mailed link.
    """

    token: LinkToken = field(repr=False)


async def register(request: Request[State]) -> Response:
    """
    Sign up.
    """
    await ask_for_account(request, await read_body(request, RegisterBody))
    return Response(status_code=202)


async def ask_for_account(request: Request[State], body: RegisterBody) -> None:
    """
    Sign up with what *body* says.
    """
    await request.state["core"].register(
        email=EmailAddress(body.email),
        password=Password(body.password),
        display_name=body.display_name,
        client=client_of(request),
        locale=language_of(request),
    )


async def verify_email(request: Request[State]) -> Response:
    """
    Redeem the link that verifies an address.
    """
    await redeem_verification(request, await read_body(request, TokenBody))
    return Response(status_code=204)


async def redeem_verification(request: Request[State], body: TokenBody) -> None:
    """
    Verify an address with the token in *body*.
    """
    await request.state["core"].verify_email(token=body.token, client=client_of(request))


async def resend_verification(request: Request[State]) -> Response:
    """
    Ask for another link that verifies an address.
    """
    await ask_for_verification(request, await read_body(request, EmailBody))
    return Response(status_code=202)


async def ask_for_verification(request: Request[State], body: EmailBody) -> None:
    """
    Have another link mailed to the address in *body*.
    """
    await request.state["core"].resend_verification(
        email=EmailAddress(body.email), client=client_of(request), locale=language_of(request)
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/auth/register",
        endpoint=register,
        summary="Sign up; a mail tells the rest, whether or not the address has an account already",
        tag="Accounts",
        access=Access.PUBLIC,
        body=RegisterBody,
        request_headers=MAIL_LANGUAGE,
        answers=(Answer(202, "Accepted; a mail is on its way"),),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/verify-email",
        endpoint=verify_email,
        summary="Verify an address with the token out of the mail",
        tag="Accounts",
        access=Access.PUBLIC,
        body=TokenBody,
        answers=(Answer(204, "The address is verified"),),
        problems=(InvalidToken,),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/verify-email/resend",
        endpoint=resend_verification,
        summary="Send the verification mail again, if there is an account to verify",
        tag="Accounts",
        access=Access.PUBLIC,
        body=EmailBody,
        request_headers=MAIL_LANGUAGE,
        answers=(Answer(202, "Accepted, whether or not there is such an account"),),
    ),
)
