"""
The doctor at real mail servers, each wrong in one way: it names the step, and the setting to change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.server import KEY
from tests.support.smtp import SmtpServer, faulty_server
from todo_core.model.email import EmailAddress
from todo_web.app import opened
from todo_web.container import Container
from todo_web.doctor.findings import Finding, State
from todo_web.doctor.report import as_json, is_sound, told
from todo_web.settings import load_settings

ANN = EmailAddress("ann@example.org")
EXPIRED = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def examine(database_url, monkeypatch, tmp_path):
    """
    Return what examines a service with the *settings* of a deployment that sends through *server*, by default.
    """

    async def run(server: SmtpServer, *, trusted: bool = True, **settings: str) -> list[Finding]:
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(server.write_authority(tmp_path / "authority.pem")))
        environment = {
            "DATABASE_URL": database_url,
            "JWT_SECRET_KEY": KEY,
            "EMAIL_PROVIDER": "smtp",
            "SMTP_TIMEOUT": "1",
            **server.environment(),
            **settings,
        }
        container = Container(settings=load_settings(environment), surroundings=environment)
        async with opened(container):
            return [finding async for finding in container.doctor().examine(recipient=ANN)]

    return run


def _the_failure(findings: list[Finding]) -> Finding:
    """
    Return the finding that failed, behind which nothing of mail was tried, and which shows no secret.
    """
    (failed,) = [finding for finding in findings if finding.state is State.FAILED]
    behind = findings[findings.index(failed) + 1 :]
    assert all(finding.state is State.SKIPPED for finding in behind)
    before = findings[: findings.index(failed)]
    assert all(finding.state is State.PASSED for finding in before)
    shown = as_json(findings) + "".join(map(told, findings)) + repr(findings)
    for secret in (KEY, SmtpServer().password, "wr0ng-pa55word"):
        assert secret not in shown
    assert failed.advice is not None
    return failed


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
async def test_a_server_that_is_well(examine, security):
    """
    Every step passes, in the order it is taken, and the message arrives.
    """
    with SmtpServer(security) as server:
        findings = await examine(server)
        assert is_sound(findings), as_json(findings)
        assert [letter.recipients for letter in server.letters] == [("ann@example.org",)]
    encrypted = {
        "starttls": ["greeting", "starttls", "certificate"],
        "tls": ["tls", "certificate", "greeting"],
        "none": ["greeting"],
    }
    assert [finding.step for finding in findings] == [
        *("database", "clock", "schema", "outbox", "resolve", "connect"),
        *encrypted[security],
        *("ehlo", "login", "mail", "rcpt", "data"),
    ]


@pytest.mark.parametrize(
    ("wrong", "step", "setting"),
    [
        ({"SMTP_HOST": "mail.invalid"}, "resolve", "SMTP_HOST"),
        ({"SMTP_PORT": "1"}, "connect", "SMTP_PORT"),
        ({"SMTP_SECURITY": "tls"}, "tls", "SMTP_SECURITY"),
        ({"SMTP_PASSWORD": "wr0ng-pa55word"}, "login", "SMTP_PASSWORD"),
        ({"SMTP_USERNAME": "somebody-else"}, "login", "SMTP_USERNAME"),
        ({"SMTP_USERNAME": "", "SMTP_PASSWORD": ""}, "mail", "SMTP_USERNAME"),
    ],
)
async def test_a_wrong_setting(examine, wrong, step, setting):
    """
    The server is well, and one setting is not.
    """
    with SmtpServer() as server:
        failed = _the_failure(await examine(server, **wrong))
        assert not server.letters
    assert failed.step == step
    assert setting in failed.advice.settings
    assert setting in failed.advice.remedy


@pytest.mark.parametrize(
    ("certificate", "trusted", "reason"),
    [
        ({"certificate_until": EXPIRED}, True, "expired"),
        ({"certificate_for": "mail.example"}, True, "misnamed"),
        ({}, False, "untrusted"),
    ],
)
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_does_not_verify(examine, security, certificate, trusted, reason):
    """
    Expired, for another name, and of an unknown authority are three things, with a remedy each.
    """
    with SmtpServer(security, **certificate) as server:
        failed = _the_failure(await examine(server, trusted=trusted))
        assert not server.peers
    assert (failed.step, failed.found) == ("certificate", f"certificate {reason}")
    assert "SMTP_HOST" in failed.advice.settings
    assert ("SSL_CERT_FILE" in failed.advice.settings) is (reason == "untrusted")


async def test_a_blocked_port(examine, blocked_port):
    """
    Where nothing comes back it is said outright that the port is blocked, and which ports some hosts let out.
    """
    with SmtpServer() as server:
        failed = _the_failure(await examine(server, SMTP_PORT=str(blocked_port)))
    assert (failed.step, failed.found) == ("connect", "connect timeout")
    assert "the port is blocked" in failed.advice.cause
    assert "80, 443 and 8080" in failed.advice.cause
    assert {"EMAIL_PROVIDER", "SMTP_PORT"} <= set(failed.advice.settings)


async def test_a_server_that_waits_to_be_encrypted(examine):
    """
    STARTTLS to a server that encrypts from the first byte meets silence.
    """
    with SmtpServer("tls") as server:
        failed = _the_failure(await examine(server, SMTP_SECURITY="starttls"))
    assert failed.step == "greeting"
    assert "SMTP_SECURITY=tls" in failed.advice.remedy


async def test_a_server_without_starttls(examine):
    """
    Neither password nor message goes to a server that cannot encrypt.
    """
    with SmtpServer() as server:
        async with faulty_server({}) as port:
            failed = _the_failure(await examine(server, SMTP_PORT=str(port)))
    assert (failed.step, failed.found) == ("starttls", "starttls unsupported")
    assert "SMTP_SECURITY" in failed.advice.settings


@pytest.mark.parametrize(
    ("command", "answer", "step", "setting"),
    [
        ("MAIL", "550 5.7.60 not your address", "mail", "SMTP_FROM_EMAIL"),
        ("RCPT", "550 5.1.1 <ann@example.org> no such user", "rcpt", "SMTP_USERNAME"),
        ("DATA", "554 5.7.1 looks like spam", "data", "SMTP_FROM_EMAIL"),
    ],
)
async def test_a_message_that_is_refused(examine, command, answer, step, setting):
    """
    The sender refused, the recipient refused and the message refused are three things.
    """
    with SmtpServer() as server:
        server.answers.append((command, answer))
        failed = _the_failure(await examine(server))
    assert (failed.step, failed.found) == (step, f"{step} {answer[:3]}")
    assert setting in failed.advice.settings


async def test_a_database_that_does_not_answer(examine):
    """
    What stands on the database is skipped, mail is examined all the same.
    """
    with SmtpServer() as server:
        findings = await examine(server, DATABASE_URL="postgresql://ann:wr0ng-pa55word@127.0.0.1:1/todo")
        assert len(server.letters) == 1
    assert [finding.state.value for finding in findings[:4]] == ["failed", "skipped", "skipped", "skipped"]
    assert findings[0].advice.settings == ("DATABASE_URL",)
    assert "wr0ng-pa55word" not in as_json(findings)
