"""
Postmark's bounce and spam complaint webhooks.

https://postmarkapp.com/developer/webhooks/webhooks-overview
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import attrs
from attrs import frozen
from msgspec import Meta, Struct, field

from todo_adapters.environment import read
from todo_adapters.mail_reports import address_in, decoded, header
from todo_core.errors import InvalidSignature
from todo_core.model.suppression import MailEvent, MailEventKind
from todo_core.ports import MailHook

_SHORTEST_PASSWORD = 16

_ENDS = {
    "HardBounce": MailEventKind.BOUNCE,
    "BadEmailAddress": MailEventKind.BOUNCE,
    "SpamComplaint": MailEventKind.COMPLAINT,
}
"""By Postmark's type; the other types are temporary, or say nothing about the address."""


def _is_long(_: Any, __: Any, password: str | None) -> None:
    if password is not None and len(password) < _SHORTEST_PASSWORD:
        raise ValueError(f"must have at least {_SHORTEST_PASSWORD} characters; make one with: openssl rand -hex 24")


@frozen
class PostmarkHookSettings:
    """
    Where Postmark's reports are verified.
    """

    webhook_password: str | None = attrs.field(
        default=None,
        repr=False,
        validator=_is_long,
        metadata={
            "help": "The password in the URL that Postmark reports bounces to,"
            " `https://postmark:PASSWORD@…/api/v1/hooks/mail/postmark`; while it is unset, that address is not there."
        },
    )


class _Kind(Struct, rename="pascal"):
    type: str = ""


class _Report(Struct, rename="pascal"):
    email: str
    bounced_at: Annotated[datetime, Meta(tz=True)]
    id: int = field(name="ID")


@frozen
class PostmarkMailHook(MailHook):
    """
    Compares the password that Postmark found in the hook's URL and sends by HTTP basic authentication.

    Postmark signs nothing, so a report has no time that could be believed: whoever could replay one knows the
    password and could write another.
    """

    _password: str = attrs.field(repr=False)

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[MailEvent]:  # noqa: ARG002 - it signs no time
        if not hmac.compare_digest(_password_in(header(headers, "authorization")), self._password.encode()):
            raise InvalidSignature
        kind = _ENDS.get(decoded(body, _Kind).type)
        if kind is None:
            return []
        report = decoded(body, _Report)
        address = address_in(report.email)
        return [] if address is None else [MailEvent(str(report.id), address, kind, report.bounced_at.astimezone(UTC))]


def build(environment: Mapping[str, str]) -> MailHook | None:
    """
    Return the hook if ``POSTMARK_WEBHOOK_PASSWORD`` is set.
    """
    password = read(PostmarkHookSettings, environment, prefix="POSTMARK_").webhook_password
    return PostmarkMailHook(password) if password is not None else None


def _password_in(authorization: str) -> bytes:
    scheme, _, credentials = authorization.partition(" ")
    try:
        return b64decode(credentials, validate=True).partition(b":")[2] if scheme.lower() == "basic" else b""
    except ValueError:
        return b""
