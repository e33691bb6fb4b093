"""
Requests that a page of another origin may have made: a cookie goes along with them unasked.

The rule is OWASP's (Cross-Site Request Forgery, Fetch Metadata with a fallback to ``Origin``; ASVS 3.5.1). Browsers
write both headers themselves, and no page's script can.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from starlette.requests import Request

from todo_web.errors import CrossOriginRequest
from todo_web.state import State

_SAFE = frozenset({"GET", "HEAD"})


def is_from_our_pages(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """
    Tell whether a request with these *headers* was made by a page of one of the *origins*, or of our own.
    """
    match headers.get("sec-fetch-site"):
        case "same-origin" | "none":
            return True
        case "same-site" | None:
            return headers.get("origin") in origins
        case _:
            return False


def refuse_cross_origin(request: Request[State]) -> None:
    """
    Return when the request changes nothing, or comes from our pages.

    Raises:
        CrossOriginRequest: it would change something, and may be another page's.
    """
    if request.method not in _SAFE and not is_from_our_pages(request.headers, request.state["origins"]):
        raise CrossOriginRequest
