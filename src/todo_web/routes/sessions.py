"""
/auth and /me/sessions: logging in and out, and where one is logged in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import EmailNotVerified, NotFound, WrongCredentials
from todo_core.model.email import EmailAddress
from todo_core.model.ids import SessionId
from todo_core.model.password import Password
from todo_core.model.session import Session
from todo_core.use_cases.sessions import LoggedIn
from todo_web.answers import json_answer
from todo_web.cookies import forget_cookie, keep_cookie, session_cookie_of
from todo_web.cross_origin import refuse_cross_origin
from todo_web.decoding import read_body
from todo_web.errors import CrossOriginRequest
from todo_web.fields import Email, PasswordText, is_email, is_password
from todo_web.operations import Access, Answer, Operation
from todo_web.routes.profile import Profile, profile_of
from todo_web.state import State, caller_of, client_of


@frozen
class Credentials:
    """
    An address and a password.
    """

    email: Email = field(validator=is_email)
    password: PasswordText = field(validator=is_password, repr=False)


@frozen
class LogInBody(Credentials):
    """
    What one says to log in, and where the access token shall go: into the answer, or into a cookie.
    """

    session: Literal["bearer", "cookie"] = "bearer"


@frozen(slots=False)
class LogInAnswer:
    """
    A new session, for a program that keeps the access token itself.
    """

    access_token: str = field(repr=False)
    token_type: Literal["Bearer"]
    expires_at: datetime
    user: Profile


@frozen(slots=False)
class CookieLogInAnswer:
    """
    A new session, whose access token the browser keeps in a cookie.
    """

    expires_at: datetime
    user: Profile


@frozen(slots=False)
class SessionAnswer:
    """
    A session as its owner sees it: when it was last seen, right to five minutes, and what opened it.

    ``network`` is part of an address, too little to find a person by.
    """

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str | None
    network: str | None
    current: bool

    @classmethod
    def of(cls, session: Session, *, current: bool) -> SessionAnswer:
        """
        Return what to tell of *session*.
        """
        return cls(
            id=session.id,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            user_agent=session.user_agent,
            network=session.network,
            current=current,
        )


@frozen(slots=False)
class SessionListAnswer:
    """
    All of one's live sessions, newest first.
    """

    items: Sequence[SessionAnswer]


async def log_in(request: Request[State]) -> Response:
    """
    Open a session.
    """
    body = await read_body(request, LogInBody)
    if body.session == "cookie":
        refuse_cross_origin(request)
    logged_in = await open_session(request, body)
    return _cookie_answer(logged_in) if body.session == "cookie" else _bearer_answer(logged_in)


async def open_session(request: Request[State], body: Credentials) -> LoggedIn:
    """
    Log in with what *body* says.
    """
    return await request.state["core"].log_in(
        email=EmailAddress(body.email),
        password=Password(body.password),
        client=client_of(request),
        user_agent=request.headers.get("user-agent"),
    )


def _bearer_answer(logged_in: LoggedIn) -> Response:
    return json_answer(
        LogInAnswer(
            access_token=logged_in.access_token,
            token_type="Bearer",  # noqa: S106 - a scheme's name, not a password
            expires_at=logged_in.caller.session.expires_at,
            user=profile_of(logged_in.caller.user),
        )
    )


def _cookie_answer(logged_in: LoggedIn) -> Response:
    session = logged_in.caller.session
    response = json_answer(CookieLogInAnswer(expires_at=session.expires_at, user=profile_of(logged_in.caller.user)))
    keep_session(response, logged_in)
    return response


def keep_session(response: Response, logged_in: LoggedIn) -> None:
    """
    Let the browser keep a new session.
    """
    session = logged_in.caller.session
    keep_cookie(response, logged_in.access_token, life=session.expires_at - session.created_at)


async def log_out(request: Request[State]) -> Response:
    """
    End the session.
    """
    await request.state["core"].log_out(caller=caller_of(request), client=client_of(request))
    return _logged_out(request)


def _logged_out(request: Request[State]) -> Response:
    response = Response(status_code=204)
    if session_cookie_of(request) is not None:
        forget_cookie(response)
    return response


async def list_sessions(request: Request[State]) -> Response:
    """
    Tell where the caller is logged in.
    """
    caller = caller_of(request)
    sessions = await request.state["core"].list_sessions(caller=caller)
    return json_answer(
        SessionListAnswer([SessionAnswer.of(session, current=session.id == caller.session.id) for session in sessions])
    )


async def end_other_sessions(request: Request[State]) -> Response:
    """
    End all sessions but this one.
    """
    await request.state["core"].end_other_sessions(caller=caller_of(request), client=client_of(request))
    return Response(status_code=204)


async def end_session(request: Request[State]) -> Response:
    """
    End one session.
    """
    caller, session_id = caller_of(request), SessionId(request.path_params["session_id"])
    await request.state["core"].end_session(session_id, caller=caller, client=client_of(request))
    return _logged_out(request) if session_id == caller.session.id else Response(status_code=204)


OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/auth/login",
        endpoint=log_in,
        summary="Log in",
        tag="Sessions",
        access=Access.PUBLIC,
        body=LogInBody,
        answers=(Answer(200, "Logged in; a cookie's token is in `Set-Cookie` only", LogInAnswer, CookieLogInAnswer),),
        problems=(WrongCredentials, EmailNotVerified, CrossOriginRequest),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/logout",
        endpoint=log_out,
        summary="Log out: the access token is worthless at once",
        tag="Sessions",
        answers=(Answer(204, "The session is over"),),
    ),
    Operation(
        method="GET",
        path="/api/v1/me/sessions",
        endpoint=list_sessions,
        summary="Where am I logged in?",
        tag="Sessions",
        answers=(Answer(200, "All live sessions", SessionListAnswer),),
    ),
    Operation(
        method="DELETE",
        path="/api/v1/me/sessions",
        endpoint=end_other_sessions,
        summary="Log out everywhere else",
        tag="Sessions",
        answers=(Answer(204, "No session is left but this one"),),
    ),
    Operation(
        method="DELETE",
        path="/api/v1/me/sessions/{session_id:uuid}",
        endpoint=end_session,
        summary="End one of one's sessions; ending this one is a log-out",
        tag="Sessions",
        answers=(Answer(204, "The session is over"),),
        problems=(NotFound,),
    ),
)
