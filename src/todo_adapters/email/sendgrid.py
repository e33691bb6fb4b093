"""
Mail through SendGrid (https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send).
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from attrs import field, frozen

from todo_adapters.environment import read
from todo_adapters.https_mail import (
    Answer,
    HttpsApi,
    address_of,
    check_key,
    check_url,
    headers_of,
    patience,
    sender_address,
)
from todo_adapters.sender import Sender
from todo_core.errors import EmailError, EmailMisconfigured
from todo_core.model.email import EmailMessage
from todo_core.ports import EmailService

_MEANINGS: Mapping[str, type[EmailError]] = {
    "400 from": EmailMisconfigured,
    "400 from.email": EmailMisconfigured,
    "400 from.name": EmailMisconfigured,
}
_TRACK_NOTHING: Mapping[str, Any] = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


@frozen(kw_only=True)
class SendGridSettings(Sender):
    """
    What an operator says about SendGrid.
    """

    api_key: str = field(
        repr=False, validator=check_key, metadata={"help": "An API key; the permission *Mail Send* is enough."}
    )
    api_url: str = field(
        default="https://api.sendgrid.com",
        validator=check_url,
        metadata={"help": "Where the API is; `https://api.eu.sendgrid.com` for subusers in the EU."},
    )


class SendGridEmailService(EmailService):
    """
    Posts each message by itself, with links left as they are and its own Message-ID.

    SendGrid has no idempotency keys: after a lost answer a message may arrive twice, with the same Message-ID.
    """

    def __init__(self, settings: SendGridSettings, *, tls: ssl.SSLContext | None = None) -> None:
        self._from = {"email": address_of(settings.from_email), "name": settings.from_name}
        self._api = HttpsApi(
            settings.api_url,
            {"Authorization": f"Bearer {settings.api_key}"},
            word=_field_at_fault,
            timeout=settings.timeout,
            tls=tls,
        )

    async def send(self, message: EmailMessage) -> None:
        answer = await self._api.post("/v3/mail/send", self._document(message))
        if answer.status != HTTPStatus.ACCEPTED:
            raise answer.failure(_MEANINGS, retry_after=_until_reset(answer))

    async def check(self) -> None:
        """
        Ask what our key may do, and see that sending is among it.
        """
        answer = await self._api.check("/v3/scopes")
        if "mail.send" not in answer.document.get("scopes", ()):
            raise EmailMisconfigured("scopes mail.send")

    async def close(self) -> None:
        await self._api.close()

    def _document(self, message: EmailMessage) -> dict[str, Any]:
        return {
            "personalizations": [{"to": [{"email": address_of(message.to)}]}],
            "from": self._from,
            "subject": message.subject,
            "content": [
                {"type": "text/plain", "value": message.text},
                {"type": "text/html", "value": message.html},
            ],
            "headers": headers_of(message),
            "tracking_settings": _TRACK_NOTHING,
        }


def build(environment: Mapping[str, str]) -> EmailService:
    """
    Return a service as the ``SENDGRID_*`` variables describe it.
    """
    settings = read(SendGridSettings, environment, prefix="SENDGRID_")
    sender_address(settings)
    return SendGridEmailService(settings)


def _field_at_fault(document: Mapping[str, Any]) -> object:
    match document:
        case {"errors": [{"field": str(name)}, *_]}:
            return name
        case _:
            return ""


def _until_reset(answer: Answer) -> timedelta | None:
    """
    Return how long until the limit counts anew, which SendGrid tells as the second since 1970.
    """
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.status != HTTPStatus.TOO_MANY_REQUESTS or not (reset.isascii() and reset.isdigit()):
        return None
    return patience(float(reset) - time.time())
