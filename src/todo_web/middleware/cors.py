"""
Requests from the pages of other origins.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

_METHODS = ("GET", "POST", "PATCH", "DELETE")
_HEADERS = ("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID")
_EXPOSED = ("ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID")


class CrossOrigin(CORSMiddleware):
    """
    Let the pages of exactly these origins read our answers.

    A preflight that is refused is answered 204 without the headers that would allow it: the browser needs
    no more to refuse the request, and there is no error page to write.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_HEADERS,
            expose_headers=_EXPOSED,
            allow_credentials=True,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """
        Answer a preflight.
        """
        response = super().preflight_response(request_headers)
        allowed = response.status_code == 200  # noqa: PLR2004 - Starlette's way to say so
        headers = dict(response.headers) if allowed else {"Vary": response.headers["vary"]}
        headers.pop("content-length", None)
        headers.pop("content-type", None)
        return Response(status_code=204, headers=headers)
