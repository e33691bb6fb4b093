"""
What is said to SendGrid, byte by byte, and what its answers mean.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

from tests.support.mail_apis import KEY, MESSAGE, SENDER, Request, Response, SendGridApi
from todo_adapters.email import load_email_service
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailMisconfigured, EmailRejected, EmailUnavailable

_LATER, _NEVER, _OPERATOR = EmailUnavailable, EmailRejected, EmailMisconfigured


@pytest.fixture
def api():
    """
    Return SendGrid's API.
    """
    return SendGridApi()


@pytest.fixture
async def url(api):
    """
    Yield where it is.
    """
    async with api.serving() as url:
        yield url


@pytest.fixture
async def service(url):
    """
    Yield a service that talks to it.
    """
    settings = {"SENDGRID_API_KEY": KEY, "SENDGRID_API_URL": url, "SMTP_FROM_EMAIL": SENDER, "SMTP_TIMEOUT": "2"}
    service = load_email_service("sendgrid", settings)
    yield service
    await service.close()


def _problem(status: int, at_fault: str | None = None) -> Response:
    return Response(status, {"errors": [{"field": at_fault, "message": "words", "help": None}]})


async def test_a_message_as_it_travels(api, service, url):
    """
    The request, whole: the key, one recipient, our Message-ID, links to be left as they are.
    """
    await service.send(MESSAGE)
    body = json.dumps(
        {
            "personalizations": [{"to": [{"email": "ann@xn--bcher-kva.example"}]}],
            "from": {"email": "todo@todo.example", "name": "Todo App"},
            "subject": "Größe",
            "content": [
                {"type": "text/plain", "value": "Your link"},
                {"type": "text/html", "value": "<p>Your link</p>"},
            ],
            "headers": {"Message-ID": f"<{MESSAGE.message_id}>", "Auto-Submitted": "auto-generated"},
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
                "subscription_tracking": {"enable": False},
                "ganalytics": {"enable": False},
            },
        },
        separators=(",", ":"),
    ).encode()
    assert api.requests == [
        Request(
            "POST",
            "/v3/mail/send",
            [
                ("Host", url.removeprefix("http://")),
                ("Accept", "application/json"),
                ("Accept-Encoding", "identity"),
                ("User-Agent", "todo-app"),
                ("Authorization", f"Bearer {KEY}"),
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
            ],
            body,
        )
    ]


async def test_a_check_as_it_travels(api, service):
    """
    A check asks what the key may do, and sends no document.
    """
    await service.check()
    (request,) = api.requests
    assert (request.method, request.path, request.body) == ("GET", "/v3/scopes", b"")
    assert request.header("Authorization") == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("status", "at_fault", "error"),
    [
        (200, None, _LATER),
        (400, None, _NEVER),
        (400, "from", _OPERATOR),
        (400, "from.email", _OPERATOR),
        (400, "from.name", _OPERATOR),
        (400, "personalizations.0.to.0.email", _NEVER),
        (401, None, _OPERATOR),
        (403, None, _OPERATOR),
        (403, "from", _OPERATOR),
        (404, None, _OPERATOR),
        (405, None, _OPERATOR),
        (413, None, _NEVER),
        (415, None, _NEVER),
        (429, None, _LATER),
        (500, None, _LATER),
        (503, None, _LATER),
    ],
)
async def test_what_an_answer_means(api, service, status, at_fault, error):
    """
    Each error that SendGrid documents is one of the three failures; 200 is what it says when it does not send.
    """
    api.answers.append(_problem(status, at_fault))
    with raises(error) as raised:
        await service.send(MESSAGE)
    assert type(raised.error) is error
    assert raised.error.code == f"{status} {at_fault or ''}".strip()


async def test_the_limit_tells_when_it_counts_anew(api, service):
    """
    ``X-RateLimit-Reset`` is a moment, in seconds since 1970.
    """
    api.answers.append(Response(429, None, {"X-RateLimit-Reset": str(int(time.time()) + 40)}))
    with raises(EmailUnavailable) as raised:
        await service.send(MESSAGE)
    assert timedelta(seconds=30) < raised.error.retry_after <= timedelta(seconds=40)


async def test_a_check_sees_what_the_key_may_do(api, service):
    """
    A key without the right to send is found out before a message is.
    """
    api.scopes = ("alerts.read",)
    with raises(EmailMisconfigured) as raised:
        await service.check()
    assert raised.error.code == "scopes mail.send"


@pytest.mark.parametrize(("status", "error"), [(401, _OPERATOR), (403, _OPERATOR), (400, _OPERATOR), (503, _LATER)])
async def test_a_check_finds_what_is_wrong(service, monkeypatch, status, error):
    """
    A check fails as a message would, but for rejections, as there is nothing to reject.
    """
    monkeypatch.setattr(SendGridApi, "answer", lambda *_: _problem(status))
    with raises(error) as raised:
        await service.check()
    assert raised.error.code == str(status)
