"""
SendGrid's Signed Event Webhook.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import attrs
from attrs import frozen
from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from msgspec import Meta, Struct

from todo_adapters.environment import read
from todo_adapters.mail_reports import address_in, check_age, decoded, header
from todo_core.errors import InvalidSignature
from todo_core.model.suppression import MailEvent, MailEventKind
from todo_core.ports import MailHook

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"

_NO_KEY = "must be the verification key that SendGrid shows, beginning with MFkw"

_ENDS = {
    ("bounce", "bounce"): MailEventKind.BOUNCE,
    ("dropped", "Bounced Address"): MailEventKind.BOUNCE,
    ("dropped", "Spam Reporting Address"): MailEventKind.COMPLAINT,
    ("spamreport", ""): MailEventKind.COMPLAINT,
}
"""By the event and what tells it apart: a bounce's type (the other one is ``blocked``), the reason of a drop."""


def _key(text: str | None) -> EllipticCurvePublicKey | None:
    if text is None:
        return None
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(_NO_KEY) from None
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    raise ValueError(_NO_KEY)


@frozen
class SendgridHookSettings:
    """
    Where SendGrid's reports are verified.
    """

    webhook_public_key: EllipticCurvePublicKey | None = attrs.field(
        default=None,
        converter=_key,
        metadata={
            "help": "The verification key of SendGrid's Signed Event Webhook; while it is unset,"
            " `/api/v1/hooks/mail/sendgrid` is not there."
        },
    )


class _Event(Struct):
    sg_event_id: str
    timestamp: Annotated[int, Meta(ge=0, lt=1 << 35)]
    event: str
    email: str = ""
    type: str | None = None
    reason: str | None = None

    @property
    def ends(self) -> MailEventKind | None:
        detail = {"bounce": self.type, "dropped": self.reason}.get(self.event, "")
        return _ENDS.get((self.event, detail or ""))


@frozen
class SendgridMailHook(MailHook):
    """
    Verifies ECDSA on P-256 over the time and the body.
    """

    _key: EllipticCurvePublicKey = attrs.field(repr=False)

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[MailEvent]:
        timestamp = header(headers, _TIMESTAMP)
        self._verify(header(headers, _SIGNATURE), timestamp.encode() + body)
        check_age(timestamp, now=now)
        events = (_mail_event(event) for event in decoded(body, list[_Event]))
        return [event for event in events if event is not None]

    def _verify(self, signature: str, signed: bytes) -> None:
        try:
            self._key.verify(b64decode(signature, validate=True), signed, ECDSA(SHA256()))
        except (ValueError, WrongSignature):
            raise InvalidSignature from None


def build(environment: Mapping[str, str]) -> MailHook | None:
    """
    Return the hook if ``SENDGRID_WEBHOOK_PUBLIC_KEY`` is set.
    """
    key = read(SendgridHookSettings, environment, prefix="SENDGRID_").webhook_public_key
    return SendgridMailHook(key) if key is not None else None


def _mail_event(event: _Event) -> MailEvent | None:
    kind, address = event.ends, address_in(event.email)
    if kind is None or address is None:
        return None
    return MailEvent(event.sg_event_id, address, kind, datetime.fromtimestamp(event.timestamp, UTC))
