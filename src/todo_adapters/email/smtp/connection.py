"""
A conversation with an SMTP server, and what its answers mean.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiosmtplib
from attrs import define, field

from todo_adapters.email.smtp.dialling import dial
from todo_adapters.email.smtp.settings import Security, SmtpSettings
from todo_adapters.email.smtp.steps import step
from todo_adapters.mime import Envelope, ascii_domain
from todo_core.errors import EmailRejected


@define(eq=False)
class Connection:
    """
    A connection whose server knows us; it carries one message at a time.
    """

    _client: aiosmtplib.SMTP
    opened_at: float
    carried: int = field(default=0, init=False)

    @classmethod
    async def open(cls, settings: SmtpSettings, tls: ssl.SSLContext, *, deadline: float) -> Connection:
        """
        Connect, encrypt and log in, as far as *settings* want it.

        Raises:
            EmailUnavailable, EmailMisconfigured: the server does not let us get that far.
        """
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            use_tls=settings.encryption is Security.TLS,
            start_tls=False,
            tls_context=tls,
            local_hostname=ascii_domain(settings.from_email),  # else it is asked of the DNS, each time
            timeout=settings.timeout,
        )
        connection = cls(client, opened_at=asyncio.get_running_loop().time())
        try:
            await connection._set_up(settings, deadline)
        except BaseException:
            connection.drop()
            raise
        return connection

    @property
    def is_open(self) -> bool:
        """
        Tell whether the server has not hung up, as far as we know.
        """
        return self._client.is_connected

    async def carry(self, envelope: Envelope, *, deadline: float) -> None:
        """
        Hand the envelope over. After an exception, a cancellation too, the connection must be dropped.

        Raises:
            EmailRejected, EmailUnavailable, EmailMisconfigured: the server did not take it.
        """
        if envelope.utf8 and not self._client.supports_extension("smtputf8"):
            raise EmailRejected("smtputf8 unsupported")
        options, encoding = (["SMTPUTF8"], "utf-8") if envelope.utf8 else ([], "ascii")
        async with step("mail", deadline):
            await self._client.mail(envelope.sender, options=options, encoding=encoding)
        async with step("rcpt", deadline, EmailRejected):
            await self._client.rcpt(envelope.recipient, encoding=encoding)
        async with step("data", deadline, EmailRejected):
            await self._client.data(envelope.content)
        self.carried += 1

    def leave(self) -> None:
        """
        Take leave, without waiting for an answer.
        """
        if self._client.protocol is not None and self.is_open:
            self._client.protocol.write(b"QUIT\r\n")
        self.drop()

    def drop(self) -> None:
        """
        Break the connection off, whatever state it is in; the socket is closed when the event loop turns.
        """
        transport: Any = self._client.transport
        self._client.close()
        if transport is not None:
            transport.abort()  # a mere close waits for a server that may have gone silent

    async def _set_up(self, settings: SmtpSettings, deadline: float) -> None:
        dialled = await dial(settings.host, settings.port, deadline=deadline)
        async with step("tls" if settings.encryption is Security.TLS else "greeting", deadline):
            await self._client.connect(sock=dialled)
        if settings.encryption is Security.STARTTLS:
            async with step("starttls", deadline):
                await self._client.starttls()
        async with step("ehlo", deadline):
            await self._client.ehlo()
        if settings.username is not None and settings.password is not None:
            async with step("login", deadline):
                await self._client.login(settings.username, settings.password)
