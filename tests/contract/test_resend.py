"""
What is said to Resend, byte by byte, and what its answers mean.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from attrs import evolve

from tests.support.mail_apis import KEY, MESSAGE, SENDER, Request, ResendApi, Response
from todo_adapters.email import load_email_service
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailMisconfigured, EmailRejected, EmailUnavailable

_LATER, _NEVER, _OPERATOR = EmailUnavailable, EmailRejected, EmailMisconfigured


@pytest.fixture
def api():
    """
    Return Resend's API.
    """
    return ResendApi()


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
    settings = {"RESEND_API_KEY": KEY, "RESEND_API_URL": f"{url}/", "SMTP_FROM_EMAIL": SENDER, "SMTP_TIMEOUT": "2"}
    service = load_email_service("resend", {**settings, "SMTP_FROM_NAME": 'Zoë "Todo", Inc.'})
    yield service
    await service.close()


def _problem(status: int, name: str) -> Response:
    return Response(status, {"statusCode": status, "name": name, "message": "words"})


async def test_a_message_as_it_travels(api, service, url):
    """
    The request, whole: the key, the idempotency key, one recipient, our Message-ID.
    """
    await service.send(MESSAGE)
    body = json.dumps(
        {
            "from": '"Zoë \\"Todo\\", Inc." <todo@todo.example>',
            "to": ["ann@xn--bcher-kva.example"],
            "subject": "Größe",
            "text": "Your link",
            "html": "<p>Your link</p>",
            "headers": {"Message-ID": f"<{MESSAGE.message_id}>", "Auto-Submitted": "auto-generated"},
        },
        separators=(",", ":"),
    ).encode()
    assert api.requests == [
        Request(
            "POST",
            "/emails",
            [
                ("Host", url.removeprefix("http://")),
                ("Accept", "application/json"),
                ("Accept-Encoding", "identity"),
                ("User-Agent", "todo-app"),
                ("Authorization", f"Bearer {KEY}"),
                ("Content-Type", "application/json"),
                ("Idempotency-Key", MESSAGE.message_id),
                ("Content-Length", str(len(body))),
            ],
            body,
        )
    ]


async def test_a_check_as_it_travels(api, service):
    """
    A check asks for the domains, and sends no document.
    """
    await service.check()
    (request,) = api.requests
    assert (request.method, request.path, request.body) == ("GET", "/domains", b"")
    assert request.header("Authorization") == f"Bearer {KEY}"


async def test_a_message_is_sent_once(api, service):
    """
    Sent again under its id, with other words even, a message does not arrive again, and is accepted.
    """
    await service.send(MESSAGE)
    await service.send(MESSAGE)
    await service.send(evolve(MESSAGE, text="Your link works for another 59 minutes"))
    assert [arrival.text for arrival in api.arrivals()] == ["Your link"]


@pytest.mark.parametrize("host", ["x" * 300 + ".example", "bücher.example"])
async def test_any_message_id_makes_a_key(api, service, host):
    """
    A key has at most 256 characters, all of them ASCII, however long or foreign the host's name.
    """
    await service.send(evolve(MESSAGE, message_id=f"1@{host}"))
    (request,) = api.requests
    assert request.header("Idempotency-Key").startswith("1@")
    assert request.header("Idempotency-Key").isascii()
    assert len(api.arrivals()) == 1


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        (400, "invalid_idempotency_key", _NEVER),
        (400, "validation_error", _NEVER),
        (401, "missing_api_key", _OPERATOR),
        (401, "restricted_api_key", _OPERATOR),
        (403, "invalid_api_key", _OPERATOR),
        (403, "validation_error", _OPERATOR),
        (404, "not_found", _OPERATOR),
        (405, "method_not_allowed", _OPERATOR),
        (409, "concurrent_idempotent_requests", _LATER),
        (422, "invalid_access", _OPERATOR),
        (422, "invalid_from_address", _OPERATOR),
        (422, "invalid_parameter", _NEVER),
        (422, "missing_required_field", _NEVER),
        (422, "validation_error", _NEVER),
        (429, "daily_quota_exceeded", _LATER),
        (429, "monthly_quota_exceeded", _OPERATOR),
        (429, "rate_limit_exceeded", _LATER),
        (451, "security_error", _OPERATOR),
        (500, "application_error", _LATER),
        (500, "internal_server_error", _LATER),
    ],
)
async def test_what_an_answer_means(api, service, status, name, error):
    """
    Each error that Resend documents is one of the three failures.
    """
    api.answers.append(_problem(status, name))
    with raises(error) as raised:
        await service.send(MESSAGE)
    assert type(raised.error) is error
    assert raised.error.code == f"{status} {name}"
    in_progress = name == "concurrent_idempotent_requests"
    assert not isinstance(raised.error, EmailUnavailable) or raised.error.unknown is in_progress


async def test_a_wish_for_patience_is_passed_on(api, service):
    """
    ``retry-after`` says how long Resend wants to be left alone.
    """
    api.answers.append(api.refusals()["later"])
    with raises(EmailUnavailable) as raised:
        await service.send(MESSAGE)
    assert raised.error.retry_after == timedelta(seconds=7)


async def test_an_answer_without_an_id_is_none(api, service):
    """
    A success that is not Resend's own, as of a portal in between, does not count as one.
    """
    api.answers.append(Response(200, {"welcome": "to our network"}))
    with raises(EmailUnavailable) as raised:
        await service.send(MESSAGE)
    assert (raised.error.code, raised.error.unknown) == ("200", True)


async def test_a_check_is_content_with_a_key_for_sending(service, monkeypatch):
    """
    A key that may only send may not see the domains, and is as good.
    """
    monkeypatch.setattr(ResendApi, "answer", lambda *_: _problem(401, "restricted_api_key"))
    await service.check()


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [(403, "invalid_api_key", _OPERATOR), (422, "validation_error", _OPERATOR), (500, "application_error", _LATER)],
)
async def test_a_check_finds_what_is_wrong(service, monkeypatch, status, name, error):
    """
    A check fails as a message would, but for rejections, as there is nothing to reject.
    """
    monkeypatch.setattr(ResendApi, "answer", lambda *_: _problem(status, name))
    with raises(error) as raised:
        await service.check()
    assert raised.error.code == f"{status} {name}"
