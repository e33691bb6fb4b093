"""
Mail through any SMTP server.
"""

from __future__ import annotations

import asyncio
import ssl
from asyncio import TimerHandle
from collections.abc import Mapping, Sequence

from todo_adapters.email.smtp.connection import Connection
from todo_adapters.email.smtp.settings import SmtpSettings
from todo_adapters.email.smtp.steps import steps_of
from todo_adapters.environment import read
from todo_adapters.mime import seal
from todo_core.errors import EmailRejected
from todo_core.model.email import EmailMessage
from todo_core.ports import EmailService

_MOST_MAILS, _LONGEST_LIFE, _LONGEST_REST = 50, 60.0, 10.0


class SmtpEmailService(EmailService):
    """
    Sends over connections that are kept for a while, each in one sender's hands at a time.

    Behind a real network the answers take long and connections are slow to set up: as many are open
    as messages are being sent at once, and each is used for up to 50 messages, a minute, or until it
    has rested for ten seconds.

    Args:
        settings: the server and our account there.
        tls: whom to trust; the system's authorities when left out (``SSL_CERT_FILE`` names others).
    """

    def __init__(self, settings: SmtpSettings, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._tls = tls or ssl.create_default_context()
        self._resting: dict[Connection, TimerHandle] = {}

    async def send(self, message: EmailMessage) -> None:
        try:
            envelope = seal(message, sender=self._settings.from_email, sender_name=self._settings.from_name)
        except ValueError:
            raise EmailRejected("message invalid") from None
        deadline = self._deadline()
        connection = self._wake() or await Connection.open(self._settings, self._tls, deadline=deadline)
        try:
            await connection.carry(envelope, deadline=deadline)
        except BaseException:  # a cancelled exchange leaves an answer behind that the next message would read
            connection.drop()
            raise
        self._rest(connection)

    @property
    def steps(self) -> tuple[Sequence[str], Sequence[str]]:
        """
        Name the steps of ``check`` and those of a message after that, as the codes of failures do.
        """
        return steps_of(self._settings.encryption, with_account=self._settings.username is not None)

    async def check(self) -> None:
        """
        Connect, encrypt and log in, and take leave again.
        """
        connection = await Connection.open(self._settings, self._tls, deadline=self._deadline())
        connection.leave()

    async def close(self) -> None:
        """
        Take leave of the server.
        """
        while (connection := self._wake()) is not None:
            connection.leave()
        await asyncio.sleep(0)  # the sockets close when the event loop turns

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._settings.timeout

    def _wake(self) -> Connection | None:
        while self._resting:
            connection, timer = self._resting.popitem()
            timer.cancel()
            if connection.is_open:
                return connection
        return None

    def _rest(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        if connection.carried >= _MOST_MAILS or loop.time() - connection.opened_at >= _LONGEST_LIFE:
            connection.leave()
        else:
            self._resting[connection] = loop.call_later(_LONGEST_REST, self._let_go, connection)

    def _let_go(self, connection: Connection) -> None:
        del self._resting[connection]
        connection.leave()


def build(environment: Mapping[str, str]) -> EmailService:
    """
    Return a service as the ``SMTP_*`` variables describe it.
    """
    return SmtpEmailService(read(SmtpSettings, environment, prefix="SMTP_"))
