"""
The cookie that carries a session's access token for a web page, out of its scripts' reach.

``__Host-`` makes browsers refuse it without ``Secure``, with a ``Domain`` or with another path (RFC 6265bis §4.1.3.2).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

SESSION_COOKIE = "__Host-session"


def session_cookie_of(request: Request[Any]) -> str | None:
    """
    Return the access token in the request's cookie; a request with ``Authorization`` counts as one without cookies.
    """
    return None if "authorization" in request.headers else request.cookies.get(SESSION_COOKIE)


def keep_cookie(response: Response, access_token: str, *, life: timedelta) -> None:
    """
    Let the browser keep the token for the session's *life*.
    """
    response.set_cookie(
        SESSION_COOKIE,
        access_token,
        max_age=int(life.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def forget_cookie(response: Response) -> None:
    """
    Let the browser forget the token.
    """
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
