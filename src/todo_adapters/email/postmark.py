"""
Mail through Postmark (https://postmarkapp.com/developer/api/email-api).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from todo_adapters.environment import read
from todo_adapters.https_mail import HttpsApi, address_of, check_key, check_url, headers_of, sender_address
from todo_adapters.mime import mailbox
from todo_adapters.sender import Sender
from todo_core.errors import EmailError, EmailMisconfigured, EmailUnavailable
from todo_core.model.email import EmailMessage
from todo_core.ports import EmailService

_ACCEPTED = "200 0"
_MEANINGS: Mapping[str, type[EmailError]] = {
    "422 10": EmailMisconfigured,  # bad or missing token
    "422 100": EmailUnavailable,  # maintenance
    "422 400": EmailMisconfigured,  # sender signature not found
    "422 401": EmailMisconfigured,  # sender signature not confirmed
    "422 405": EmailMisconfigured,  # out of credits
    "422 412": EmailMisconfigured,  # account pending approval
    "422 413": EmailMisconfigured,  # account may not send
    "422 429": EmailUnavailable,  # rate limit
    "422 1235": EmailMisconfigured,  # no such message stream
    "422 1236": EmailMisconfigured,  # not a stream for sending
}


@frozen(kw_only=True)
class PostmarkSettings(Sender):
    """
    What an operator says about Postmark.
    """

    server_token: str = field(
        repr=False, validator=check_key, metadata={"help": "The API token of the server at Postmark."}
    )
    message_stream: str = field(
        default="outbound", metadata={"help": "The transactional message stream that mail goes through."}
    )
    api_url: str = field(
        default="https://api.postmarkapp.com", validator=check_url, metadata={"help": "Where the API is."}
    )


class PostmarkEmailService(EmailService):
    """
    Posts each message by itself, with links left as they are and its own Message-ID kept.

    Postmark has no idempotency keys: after a lost answer a message may arrive twice, with the same Message-ID.
    """

    def __init__(self, settings: PostmarkSettings, *, tls: ssl.SSLContext | None = None) -> None:
        self._from = str(mailbox(settings.from_email, settings.from_name))
        self._stream = settings.message_stream
        self._api = HttpsApi(
            settings.api_url,
            {"X-Postmark-Server-Token": settings.server_token},
            word=lambda document: document.get("ErrorCode", ""),
            timeout=settings.timeout,
            tls=tls,
        )

    async def send(self, message: EmailMessage) -> None:
        answer = await self._api.post("/email", self._document(message))
        if answer.code != _ACCEPTED:
            raise answer.failure(_MEANINGS)

    async def check(self) -> None:
        """
        Ask for the settings of our server there.
        """
        await self._api.check("/server")

    async def close(self) -> None:
        await self._api.close()

    def _document(self, message: EmailMessage) -> dict[str, Any]:
        headers = {**headers_of(message), "X-PM-KeepID": "true"}
        return {
            "From": self._from,
            "To": address_of(message.to),
            "Subject": message.subject,
            "TextBody": message.text,
            "HtmlBody": message.html,
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
            "TrackOpens": False,
            "TrackLinks": "None",
            "MessageStream": self._stream,
        }


def build(environment: Mapping[str, str]) -> EmailService:
    """
    Return a service as the ``POSTMARK_*`` variables describe it.
    """
    settings = read(PostmarkSettings, environment, prefix="POSTMARK_")
    sender_address(settings)
    return PostmarkEmailService(settings)
