"""
A mail provider that kills its process when it is to send to one address, as a fault in a library in C would.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

from todo_adapters.email.smtp import build as build_smtp
from todo_core.model.email import EmailMessage
from todo_core.ports import EmailService

POISON = "poison@example.org"


class PoisonedEmailService(EmailService):
    """
    Sends by SMTP, but for what would kill it.
    """

    def __init__(self, service: EmailService) -> None:
        self._service = service

    async def send(self, message: EmailMessage) -> None:
        """
        Send the message, or die of it.
        """
        if message.to.text == POISON:
            os.kill(os.getpid(), signal.SIGKILL)
        await self._service.send(message)

    async def check(self) -> None:
        """
        Ask the server.
        """
        await self._service.check()

    async def close(self) -> None:
        """
        Take leave of the server.
        """
        await self._service.close()


def build(environment: Mapping[str, str]) -> EmailService:
    """
    Return the service, by the ``SMTP_*`` variables.
    """
    return PoisonedEmailService(build_smtp(environment))
