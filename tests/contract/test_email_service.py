from __future__ import annotations

import importlib
import inspect
import io

import pytest
from attrs import frozen

from tests.support.smtp import SILENCE, Letter, SmtpServer
from todo_adapters.email import known_providers
from todo_adapters.email.console import ConsoleEmailService
from todo_adapters.email.smtp import SmtpEmailService
from todo_adapters.email.smtp.settings import SmtpSettings
from todo_adapters.environment import read
from todo_adapters.fakes import RecordingEmailService
from todo_core.contracts.email_service import Arrival, EmailDeliveryContract, EmailServiceContract, Inbox, Provider
from todo_core.errors import EmailMisconfigured, EmailRejected, EmailUnavailable


@frozen
class SmtpProvider(Provider):
    """
    A real server, told how to answer.
    """

    server: SmtpServer

    def arrivals(self):
        return [_arrival(letter) for letter in self.server.letters]

    def secrets(self):
        return [self.server.username, self.server.password]

    def refuse_for_good(self):
        self.server.answers.append(("RCPT", "550 5.1.1 <ann@example.org> no such user"))

    def refuse_for_now(self):
        self.server.answers.append(("RCPT", "450 4.2.0 <ann@example.org> greylisted"))

    def refuse_credentials(self):
        self.server.answers.append(("MAIL", "530 5.7.0 authentication required, todo-mailer"))

    def go_silent(self):
        self.server.answers.append(("DATA", SILENCE))


def _arrival(letter: Letter) -> Arrival:
    text, html = (part.get_content() for part in letter.mime.iter_parts())
    assert letter.mime.get_content_type() == "multipart/alternative"
    return Arrival(
        recipients=letter.recipients,
        subject=letter.mime["Subject"],
        text=text,
        html=html,
        message_id=letter.mime["Message-ID"].strip().strip("<>"),
        headers=letter.mime.keys(),
    )


class SmtpKeeper(EmailServiceContract):
    security: str

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls):  # noqa: ANN206
        with SmtpServer(cls.security) as server:
            yield server

    @pytest.fixture
    def provider(self, server):
        server.letters.clear()
        server.answers.clear()
        return SmtpProvider(server)

    @pytest.fixture
    async def service(self, server):
        settings = read(SmtpSettings, {**server.environment(), "SMTP_TIMEOUT": "1"}, prefix="SMTP_")
        service = SmtpEmailService(settings, tls=server.trust())
        yield service
        await service.close()


class TestSmtpWithStarttls(SmtpKeeper):
    module = "smtp"
    security = "starttls"


class TestSmtpWithTls(SmtpKeeper):
    module = "smtp"
    security = "tls"


class TestSmtpInTheClear(SmtpKeeper):
    module = "smtp"
    security = "none"


@frozen
class RecordingProvider(Provider):
    """
    A double's far side. It never is silent, so it fails as a service does that has waited long enough.
    """

    service: RecordingEmailService

    def arrivals(self):
        return [_recorded(message) for message in self.service.sent]

    def secrets(self):
        return []

    def refuse_for_good(self):
        self.service.fail_next(EmailRejected("550"))

    def refuse_for_now(self):
        self.service.fail_next(EmailUnavailable("450"))

    def refuse_credentials(self):
        self.service.fail_next(EmailMisconfigured("530"))

    def go_silent(self):
        self.service.fail_next(EmailUnavailable("timeout"))


def _recorded(message) -> Arrival:
    local, _, domain = message.to.text.rpartition("@")
    reached = f"{local}@{domain.encode('idna').decode()}"
    return Arrival([reached], message.subject, message.text, message.html, message.message_id)


class TestRecording(EmailServiceContract):
    @pytest.fixture
    def service(self):
        return RecordingEmailService()

    @pytest.fixture
    def provider(self, service):
        return RecordingProvider(service)


@frozen
class Terminal(Inbox):
    """
    What somebody who develops reads.
    """

    stream: io.StringIO

    def arrivals(self):
        blocks = self.stream.getvalue().split(" a mail would be sent ")[1:]
        return [self._read(block.strip("=\n").split("\n")) for block in blocks]

    def secrets(self):
        return []

    def _read(self, lines):
        to, subject, _, *text = lines
        words = "\n".join(text).strip("=\n")
        return Arrival([to.removeprefix("To: ")], subject.removeprefix("Subject: "), words, html=None, message_id=None)


class TestConsole(EmailDeliveryContract):
    """
    A terminal shows text only, and neither refuses nor falls silent: it keeps the promises of delivery.
    """

    module = "console"

    @pytest.fixture
    def stream(self):
        return io.StringIO()

    @pytest.fixture
    def service(self, stream):
        return ConsoleEmailService(stream)

    @pytest.fixture
    def provider(self, stream):
        return Terminal(stream)


def test_every_provider_has_a_keeper():
    """
    Each module of ``todo_adapters.email`` can be built and is held by the contract.
    """
    keepers = {kept.module for kept in globals().values() if inspect.isclass(kept) and "module" in vars(kept)}
    assert keepers == set(known_providers())
    for provider in known_providers():
        assert callable(importlib.import_module(f"todo_adapters.email.{provider}").build)
