"""
/auth and /me: accounts and sessions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import EmailNotVerified, InvalidToken, WrongCredentials
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_core.model.user import DEFAULT_LOCALE, User
from todo_web.answers import json_answer
from todo_web.decoding import read_body
from todo_web.fields import DisplayName, Email, LinkToken, PasswordText, is_email, is_password
from todo_web.languages import MAIL_LANGUAGE, language_of
from todo_web.operations import Access, Answer, Operation
from todo_web.state import State, caller_of, client_of


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


@frozen
class LogInBody:
    """
    What one says to log in.
    """

    email: Email = field(validator=is_email)
    password: PasswordText = field(validator=is_password, repr=False)
    session: Literal["bearer"] = "bearer"


@frozen(slots=False)
class Profile:
    """
    A person, as the person sees it.
    """

    id: UUID
    email: str
    display_name: str | None
    locale: str
    timezone: str
    verified_at: datetime | None
    created_at: datetime


@frozen(slots=False)
class LogInAnswer:
    """
    A new session.
    """

    access_token: str = field(repr=False)
    token_type: Literal["Bearer"]
    expires_at: datetime
    user: Profile


async def register(request: Request[State]) -> Response:
    """
    Sign up.
    """
    body = await read_body(request, RegisterBody)
    await request.state["core"].register(
        email=EmailAddress(body.email),
        password=Password(body.password),
        display_name=body.display_name,
        client=client_of(request),
        locale=language_of(request),
    )
    return Response(status_code=202)


async def verify_email(request: Request[State]) -> Response:
    """
    Redeem the link that verifies an address.
    """
    body = await read_body(request, TokenBody)
    await request.state["core"].verify_email(token=body.token)
    return Response(status_code=204)


async def resend_verification(request: Request[State]) -> Response:
    """
    Ask for another link that verifies an address.
    """
    body = await read_body(request, EmailBody)
    await request.state["core"].resend_verification(
        email=EmailAddress(body.email), client=client_of(request), locale=language_of(request)
    )
    return Response(status_code=202)


async def log_in(request: Request[State]) -> Response:
    """
    Open a session.
    """
    body = await read_body(request, LogInBody)
    logged_in = await request.state["core"].log_in(
        email=EmailAddress(body.email), password=Password(body.password), client=client_of(request)
    )
    return json_answer(
        LogInAnswer(
            access_token=logged_in.access_token,
            token_type="Bearer",  # noqa: S106 - a scheme's name, not a password
            expires_at=logged_in.caller.session.expires_at,
            user=_profile(logged_in.caller.user),
        )
    )


async def log_out(request: Request[State]) -> Response:
    """
    End the session.
    """
    await request.state["core"].log_out(caller=caller_of(request))
    return Response(status_code=204)


async def get_profile(request: Request[State]) -> Response:
    """
    Tell who is logged in.
    """
    return json_answer(_profile(caller_of(request).user))


def _profile(user: User) -> Profile:
    return Profile(
        id=user.id,
        email=user.email.text,
        display_name=user.display_name,
        locale=user.locale or DEFAULT_LOCALE,
        timezone=user.timezone,
        verified_at=user.verified_at,
        created_at=user.created_at,
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
    Operation(
        method="POST",
        path="/api/v1/auth/login",
        endpoint=log_in,
        summary="Log in",
        tag="Accounts",
        access=Access.PUBLIC,
        body=LogInBody,
        answers=(Answer(200, "Logged in", LogInAnswer),),
        problems=(WrongCredentials, EmailNotVerified),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/logout",
        endpoint=log_out,
        summary="Log out: the access token is worthless at once",
        tag="Accounts",
        answers=(Answer(204, "The session is over"),),
    ),
    Operation(
        method="GET",
        path="/api/v1/me",
        endpoint=get_profile,
        summary="Who am I?",
        tag="Accounts",
        answers=(Answer(200, "The profile", Profile),),
    ),
)
