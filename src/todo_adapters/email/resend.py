"""
Mail through Resend (https://resend.com/docs/api-reference/emails/send-email).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from attrs import field, frozen

from todo_adapters.environment import read
from todo_adapters.https_mail import Answer, HttpsApi, address_of, check_key, check_url, headers_of, sender_address
from todo_adapters.mime import mailbox
from todo_adapters.sender import Sender
from todo_core.errors import EmailError, EmailMisconfigured, EmailUnavailable
from todo_core.model.email import EmailMessage
from todo_core.ports import EmailService

_SENT_BEFORE = "409 invalid_idempotent_request"
_BEING_SENT = "409 concurrent_idempotent_requests"
_ONLY_FOR_SENDING = "401 restricted_api_key"
_MEANINGS: Mapping[str, type[EmailError]] = {
    "422 invalid_access": EmailMisconfigured,
    "422 invalid_from_address": EmailMisconfigured,
    "429 monthly_quota_exceeded": EmailMisconfigured,
    "451 security_error": EmailMisconfigured,
}
_LONGEST_KEY = 256


@frozen(kw_only=True)
class ResendSettings(Sender):
    """
    What an operator says about Resend.
    """

    api_key: str = field(
        repr=False, validator=check_key, metadata={"help": "An API key; the permission *sending access* is enough."}
    )
    api_url: str = field(default="https://api.resend.com", validator=check_url, metadata={"help": "Where the API is."})


class ResendEmailService(EmailService):
    """
    Posts each message with its id as idempotency key, under which Resend sends one message in 24 hours.

    Click tracking is a setting of the domain at Resend; no message can switch it off.
    """

    def __init__(self, settings: ResendSettings, *, tls: ssl.SSLContext | None = None) -> None:
        self._from = str(mailbox(settings.from_email, settings.from_name))
        self._api = HttpsApi(
            settings.api_url,
            {"Authorization": f"Bearer {settings.api_key}"},
            word=lambda document: document.get("name", ""),
            timeout=settings.timeout,
            tls=tls,
        )

    async def send(self, message: EmailMessage) -> None:
        key = quote(message.message_id, safe="@")[:_LONGEST_KEY]
        answer = await self._api.post("/emails", self._document(message), {"Idempotency-Key": key})
        if not _is_accepted(answer):
            raise _failure(answer)

    async def check(self) -> None:
        """
        Ask for our domains. A key that is only for sending may not see them, and is as good.
        """
        await self._api.check("/domains", sound={_ONLY_FOR_SENDING})

    async def close(self) -> None:
        await self._api.close()

    def _document(self, message: EmailMessage) -> dict[str, Any]:
        return {
            "from": self._from,
            "to": [address_of(message.to)],
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "headers": headers_of(message),
        }


def build(environment: Mapping[str, str]) -> EmailService:
    """
    Return a service as the ``RESEND_*`` variables describe it.
    """
    settings = read(ResendSettings, environment, prefix="RESEND_")
    sender_address(settings)
    return ResendEmailService(settings)


def _is_accepted(answer: Answer) -> bool:
    """
    Tell whether Resend has the message: from this request, or from an earlier one whose answer was lost.

    Words change between two attempts ("in 59 minutes"), so the earlier one may have had others.
    """
    return (answer.status == HTTPStatus.OK and "id" in answer.document) or answer.code == _SENT_BEFORE


def _failure(answer: Answer) -> EmailError:
    if answer.code == _BEING_SENT:
        return EmailUnavailable(answer.code, unknown=True)
    return answer.failure(_MEANINGS)
