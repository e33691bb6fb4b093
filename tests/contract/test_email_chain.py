"""
A chain of real links: an API and a mail server; ``tests/unit/test_email_chain.py`` has its rules.
"""

from __future__ import annotations

import pytest

from tests.support.mail_apis import HANG_UP, KEY, MESSAGE, ResendApi
from tests.support.smtp import SmtpServer
from todo_adapters.email import load_email_service
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailMisconfigured, EmailUnavailable


@pytest.fixture
def api():
    """
    Return the first choice.
    """
    return ResendApi()


@pytest.fixture
def server():
    """
    Yield the second.
    """
    with SmtpServer("none") as server:
        yield server


@pytest.fixture
async def chain(api, server):
    """
    Yield both as one service.
    """
    async with api.serving() as url:
        settings = {**server.environment(), "RESEND_API_KEY": KEY, "RESEND_API_URL": url, "SMTP_TIMEOUT": "4"}
        chain = load_email_service("resend,smtp", settings)
        yield chain
        await chain.close()


@pytest.mark.parametrize("answer", ["later", "unknown"])
async def test_the_mail_server_steps_in(api, server, chain, answer):
    """
    When the API is busy, or knows our key no more, the message arrives by SMTP, with the same Message-ID.
    """
    api.answers.append(api.refusals()[answer])
    await chain.send(MESSAGE)
    (letter,) = server.letters
    assert letter.mime["Message-ID"] == f"<{MESSAGE.message_id}>"
    assert not api.arrivals()


async def test_an_unknown_outcome_ends_it(api, server, chain):
    """
    A message that the API may have taken does not go to the mail server too.
    """
    api.answers.append(HANG_UP)
    with raises(EmailUnavailable) as raised:
        await chain.send(MESSAGE)
    assert (raised.error.code, raised.error.unknown) == ("resend answer lost", True)
    assert not server.letters


async def test_a_check_names_the_link(api, server, chain, monkeypatch):
    """
    While one link works, the other's fault is told all the same.
    """
    await chain.check()
    monkeypatch.setattr(ResendApi, "answer", lambda *_: api.refusals()["unknown"])
    with raises(EmailMisconfigured) as raised:
        await chain.check()
    assert raised.error.code == "resend 403 invalid_api_key"
    assert not server.letters
