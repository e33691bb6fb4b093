"""
Security headers, on every response there is.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DOCS_POLICY = _PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
_MAILBOX_POLICY = f"{_PAGE_POLICY}; frame-src 'self'"
_OF_PAGES = {"/docs": _DOCS_POLICY, "/dev/mail": _MAILBOX_POLICY}
_SHOWN_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


@frozen
class SecurityHeaders:
    """
    Add the headers of the OWASP Secure Headers Project to whatever leaves, errors included.

    JSON may load nothing at all; pages may load what comes from here; only ``/docs``, whose viewer sets styles
    itself, may have inline ones, and so may a mail that a developer looks at, in the frame of ``/dev/mail``, where
    it can do nothing else. Caches keep static files only, and ask each time whether they have changed,
    but where a route says otherwise.
    ``hsts`` is for production.
    """

    app: ASGIApp
    hsts: bool
    _fixed: Mapping[str, str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        hsts = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if self.hsts else {}
        object.__setattr__(self, "_fixed", _EVERYWHERE | hsts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass the request on.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._fixed)
                headers["Content-Security-Policy"] = policy = _policy(scope["path"], headers.get("content-type", ""))
                if policy is _SHOWN_MAIL_POLICY:
                    headers["X-Frame-Options"] = "SAMEORIGIN"
                headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
            await send(message)

        await self.app(scope, receive, answer)


def _policy(path: str, content_type: str) -> str:
    if not content_type.startswith("text/html"):
        return _API_POLICY
    if path.startswith("/dev/mail/"):
        return _SHOWN_MAIL_POLICY
    return _OF_PAGES.get(path, _PAGE_POLICY)
