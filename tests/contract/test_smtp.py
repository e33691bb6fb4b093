"""
What SMTP servers do, and what we make of it; ``test_email_service.py`` holds the promises common to all providers.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from tests.support.smtp import SILENCE, SmtpServer, faulty_server
from todo_adapters.email import smtp
from todo_adapters.email.smtp import SmtpEmailService
from todo_adapters.email.smtp.settings import SmtpSettings
from todo_adapters.environment import read
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailError, EmailInterrupted, EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_core.model.email import EmailAddress, EmailMessage

_MESSAGE = EmailMessage(
    to=EmailAddress("ann@example.org"), message_id="1@todo.example", subject="Hello", text="Hello", html="<p>Hello</p>"
)
_LATER, _NEVER, _OPERATOR = EmailUnavailable, EmailRejected, EmailMisconfigured
_ANYWHERE = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot")
_STEP = {"greeting": "greeting", "EHLO": "ehlo", "MAIL": "mail", "RCPT": "rcpt", "DATA": "data", "dot": "data"}


@asynccontextmanager
async def _service(port: int, **environment: str):
    settings = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "SMTP_FROM_EMAIL": "todo@todo.example",
    }
    service = SmtpEmailService(read(SmtpSettings, settings | environment, prefix="SMTP_"))
    yield service
    await service.close()


def _account(server: SmtpServer) -> dict[str, str]:
    return {"SMTP_USERNAME": server.username, "SMTP_PASSWORD": server.password}


@pytest.mark.parametrize(
    ("stage", "answer", "error", "code"),
    [
        *((stage, "421 closing", _LATER, f"{_STEP[stage]} 421") for stage in _ANYWHERE),
        *((stage, "451 later", _LATER, f"{_STEP[stage]} 451") for stage in _ANYWHERE),
        *((stage, SILENCE, _LATER, f"{_STEP[stage]} timeout") for stage in _ANYWHERE),
        *((stage, "", _LATER, f"{_STEP[stage]} lost") for stage in _ANYWHERE),
        *((stage, "gibberish", _LATER, f"{_STEP[stage]} -1") for stage in _ANYWHERE),
        *((stage, "530 log in", _OPERATOR, f"{_STEP[stage]} 530") for stage in _ANYWHERE),
        ("greeting", "554 no service", _OPERATOR, "greeting 554"),
        ("EHLO", "550 go away", _OPERATOR, "ehlo 550"),
        ("MAIL", "550 not your address", _OPERATOR, "mail 550"),
        ("RCPT", "550 no such user", _NEVER, "rcpt 550"),
        ("DATA", "554 no valid recipients", _NEVER, "data 554"),
        ("dot", "554 spam", _NEVER, "data 554"),
        ("DATA", "250 out of step", _LATER, "data 250"),
    ],
)
async def test_what_an_answer_means(stage: str, answer: str, error: type[EmailError], code: str):
    """
    Whatever the server says, wherever it says it, is one of the three failures; the next message goes through.
    """
    timeout = "0.5" if answer == SILENCE else "10"
    async with faulty_server({stage: answer}) as port, _service(port, SMTP_TIMEOUT=timeout) as service:
        with raises(error) as raised:
            await service.send(_MESSAGE)
        assert type(raised.error) is error
        assert raised.error.code == code
        in_doubt = code in {"data lost", "data timeout"}
        assert not isinstance(raised.error, EmailUnavailable) or raised.error.unknown is in_doubt
        set_up = code.startswith(("greeting ", "ehlo "))
        assert not isinstance(raised.error, EmailUnavailable) or raised.error.away is set_up
        await service.send(_MESSAGE)


async def test_nobody_listens():
    """
    A closed port may open again: later.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with _service(port) as service:
        with raises(EmailUnavailable) as raised:
            await service.send(_MESSAGE)
    assert raised.error.code == "connect refused"
    assert raised.error.away


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("certificate", "trusted", "reason"),
    [
        ({}, False, "untrusted"),
        ({"certificate_for": "mail.example"}, True, "misnamed"),
        ({"certificate_for": "127.0.0.2"}, True, "misnamed"),
        ({"certificate_until": datetime.now(UTC) - timedelta(days=1)}, True, "expired"),
    ],
)
async def test_a_certificate_that_does_not_verify(security, certificate, trusted, reason):
    """
    A certificate of an unknown authority, for another name, or that has expired, ends it before anything was said.
    """
    with SmtpServer(security, **certificate) as server:
        trust = server.trust() if trusted else None
        service = SmtpEmailService(read(SmtpSettings, server.environment(), prefix="SMTP_"), tls=trust)
        with raises(EmailMisconfigured) as raised:
            await service.send(_MESSAGE)
        assert raised.error.code == f"certificate {reason}"
        assert not server.letters
        assert not server.peers


@pytest.mark.parametrize(
    ("theirs", "ours", "code"), [("tls", "starttls", "greeting timeout"), ("none", "tls", "tls failed")]
)
async def test_a_server_that_encrypts_at_another_moment(theirs, ours, code):
    """
    A server that waits to be encrypted says nothing; one that does not encrypt at once breaks the handshake.
    """
    with SmtpServer(theirs) as server:
        async with _service(server.port, SMTP_SECURITY=ours, SMTP_TIMEOUT="0.5", **_account(server)) as service:
            with raises(EmailUnavailable) as raised:
                await service.send(_MESSAGE)
    assert raised.error.code == code


async def test_an_encrypted_greeting_that_turns_us_away():
    """
    A server that answers has encrypted already: what it refuses is the greeting.
    """
    trusted = SmtpServer()
    async with faulty_server({"greeting": "554 not you"}, tls=trusted.proof()) as port:
        settings = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "tls"}
        settings |= {"SMTP_FROM_EMAIL": "todo@todo.example"}
        service = SmtpEmailService(read(SmtpSettings, settings, prefix="SMTP_"), tls=trusted.trust())
        with raises(EmailMisconfigured) as raised:
            await service.send(_MESSAGE)
        await service.close()
    assert raised.error.code == "greeting 554"


async def test_a_server_that_never_encrypts():
    """
    A server that falls silent when encryption should begin is given up in time.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with _service(silent.getsockname()[1], SMTP_SECURITY="tls", SMTP_TIMEOUT="0.3") as service:
            with raises(EmailUnavailable) as raised:
                await service.send(_MESSAGE)
    assert raised.error.code == "tls timeout"


async def test_a_port_that_is_blocked(blocked_port):
    """
    A port from which nothing comes back, not even a refusal, is given up in time.
    """
    async with _service(blocked_port, SMTP_TIMEOUT="0.3") as service:
        with raises(EmailUnavailable) as raised:
            await service.send(_MESSAGE)
    assert raised.error.code == "connect timeout"


@pytest.mark.parametrize("host", ["mail.invalid", f"{'a' * 64}.example"])
async def test_a_host_that_does_not_exist(host):
    """
    A name that the DNS does not know, or cannot, is nobody's.
    """
    async with _service(25, SMTP_HOST=host) as service:
        with raises(EmailError) as raised:
            await service.send(_MESSAGE)
    assert raised.error.code in {"resolve failed", "resolve unsupported"}


async def test_the_first_address_that_answers_is_taken(monkeypatch):
    """
    When one of the host's addresses refuses, the next one is tried.
    """
    with SmtpServer("none") as server, socket.create_server(("127.0.0.1", 0)) as closed:
        closed_port = closed.getsockname()[1]
        closed.close()
        places = [
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in (closed_port, server.port)
        ]

        async def found(*_: object, **__: object):
            return places

        async with _service(server.port, **_account(server)) as service:
            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
            await service.send(_MESSAGE)
        assert len(server.letters) == 1


async def test_a_server_without_starttls():
    """
    A server that offers no STARTTLS gets neither password nor message.
    """
    account = {"SMTP_SECURITY": "starttls", "SMTP_USERNAME": "ann", "SMTP_PASSWORD": "secret"}
    async with faulty_server({}) as port, _service(port, **account) as service:
        with raises(EmailMisconfigured) as raised:
            await service.send(_MESSAGE)
    assert raised.error.code == "starttls unsupported"


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
async def test_a_wrong_password(security):
    """
    A wrong password is an operator's business, and a right one is not shown by it.
    """
    with SmtpServer(security) as server:
        settings = read(SmtpSettings, server.environment() | {"SMTP_PASSWORD": "wr0ng"}, prefix="SMTP_")
        with raises(EmailMisconfigured) as raised:
            await SmtpEmailService(settings, tls=server.trust()).send(_MESSAGE)
        assert raised.error.code == "login 535"
        assert "wr0ng" not in repr(settings)


async def test_a_check_finds_what_a_message_would():
    """
    A wrong password and a closed port are found without a message, and leave no connection open.
    """
    with SmtpServer() as server:
        settings = read(SmtpSettings, server.environment() | {"SMTP_PASSWORD": "wr0ng"}, prefix="SMTP_")
        service = SmtpEmailService(settings, tls=server.trust())
        with raises(EmailMisconfigured) as raised:
            await service.check()
        assert raised.error.code == "login 535"
    with raises(EmailUnavailable) as raised:
        await service.check()
    assert raised.error.code == "connect refused"


async def test_a_server_without_accounts():
    """
    A server that offers no log-in to a client who has an account is misconfigured, or not the one we meant.
    """
    account = {"SMTP_USERNAME": "ann", "SMTP_PASSWORD": "secret"}
    async with faulty_server({}) as port, _service(port, **account) as service:
        with raises(EmailMisconfigured) as raised:
            await service.send(_MESSAGE)
    assert raised.error.code == "login unsupported"


async def test_a_server_without_smtputf8():
    """
    An address that the server has no letters for is refused for good, without harm to the next.
    """
    async with faulty_server({"EHLO": "250 mail.example"}) as port, _service(port) as service:
        with raises(EmailRejected) as raised:
            await service.send(evolve(_MESSAGE, to=EmailAddress("jörg@example.org")))
        assert raised.error.code == "smtputf8 unsupported"
        await service.send(_MESSAGE)


async def test_a_domain_that_cannot_exist():
    """
    A domain that the DNS has no name for is refused for good, and nobody is called.
    """
    async with _service(1) as service:
        with raises(EmailRejected):
            await service.send(evolve(_MESSAGE, to=EmailAddress("ann@ab--\N{LATIN SMALL LETTER SHARP S}.example")))


async def test_a_late_answer_is_not_taken_for_another():
    """
    When an answer comes after its message was given up, the next message does not read it as its own.
    """
    with SmtpServer("none") as server:
        settings = read(SmtpSettings, server.environment(), prefix="SMTP_")
        service = SmtpEmailService(settings)
        await service.send(_MESSAGE)
        sending = asyncio.create_task(service.send(evolve(_MESSAGE, subject="Cancelled")))
        while len(server.letters) < 2 and not sending.done():  # noqa: ASYNC110 - the server has no events for us
            await asyncio.sleep(0)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        server.answers.append(("RCPT", "550 no such user"))
        with raises(EmailRejected) as raised:
            await service.send(_MESSAGE)
        await service.close()
    assert raised.error.code == "rcpt 550"


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"])
async def test_a_cancellation_says_whether_it_is_certain(stage: str):
    """
    Before its data a message cannot have been accepted; from then on nobody knows, and the cancellation goes on.
    """
    async with faulty_server({stage: SILENCE}) as port, _service(port) as service:
        sending = asyncio.create_task(service.send(_MESSAGE))
        await asyncio.sleep(0.1)
        sending.cancel()
        outcome, *_ = await asyncio.gather(sending, return_exceptions=True)
    if _STEP[stage] == "data":
        assert isinstance(outcome, asyncio.CancelledError)
    else:
        assert isinstance(outcome, EmailInterrupted)
        assert outcome.code == f"{_STEP[stage]} cancelled"


@pytest.fixture
def server():
    """
    Yield a real server that wants STARTTLS and a password.
    """
    with SmtpServer("starttls") as server:
        yield server


@pytest.fixture
async def service(server):
    """
    Yield a service that talks to it.
    """
    service = SmtpEmailService(read(SmtpSettings, server.environment(), prefix="SMTP_"), tls=server.trust())
    yield service
    await service.close()


async def test_a_connection_is_used_again(server, service):
    """
    One message after the other travels over one connection.
    """
    for _ in range(5):
        await service.send(_MESSAGE)
    assert len(server.peers) == 1


async def test_no_connection_is_shared(server, service):
    """
    Messages at the same time travel over as many connections.
    """
    await asyncio.gather(*(service.send(_MESSAGE) for _ in range(4)))
    await asyncio.gather(*(service.send(_MESSAGE) for _ in range(4)))
    assert len(server.peers) == 4
    assert len(server.letters) == 8


@pytest.mark.parametrize("limit", ["_MOST_MAILS", "_LONGEST_LIFE"])
async def test_a_connection_wears_out(server, service, monkeypatch, limit):
    """
    After its share of messages, or of time, a connection is replaced.
    """
    monkeypatch.setattr(smtp, limit, 0)
    for _ in range(3):
        await service.send(_MESSAGE)
    assert len(server.peers) == 3


async def test_a_connection_does_not_rest_long(server, service, monkeypatch):
    """
    A connection that nobody needs is closed after a while.
    """
    monkeypatch.setattr(smtp, "_LONGEST_REST", 0.05)
    await service.send(_MESSAGE)
    await asyncio.sleep(0.1)
    await service.send(_MESSAGE)
    assert len(server.peers) == 2


async def test_the_server_hung_up_meanwhile(server, service):
    """
    A resting connection that the server has closed is not used.
    """
    await service.send(_MESSAGE)
    server.hang_up()
    await asyncio.sleep(0.1)
    await service.send(_MESSAGE)
    assert len(server.letters) == 2


async def test_the_headers_say_what_kind_of_mail_it_is(server, service):
    """
    The mail says who sends it, when, and that no machine need answer.
    """
    await service.send(_MESSAGE)
    (letter,) = server.letters
    assert letter.mime["From"] == "Todo App <todo@todo.example>"
    assert letter.mime["To"] == "ann@example.org"
    assert letter.mime["Date"].datetime.tzinfo is not None
    assert letter.mime["Auto-Submitted"] == "auto-generated"
