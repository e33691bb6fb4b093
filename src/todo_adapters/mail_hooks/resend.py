"""
Resend's webhooks, signed the way of Svix.

https://resend.com/docs/webhooks/emails/bounced and https://docs.svix.com/receiving/verifying-payloads/how-manual
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import attrs
from attrs import frozen
from msgspec import Meta, Struct

from todo_adapters.environment import read
from todo_adapters.mail_reports import address_in, check_age, decoded, header
from todo_core.errors import InvalidSignature
from todo_core.model.suppression import MailEvent, MailEventKind
from todo_core.ports import MailHook

_PREFIX = "whsec_"
_SHORTEST_KEY = 16


def _key(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        key = b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not text.startswith(_PREFIX) or len(key) < _SHORTEST_KEY:
        raise ValueError("must be the signing secret that Resend shows, beginning with whsec_")
    return key


@frozen
class ResendHookSettings:
    """
    Where Resend's reports are verified.
    """

    webhook_secret: bytes | None = attrs.field(
        default=None,
        repr=False,
        converter=_key,
        metadata={
            "help": "The signing secret of Resend's webhook, `whsec_…`; while it is unset,"
            " `/api/v1/hooks/mail/resend` is not there."
        },
    )


class _Bounce(Struct):
    type: str = ""


class _Data(Struct):
    to: list[str] = []
    bounce: _Bounce | None = None


class _Report(Struct):
    type: str
    created_at: Annotated[datetime, Meta(tz=True)]
    data: _Data

    @property
    def ends(self) -> MailEventKind | None:
        if self.type == "email.complained":
            return MailEventKind.COMPLAINT
        hard = self.type == "email.bounced" and self.data.bounce is not None and self.data.bounce.type == "Permanent"
        return MailEventKind.BOUNCE if hard else None


@frozen
class ResendMailHook(MailHook):
    """
    Verifies HMAC-SHA-256 over the report's id, its time and the body.

    A report of a message to several people does not tell whom it is about; ours have one recipient each.
    """

    _key: bytes = attrs.field(repr=False)

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[MailEvent]:
        report_id, timestamp = header(headers, "svix-id"), header(headers, "svix-timestamp")
        self._verify(header(headers, "svix-signature"), f"{report_id}.{timestamp}.".encode() + body)
        check_age(timestamp, now=now)
        report = decoded(body, _Report)
        kind, recipients = report.ends, report.data.to
        address = address_in(recipients[0]) if len(recipients) == 1 else None
        at = report.created_at.astimezone(UTC)
        return [MailEvent(report_id, address, kind, at)] if kind and address else []

    def _verify(self, signatures: str, signed: bytes) -> None:
        """
        Compare with each signature there is: while the secret is being changed, the old one signs too.
        """
        expected = b"v1," + b64encode(hmac.digest(self._key, signed, "sha256"))
        if not any(hmac.compare_digest(signature.encode(), expected) for signature in signatures.split()):
            raise InvalidSignature


def build(environment: Mapping[str, str]) -> MailHook | None:
    """
    Return the hook if ``RESEND_WEBHOOK_SECRET`` is set.
    """
    key = read(ResendHookSettings, environment, prefix="RESEND_").webhook_secret
    return ResendMailHook(key) if key is not None else None
