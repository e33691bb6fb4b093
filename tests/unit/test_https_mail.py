from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from attrs import evolve

from todo_adapters.email import load_email_service
from todo_adapters.email.postmark import PostmarkSettings
from todo_adapters.email.resend import ResendSettings
from todo_adapters.email.sendgrid import SendGridSettings
from todo_adapters.environment import InvalidEnvironment, read
from todo_adapters.https_mail import Answer, address_of, headers_of
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_core.model.email import EmailAddress, EmailMessage

_MESSAGE = EmailMessage(
    to=EmailAddress("ann@example.org"), message_id="1@todo.example", subject="Hello", text="Hello", html="<p>Hello</p>"
)
_SENDER = {"SMTP_FROM_EMAIL": "todo@todo.example"}
_KEYS = [("resend", "RESEND_API_KEY"), ("postmark", "POSTMARK_SERVER_TOKEN"), ("sendgrid", "SENDGRID_API_KEY")]


def _problems(provider: str, environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(InvalidEnvironment) as raised:
        load_email_service(provider, environment)
    return raised.value.problems


@pytest.mark.parametrize(("provider", "key"), _KEYS)
def test_what_is_missing_is_told_at_once(provider, key):
    """
    A sender and a key are needed, whichever the provider.
    """
    assert _problems(provider, {}) == ("SMTP_FROM_EMAIL: is required", f"{key}: is required")


@pytest.mark.parametrize(("provider", "key"), _KEYS)
@pytest.mark.parametrize("value", ["two words", "line\nbreak", "nul\0", "schlüssel"])
def test_a_key_that_no_header_can_hold(provider, key, value):
    """
    A key that could not be sent is refused, and not shown.
    """
    assert _problems(provider, {**_SENDER, key: value}) == (f"{key}: must be printable ASCII without spaces",)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("api.example.com", "must be a URL such as https://api.example.com"),
        ("ftp://api.example.com", "must be a URL such as https://api.example.com"),
        ("https://", "must be a URL such as https://api.example.com"),
        ("https://api.example.com/?v=1", "must be a URL such as https://api.example.com"),
        ("https://key@api.example.com", "must be a URL such as https://api.example.com"),
        ("http://api.example.com", "must be https, or the key would cross the network in the clear"),
        ("http://10.0.0.1", "must be https, or the key would cross the network in the clear"),
    ],
)
def test_a_url_that_no_key_may_be_sent_to(url, fault):
    """
    A key goes over HTTPS, or not farther than this machine.
    """
    assert _problems("resend", {**_SENDER, "RESEND_API_KEY": "key", "RESEND_API_URL": url}) == (
        f"RESEND_API_URL: {fault}",
    )


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1:1/", "http://[::1]:1"])
def test_this_machine_needs_no_encryption(url):
    """
    For trying things out, an API on this machine will do.
    """
    load_email_service("resend", {**_SENDER, "RESEND_API_KEY": "key", "RESEND_API_URL": url})


@pytest.mark.parametrize(("provider", "key"), _KEYS)
def test_a_sender_that_no_api_takes(provider, key):
    """
    A local part outside ASCII would have every mail rejected, and is told at the start.
    """
    assert _problems(provider, {"SMTP_FROM_EMAIL": "jörg@todo.example", key: "key"}) == (
        "SMTP_FROM_EMAIL: must be ASCII before the @ for a provider with an API",
    )


@pytest.mark.parametrize(
    ("kind", "prefix", "key"),
    [
        (ResendSettings, "RESEND_", "RESEND_API_KEY"),
        (PostmarkSettings, "POSTMARK_", "POSTMARK_SERVER_TOKEN"),
        (SendGridSettings, "SENDGRID_", "SENDGRID_API_KEY"),
    ],
)
def test_the_key_stays_out_of_repr(kind, prefix, key):
    """
    Settings can be printed without showing the key.
    """
    assert "hush" not in repr(read(kind, {**_SENDER, key: "hush"}, prefix=prefix))


def test_one_sender_serves_every_provider():
    """
    From whom mail comes, and how long it may take, is said once.
    """
    environment = {**_SENDER, "SMTP_FROM_NAME": "Todo", "SMTP_TIMEOUT": "7", "RESEND_API_KEY": "key"}
    settings = read(ResendSettings, environment, prefix="RESEND_")
    assert (settings.from_email.text, settings.from_name, settings.timeout) == ("todo@todo.example", "Todo", 7)


@pytest.mark.parametrize(
    ("address", "code"), [("jörg@example.org", "smtputf8 unsupported"), ("ann@\u0640.example", "address invalid")]
)
def test_an_address_that_no_api_takes(address, code):
    """
    Of addresses outside ASCII only the domain has another name.
    """
    with raises(EmailRejected) as raised:
        address_of(EmailAddress(address))
    assert raised.error.code == code


@pytest.mark.parametrize("header", ["subject", "message_id"])
@pytest.mark.parametrize("character", ["\0", "\r", "\n", "\x0b", "\x1b", "\x7f", "\x85", "\u2028"])
def test_no_control_character_gets_into_a_header(header, character):
    """
    A subject or Message-ID with a control character or a line break is rejected.
    """
    with raises(EmailRejected) as raised:
        headers_of(evolve(_MESSAGE, **{header: f"1{character}@todo.example"}))
    assert raised.error.code == "message invalid"


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("99999999999999999999", 86400),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
        ("Fri, 31 Dec 9999 23:59:59", None),
    ],
)
def test_a_wish_for_patience(wish, seconds):
    """
    Seconds or a date (RFC 9110 §10.2.3), a day at the most; what is neither is no wish.
    """
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert Answer(429, headers={"retry-after": wish}).retry_after == expected


def test_a_wish_for_patience_until_a_moment():
    """
    A date is so far away as it is.
    """
    moment = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    wish = Answer(503, headers={"retry-after": moment}).retry_after
    assert timedelta(minutes=4) < wish <= timedelta(minutes=5)


@pytest.mark.parametrize(
    ("status", "error", "unknown"),
    [
        (200, EmailUnavailable, True),
        (204, EmailUnavailable, True),
        (301, EmailMisconfigured, None),
        (400, EmailRejected, None),
        (401, EmailMisconfigured, None),
        (403, EmailMisconfigured, None),
        (404, EmailMisconfigured, None),
        (408, EmailUnavailable, False),
        (418, EmailRejected, None),
        (429, EmailUnavailable, False),
        (500, EmailUnavailable, False),
        (502, EmailUnavailable, True),
        (503, EmailUnavailable, False),
        (504, EmailUnavailable, True),
        (599, EmailUnavailable, False),
    ],
)
def test_what_a_status_means_by_itself(status, error, unknown):
    """
    Where a provider says no more, the status decides.
    """
    failure = Answer(status).failure()
    assert type(failure) is error
    assert getattr(failure, "unknown", None) is unknown


@pytest.mark.parametrize("word", ["ann@example.org", "two words", "", "x" * 65, "größe", "422\n"])
def test_only_a_word_gets_into_a_code(word):
    """
    A code is logged and stored: what is not plainly a provider's own word stays out of it.
    """
    assert Answer(422, word).code == "422"
    assert Answer(422, "validation_error").code == "422 validation_error"
