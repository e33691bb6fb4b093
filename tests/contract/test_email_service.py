from __future__ import annotations

import importlib
import inspect
import io
import logging
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from attrs import evolve, frozen

from tests.support.mail_apis import KEY, MESSAGE, SENDER, MailApi, PostmarkApi, ResendApi, SendGridApi
from tests.support.smtp import SILENCE, Letter, SmtpServer
from todo_adapters.email import known_providers, load_email_service
from todo_adapters.email.console import ConsoleEmailService
from todo_adapters.email.smtp import SmtpEmailService
from todo_adapters.email.smtp.settings import SmtpSettings
from todo_adapters.email_chain import ChainEmailService
from todo_adapters.environment import read
from todo_adapters.fakes import RecordingEmailService
from todo_adapters.metered import MeteredEmailService
from todo_core.contracts.email_service import Arrival, EmailDeliveryContract, EmailServiceContract, Inbox, Provider
from todo_core.errors import EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_core.model.email import EmailAddress


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
    def server(cls):  # noqa: ANN206 - as for other fixtures
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the far side's own log is not the service's
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

    async def test_a_local_part_outside_ascii_is_reached(self, service, provider):
        """
        A server with SMTPUTF8 gets it as it is.
        """
        await service.send(evolve(MESSAGE, to=EmailAddress("jörg@bücher.example")))
        (arrival,) = provider.arrivals()
        assert list(arrival.recipients) == ["jörg@xn--bcher-kva.example"]


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
class ApiProvider(Provider):
    """
    An API on this machine, told how to answer.
    """

    api: MailApi

    def arrivals(self):
        return self.api.arrivals()

    def secrets(self):
        return [KEY]

    def refuse_for_good(self):
        self.api.answers.append(self.api.refusals()["never"])

    def refuse_for_now(self):
        self.api.answers.append(self.api.refusals()["later"])

    def refuse_credentials(self):
        self.api.answers.append(self.api.refusals()["unknown"])

    def go_silent(self):
        self.api.answers.append(SILENCE)


class ApiKeeper(EmailServiceContract):
    api: type[MailApi]
    key: str
    url: str

    @pytest.fixture
    def provider(self):
        return ApiProvider(self.api())

    @pytest.fixture
    async def service(self, provider):
        async with provider.api.serving() as url:
            settings = {self.key: KEY, self.url: url, "SMTP_FROM_EMAIL": SENDER, "SMTP_TIMEOUT": "1"}
            service = load_email_service(self.module, settings)
            yield service
            await service.close()


class TestResend(ApiKeeper):
    module, api, key, url = "resend", ResendApi, "RESEND_API_KEY", "RESEND_API_URL"


class TestPostmark(ApiKeeper):
    module, api, key, url = "postmark", PostmarkApi, "POSTMARK_SERVER_TOKEN", "POSTMARK_API_URL"


class TestSendGrid(ApiKeeper):
    module, api, key, url = "sendgrid", SendGridApi, "SENDGRID_API_KEY", "SENDGRID_API_URL"


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
        self.service.fail_next(EmailUnavailable("timeout", unknown=True))


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


class TestChain(EmailServiceContract):
    """
    A chain keeps the promises of its links: here its first choice is never configured right.
    """

    @pytest.fixture
    def last(self):
        return RecordingEmailService()

    @pytest.fixture
    def service(self, last):
        first = RecordingEmailService()
        first.fail_next(*(EmailMisconfigured("401") for _ in range(100)))
        return ChainEmailService({"first": first, "last": last})

    @pytest.fixture
    def provider(self, last):
        return RecordingProvider(last)


class TestMetered(EmailServiceContract):
    """
    Whoever counts beside a service changes nothing of what it promises.
    """

    @pytest.fixture
    def metered(self):
        return RecordingEmailService()

    @pytest.fixture
    def service(self, metered):
        return MeteredEmailService("recording", metered, lambda *_: None)

    @pytest.fixture
    def provider(self, metered):
        return RecordingProvider(metered)


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


@frozen
class Folder(Inbox):
    """
    What whoever opens the files reads.
    """

    path: Path

    def arrivals(self):
        return [self._read(file) for file in self.path.glob("*.eml")]

    def secrets(self):
        return []

    def _read(self, file):
        mime = BytesParser(policy=default).parsebytes(file.read_bytes())
        return _arrival(Letter((mime["To"].addresses[0].addr_spec,), mime))


class TestFile(EmailDeliveryContract):
    """
    A folder neither refuses nor falls silent: it keeps the promises of delivery.
    """

    module = "file"

    @pytest.fixture
    def provider(self, tmp_path):
        return Folder(tmp_path / "mail")

    @pytest.fixture
    def service(self, provider):
        return load_email_service("file", {"EMAIL_FILE_DIR": str(provider.path), "SMTP_FROM_EMAIL": SENDER})


def test_every_provider_has_a_keeper():
    """
    Each module of ``todo_adapters.email`` can be built and is held by the contract.
    """
    keepers = {kept.module for kept in globals().values() if inspect.isclass(kept) and "module" in vars(kept)}
    assert keepers == set(known_providers())
    for provider in known_providers():
        assert callable(importlib.import_module(f"todo_adapters.email.{provider}").build)
