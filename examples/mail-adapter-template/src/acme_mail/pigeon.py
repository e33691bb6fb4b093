"""
Mail through Pigeon Post.

Its API takes a message as JSON at ``POST /messages`` and tells at ``GET /account`` whether it knows us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import httpx2
from attrs import field, frozen
from msgspec import Meta

from todo_adapters.environment import read
from todo_adapters.mime import mailbox
from todo_core.errors import EmailError, EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.ports import EmailService

FAILURES: Mapping[int, type[EmailError]] = {
    400: EmailRejected,
    401: EmailMisconfigured,
    403: EmailMisconfigured,
    422: EmailRejected,
}
"""What an answer means; any other that is no success may pass, and is tried again."""


@frozen
class PigeonSettings:
    """
    What an operator says about Pigeon Post, as ``PIGEON_API_KEY`` and so on.
    """

    api_key: str = field(repr=False, metadata={"help": "The key of our account."})
    from_email: EmailAddress = field(converter=EmailAddress, metadata={"help": "The address mail comes from."})
    url: str = field(default="https://api.pigeon.example", metadata={"help": "Where the API is."})
    timeout: Annotated[float, Meta(gt=0, le=600)] = field(
        default=30.0, metadata={"help": "Seconds until a message must have been accepted."}
    )


class PigeonEmailService(EmailService):
    """
    Posts each message to the API, over connections that httpx2 keeps.
    """

    def __init__(self, settings: PigeonSettings) -> None:
        self._settings = settings
        self._client = httpx2.AsyncClient(
            base_url=settings.url, headers={"Authorization": f"Bearer {settings.api_key}"}, timeout=None
        )

    async def send(self, message: EmailMessage) -> None:
        try:
            document = self._document(message)
        except ValueError:
            raise EmailRejected("message invalid") from None
        await self._ask("POST", "/messages", json=document)

    async def check(self) -> None:
        """
        Ask whether the key is that of an account.
        """
        await self._ask("GET", "/account")

    async def close(self) -> None:
        """
        Close the connections.
        """
        await self._client.aclose()

    def _document(self, message: EmailMessage) -> dict[str, str]:
        return {
            "from": mailbox(self._settings.from_email).addr_spec,
            "to": mailbox(message.to).addr_spec,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "message_id": message.message_id,
        }

    async def _ask(self, method: str, path: str, **content: Any) -> None:
        """
        Return if the answer is a success; ``from None`` keeps key and recipient out of tracebacks.
        """
        try:
            async with asyncio.timeout(self._settings.timeout):
                answer = await self._client.request(method, path, **content)
        except httpx2.ConnectError:
            raise EmailUnavailable("connect lost") from None
        except (TimeoutError, httpx2.HTTPError):
            raise EmailUnavailable("answer lost", unknown=True) from None
        if not answer.is_success:
            raise FAILURES.get(answer.status_code, EmailUnavailable)(str(answer.status_code))


def build(environment: Mapping[str, str]) -> EmailService:
    """
    Return a service as the ``PIGEON_*`` variables describe it.
    """
    return PigeonEmailService(read(PigeonSettings, environment, prefix="PIGEON_"))
