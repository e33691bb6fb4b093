"""
What can happen on the way to a provider's API, whichever it is.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import warnings
from contextlib import asynccontextmanager

import pytest
import trustme

from tests.support.mail_apis import HANG_UP, KEY, MESSAGE, SENDER, ResendApi, Response
from tests.support.smtp import SILENCE
from todo_adapters.email.resend import ResendEmailService, ResendSettings
from todo_adapters.environment import read
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailInterrupted, EmailMisconfigured, EmailUnavailable

_AUTHORITY = trustme.CA()


@asynccontextmanager
async def _service(url: str, *, seconds: str = "5", tls: ssl.SSLContext | None = None):
    settings = {"RESEND_API_KEY": KEY, "RESEND_API_URL": url, "SMTP_FROM_EMAIL": SENDER, "SMTP_TIMEOUT": seconds}
    service = ResendEmailService(read(ResendSettings, settings, prefix="RESEND_"), tls=tls)
    yield service
    await service.close()


@pytest.fixture(autouse=True)
def _collector():
    """
    Call the collector: httpcore2 leaves the socket of a handshake that was cancelled to it.
    """
    yield
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()


@pytest.fixture
def api():
    """
    Return one API of them all.
    """
    return ResendApi()


async def test_nobody_listens():
    """
    A closed port may open again: later, and nothing was sent.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with _service(f"http://127.0.0.1:{port}") as service:
        with raises(EmailUnavailable) as raised:
            await service.send(MESSAGE)
    assert (raised.error.code, raised.error.unknown) == ("connect lost", False)
    assert raised.error.away


async def test_nobody_answers_the_phone():
    """
    A connection that does not come about, or is not encrypted in time, is given up: nothing was sent.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:
        async with _service(f"https://127.0.0.1:{silent.getsockname()[1]}", seconds="0.2") as service:
            async with asyncio.timeout(2):
                with raises(EmailUnavailable) as raised:
                    await service.send(MESSAGE)
            assert (raised.error.code, raised.error.unknown) == ("connect timeout", False)
            sending = asyncio.create_task(service.send(MESSAGE))
            await asyncio.sleep(0.05)
            sending.cancel()
            with raises(EmailInterrupted):
                await sending


@pytest.mark.parametrize(("answer", "code"), [(SILENCE, "answer timeout"), (HANG_UP, "answer lost")])
async def test_what_was_not_answered_may_have_arrived(api, answer, code):
    """
    Once a message is on its way, no answer means that its outcome is unknown; the next message goes through.
    """
    api.answers.append(answer)
    async with api.serving() as url, _service(url, seconds="0.3") as service:
        async with asyncio.timeout(2):
            with raises(EmailUnavailable) as raised:
                await service.send(MESSAGE)
        assert (raised.error.code, raised.error.unknown) == (code, True)
        assert not raised.error.away
        await service.send(MESSAGE)
    assert len(api.arrivals()) == 1


@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateway_that_lost_the_answer_knows_no_more(api, status):
    """
    What a gateway says instead of the provider leaves the outcome unknown.
    """
    api.answers.append(Response(status))
    async with api.serving() as url, _service(url) as service:
        with raises(EmailUnavailable) as raised:
            await service.send(MESSAGE)
    assert raised.error.unknown


async def test_a_cancelled_message_on_its_way_is_cancelled(api):
    """
    A cancellation after the message was sent is passed on: it may have arrived.
    """
    api.answers.append(SILENCE)
    async with api.serving() as url, _service(url) as service:
        sending = asyncio.create_task(service.send(MESSAGE))
        while not api.requests:  # noqa: ASYNC110 - the server has no events for us
            await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


async def test_connections_are_kept(api):
    """
    One message after the other travels over one connection, and messages at once over as many.
    """
    async with api.serving() as url, _service(url) as service:
        for _ in range(5):
            await service.send(MESSAGE)
        assert api.connections == 1
        await asyncio.gather(*(service.send(MESSAGE) for _ in range(4)))
        assert api.connections == 4


async def test_nothing_stays_open(api):
    """
    Closing closes every connection, and a service that never sent anything needs no closing.
    """
    async with api.serving() as url:
        async with _service(url) as service:
            await service.send(MESSAGE)
            assert api.open == 1
        async with _service(url):
            pass
        while api.open:  # noqa: ASYNC110 - the server has no events for us
            await asyncio.sleep(0.01)


async def test_an_answer_has_an_end(api):
    """
    No answer fills the memory: a mebibyte is read of it, and the connection is closed.
    """
    api.answers.append(Response(422, {"name": "x" * (1 << 24)}))
    async with api.serving() as url, _service(url) as service:
        with pytest.raises(Exception, match=r"^422$"):
            await service.send(MESSAGE)
        await service.send(MESSAGE)
    assert api.connections == 2


async def test_a_redirect_is_not_followed(api):
    """
    A message and a key go where they were told to, and nowhere else.
    """
    api.answers.append(Response(307, None, {"Location": "/emails"}))
    async with api.serving() as url, _service(url) as service:
        with raises(EmailMisconfigured) as raised:
            await service.send(MESSAGE)
    assert raised.error.code == "307"
    assert len(api.requests) == 1


def _context(name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _AUTHORITY.issue_cert(name).configure_cert(context)
    return context


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    _AUTHORITY.configure_trust(context)
    return context


async def test_it_travels_encrypted(api):
    """
    Over HTTPS a message arrives, and silence there ends in time too.
    """
    async with api.serving(_context("127.0.0.1")) as url, _service(url, seconds="1", tls=_trust()) as service:
        await service.send(MESSAGE)
        api.answers.append(SILENCE)
        async with asyncio.timeout(3):
            with raises(EmailUnavailable) as raised:
                await service.send(MESSAGE)
    assert raised.error.unknown
    assert len(api.arrivals()) == 1


@pytest.mark.parametrize("name", ["127.0.0.1", "api.example"])
async def test_a_certificate_that_does_not_verify(api, name):
    """
    A certificate of an unknown authority, or for another name, ends it before anything was said.
    """
    trust = None if name == "127.0.0.1" else _trust()
    async with api.serving(_context(name)) as url, _service(url, tls=trust) as service:
        with raises(EmailMisconfigured) as raised:
            await service.send(MESSAGE)
    assert raised.error.code == "certificate untrusted"
    assert not api.requests
