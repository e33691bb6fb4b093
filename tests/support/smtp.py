"""
Mail servers for tests: a real one with TLS and accounts, and one that fails wherever it is told to.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, Literal, Self

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import define, field, frozen

SILENCE = "silence"
"""An answer that never comes."""

_AUTHORITY = trustme.CA()


@frozen
class Letter:
    """
    A mail that was accepted, in the envelope it came in.
    """

    recipients: tuple[str, ...]
    mime: EmailMessage


@define
class SmtpServer:
    """
    A mail server in a thread, on 127.0.0.1, with one account and a certificate of an authority of its own.

    ``answers`` holds what it says to the next messages instead of accepting them, as ``(command, answer)``,
    where the command is ``MAIL``, ``RCPT`` or ``DATA``; ``peers`` those who sent something.
    """

    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = "todo-mailer"
    password: str = "pa55word-of-the-server"
    certificate_for: str = "127.0.0.1"
    certificate_until: datetime | None = None
    letters: list[Letter] = field(factory=list[Letter], init=False)
    answers: deque[tuple[str, str]] = field(factory=deque[tuple[str, str]], init=False)
    peers: set[Any] = field(factory=set[Any], init=False)
    _controller: _Controller = field(init=False)

    def start(self, port: int = 0) -> Self:
        """
        Listen on *port*, or on a free one.
        """
        self._controller = _Controller(self, port, **self._options())
        self._controller.start()
        return self

    def stop(self) -> None:
        """
        Hang up and close.
        """
        self.hang_up()
        self._controller.stop()

    def hang_up(self) -> None:
        """
        Close every connection, as a server does that is restarted.
        """
        asyncio.run_coroutine_threadsafe(self._controller.close_connections(), self._controller.loop).result(5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """
        Where it listens.
        """
        return self._controller.port

    def environment(self) -> dict[str, str]:
        """
        Return the ``SMTP_*`` settings of a client.
        """
        account = {"SMTP_USERNAME": self.username, "SMTP_PASSWORD": self.password}
        return {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.port),
            "SMTP_SECURITY": self.security,
            "SMTP_FROM_EMAIL": "todo@todo.example",
            **(account if self.username else {}),
        }

    def write_authority(self, path: Path) -> Path:
        """
        Write the authority's certificate to *path*, for a client's ``SSL_CERT_FILE``.
        """
        _AUTHORITY.cert_pem.write_to_path(str(path))
        return path

    def trust(self) -> ssl.SSLContext:
        """
        Return a client's context that trusts the authority.
        """
        context = ssl.create_default_context()
        _AUTHORITY.configure_trust(context)
        return context

    def proof(self) -> ssl.SSLContext:
        """
        Return a server's context with the certificate.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        _AUTHORITY.issue_cert(self.certificate_for, not_after=self.certificate_until).configure_cert(context)
        return context

    def _options(self) -> dict[str, Any]:
        if self.security == "none":
            return {"authenticator": self._authenticate, "auth_require_tls": False} if self.username else {}
        context = self.proof()
        if self.security == "tls":
            return {"authenticator": self._authenticate, "auth_require_tls": False, "ssl_context": context}
        return {"authenticator": self._authenticate, "require_starttls": True, "tls_context": context}

    def _authenticate(self, _: SMTP, __: Session, ___: Envelope, ____: str, account: LoginPassword) -> AuthResult:
        known = (self.username.encode(), self.password.encode())
        return AuthResult(success=(account.login, account.password) == known, handled=False)

    async def _answer_to(self, command: str) -> str | None:
        if not self.answers or self.answers[0][0] != command:
            return None
        answer = self.answers.popleft()[1]
        if answer == SILENCE:
            await asyncio.sleep(3600)
        return answer

    async def handle_MAIL(self, _: SMTP, session: Session, envelope: Envelope, sender: str, options: list[str]) -> str:  # noqa: N802 - the names are aiosmtpd's
        """
        Accept any sender who has logged in.
        """
        if self.username and not session.authenticated:
            return "530 5.7.0 log in first"
        self.peers.add(session.peer)
        answer = await self._answer_to("MAIL")
        envelope.mail_from, envelope.mail_options = sender, options
        return answer or "250 OK"

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, recipient: str, ___: list[str]) -> str:  # noqa: N802 - aiosmtpd's
        """
        Accept any recipient.
        """
        answer = await self._answer_to("RCPT")
        if answer is None:
            envelope.rcpt_tos.append(recipient)
        return answer or "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """
        Keep the letter.
        """
        answer = await self._answer_to("DATA")
        if answer is not None:
            return answer
        assert isinstance(envelope.content, bytes)
        mime = BytesParser(EmailMessage, policy=default).parsebytes(envelope.content)
        self.letters.append(Letter(tuple(envelope.rcpt_tos), mime))
        return "250 OK"


class _Controller(Controller):
    def __init__(self, handler: SmtpServer, port: int, **options: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=port, **options)
        self._sessions = list[SMTP]()

    def factory(self) -> SMTP:
        self._sessions.append(super().factory())
        return self._sessions[-1]

    async def close_connections(self) -> None:
        for session in self._sessions:
            if session.transport is not None:
                session.transport.abort()
        await asyncio.sleep(0.02)  # the sockets are closed by what abort() has the loop do next

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


_POLITE = {
    "greeting": "220 mail.example",
    "EHLO": "250-mail.example\r\n250 SMTPUTF8",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    "dot": "250 accepted",
    "QUIT": "221 bye",
}


@asynccontextmanager
async def faulty_server(faults: Mapping[str, str], *, tls: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """
    Yield the port of a server that is polite but for its *faults*, each of them told once.

    A fault is an answer to ``greeting``, ``EHLO``, ``MAIL``, ``RCPT``, ``DATA`` or ``dot`` (the end of the
    message); SILENCE does not answer, and an empty one hangs up. With *tls* it encrypts from the first byte.
    """
    left = dict(faults)
    conversations: list[asyncio.Task[None] | None] = []

    async def answer(writer: asyncio.StreamWriter, stage: str) -> None:
        words = left.pop(stage, _POLITE.get(stage, "502 what?"))
        if words == SILENCE:
            await asyncio.sleep(3600)
        if not words:
            raise ConnectionAbortedError
        writer.write(f"{words}\r\n".encode())

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.append(asyncio.current_task())
        try:
            await answer(writer, "greeting")
            while command := (await reader.readline()).decode().strip():
                await answer(writer, command[:4].upper())
                if command == "DATA":
                    await reader.readuntil(b"\r\n.\r\n")
                    await answer(writer, "dot")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for conversation in filter(None, conversations):
            conversation.cancel()
        await asyncio.gather(*filter(None, conversations), return_exceptions=True)
