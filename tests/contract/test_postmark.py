"""
What is said to Postmark, byte by byte, and what its answers mean.
"""

from __future__ import annotations

import json

import pytest

from tests.support.mail_apis import KEY, MESSAGE, SENDER, PostmarkApi, Request, Response
from todo_adapters.email import load_email_service
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailMisconfigured, EmailRejected, EmailUnavailable

_LATER, _NEVER, _OPERATOR = EmailUnavailable, EmailRejected, EmailMisconfigured


@pytest.fixture
def api():
    """
    Return Postmark's API.
    """
    return PostmarkApi()


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
    settings = {"POSTMARK_SERVER_TOKEN": KEY, "POSTMARK_API_URL": url, "SMTP_FROM_EMAIL": SENDER, "SMTP_TIMEOUT": "2"}
    service = load_email_service("postmark", {**settings, "POSTMARK_MESSAGE_STREAM": "resets"})
    yield service
    await service.close()


def _problem(status: int, code: int) -> Response:
    return Response(status, {"ErrorCode": code, "Message": "words"})


async def test_a_message_as_it_travels(api, service, url):
    """
    The request, whole: the token, one recipient, our Message-ID to be kept, links to be left as they are.
    """
    await service.send(MESSAGE)
    body = json.dumps(
        {
            "From": "Todo App <todo@todo.example>",
            "To": "ann@xn--bcher-kva.example",
            "Subject": "Größe",
            "TextBody": "Your link",
            "HtmlBody": "<p>Your link</p>",
            "Headers": [
                {"Name": "Message-ID", "Value": f"<{MESSAGE.message_id}>"},
                {"Name": "Auto-Submitted", "Value": "auto-generated"},
                {"Name": "X-PM-KeepID", "Value": "true"},
            ],
            "TrackOpens": False,
            "TrackLinks": "None",
            "MessageStream": "resets",
        },
        separators=(",", ":"),
    ).encode()
    assert api.requests == [
        Request(
            "POST",
            "/email",
            [
                ("Host", url.removeprefix("http://")),
                ("Accept", "application/json"),
                ("Accept-Encoding", "identity"),
                ("User-Agent", "todo-app"),
                ("X-Postmark-Server-Token", KEY),
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
            ],
            body,
        )
    ]


async def test_a_check_as_it_travels(api, service):
    """
    A check asks for the server's settings, and sends no document.
    """
    await service.check()
    (request,) = api.requests
    assert (request.method, request.path, request.body) == ("GET", "/server", b"")
    assert request.header("X-Postmark-Server-Token") == KEY


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, 10, _OPERATOR),
        (404, 12, _OPERATOR),
        (413, 0, _NEVER),
        (415, 409, _NEVER),
        (422, 10, _OPERATOR),
        (422, 11, _NEVER),
        (422, 100, _LATER),
        (422, 300, _NEVER),
        (422, 400, _OPERATOR),
        (422, 401, _OPERATOR),
        (422, 402, _NEVER),
        (422, 403, _NEVER),
        (422, 405, _OPERATOR),
        (422, 406, _NEVER),
        (422, 412, _OPERATOR),
        (422, 413, _OPERATOR),
        (422, 429, _LATER),
        (422, 1235, _OPERATOR),
        (422, 1236, _OPERATOR),
        (429, 429, _LATER),
        (500, 500, _LATER),
        (503, 100, _LATER),
    ],
)
async def test_what_an_answer_means(api, service, status, code, error):
    """
    Each error that Postmark documents for a message is one of the three failures.
    """
    api.answers.append(_problem(status, code))
    with raises(error) as raised:
        await service.send(MESSAGE)
    assert type(raised.error) is error
    assert raised.error.code == f"{status} {code}"
    assert not isinstance(raised.error, EmailUnavailable) or not raised.error.unknown


async def test_an_answer_without_a_code_is_none(api, service):
    """
    A success that is not Postmark's own, as of a portal in between, does not count as one.
    """
    api.answers.append(Response(200, {"welcome": "to our network"}))
    with raises(EmailUnavailable) as raised:
        await service.send(MESSAGE)
    assert (raised.error.code, raised.error.unknown) == ("200", True)


@pytest.mark.parametrize(("status", "code", "error"), [(401, 10, _OPERATOR), (422, 600, _OPERATOR), (503, 100, _LATER)])
async def test_a_check_finds_what_is_wrong(service, monkeypatch, status, code, error):
    """
    A check fails as a message would, but for rejections, as there is nothing to reject.
    """
    monkeypatch.setattr(PostmarkApi, "answer", lambda *_: _problem(status, code))
    with raises(error) as raised:
        await service.check()
    assert raised.error.code == f"{status} {code}"
