from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import define

from tests.unit.driving import run
from todo_adapters.email import load_email_service
from todo_adapters.email_chain import ChainEmailService
from todo_adapters.environment import InvalidEnvironment
from todo_adapters.fakes import RecordingEmailService
from todo_core.contracts.expectations import raises
from todo_core.errors import (
    EmailError,
    EmailInterrupted,
    EmailMisconfigured,
    EmailRejected,
    EmailUnavailable,
)
from todo_core.model.email import EmailAddress, EmailMessage

_MESSAGE = EmailMessage(
    to=EmailAddress("ann@example.org"), message_id="1@todo.example", subject="Hello", text="Hello", html="<p>Hello</p>"
)
_LATER = timedelta(minutes=1)


@define
class _Link(RecordingEmailService):
    """
    A link that can be found wanting by a check, or fail to close.
    """

    fault: EmailError | None = None
    stuck: bool = False
    closed: bool = False

    async def check(self):
        """
        Raise the fault.
        """
        if self.fault:
            raise self.fault

    async def close(self):
        """
        Note that it was asked for.
        """
        self.closed = True
        if self.stuck:
            raise OSError


def _chain(*failures: EmailError) -> tuple[ChainEmailService, _Link, _Link]:
    first, second = _Link(), _Link()
    for link, failure in zip((first, second), failures, strict=False):
        link.fail_next(failure)
    return ChainEmailService({"first": first, "second": second}), first, second


def test_the_first_choice_is_taken():
    """
    While the first link works, the second gets nothing.
    """
    chain, first, second = _chain()
    run(chain.send(_MESSAGE))
    assert (first.sent, second.sent) == ([_MESSAGE], [])


@pytest.mark.parametrize("failure", [EmailUnavailable("connect lost"), EmailMisconfigured("401")])
def test_the_next_is_tried_when_one_cannot(failure):
    """
    Unavailable or misconfigured, the first link leaves the message to the second; next time it is asked again.
    """
    chain, first, second = _chain(failure)
    run(chain.send(_MESSAGE))
    assert (first.sent, second.sent) == ([], [_MESSAGE])
    run(chain.send(_MESSAGE))
    assert first.sent == [_MESSAGE]


@pytest.mark.parametrize(
    "failure",
    [EmailUnavailable("answer lost", unknown=True), EmailRejected("422"), EmailInterrupted("connect cancelled")],
)
def test_the_next_is_not_tried_in_vain(failure):
    """
    After an unknown outcome it might be sent twice; what is rejected, or was cancelled, is not wanted elsewhere.
    """
    chain, _, second = _chain(failure)
    with raises(type(failure)) as raised:
        run(chain.send(_MESSAGE))
    assert raised.error.code == f"first {failure.code}"
    assert getattr(raised.error, "unknown", None) is getattr(failure, "unknown", None)
    assert second.sent == []


@pytest.mark.parametrize(
    ("first", "second", "most_hopeful"),
    [
        (EmailMisconfigured("401"), EmailUnavailable("503"), "second 503"),
        (EmailUnavailable("503"), EmailMisconfigured("401"), "first 503"),
        (EmailUnavailable("429", retry_after=_LATER), EmailUnavailable("503"), "second 503"),
        (EmailUnavailable("503", retry_after=2 * _LATER), EmailUnavailable("429", retry_after=_LATER), "second 429"),
        (EmailMisconfigured("401"), EmailMisconfigured("403"), "first 401"),
    ],
)
def test_the_most_hopeful_failure_counts(first, second, most_hopeful):
    """
    When all fail, what may pass soonest is what is told.
    """
    chain, *_ = _chain(first, second)
    with raises(EmailError) as raised:
        run(chain.send(_MESSAGE))
    expected = first if most_hopeful.startswith("first") else second
    assert type(raised.error) is type(expected)
    assert raised.error.code == most_hopeful
    assert getattr(raised.error, "retry_after", None) == getattr(expected, "retry_after", None)


@pytest.mark.parametrize(
    ("first", "second", "away"),
    [
        (EmailUnavailable("connect lost", away=True), EmailUnavailable("connect refused", away=True), True),
        (EmailUnavailable("connect lost", away=True), EmailMisconfigured("401"), True),
        (EmailUnavailable("connect lost", away=True), EmailUnavailable("rcpt 450"), False),
        (EmailUnavailable("rcpt 450", retry_after=_LATER), EmailUnavailable("connect lost", away=True), False),
    ],
)
def test_a_chain_is_away_when_nobody_is_there(first, second, away):
    """
    Then no attempt is used up; as long as one link was there to be asked, its answer counts.
    """
    chain, *_ = _chain(first, second)
    with raises(EmailUnavailable) as raised:
        run(chain.send(_MESSAGE))
    assert raised.error.away is away


def test_a_check_checks_all():
    """
    A chain is sound when each link is; what an operator must see to comes first.
    """
    chain, first, second = _chain()
    run(chain.check())
    first.fault = EmailUnavailable("connect lost")
    with raises(EmailUnavailable) as raised:
        run(chain.check())
    assert raised.error.code == "first connect lost"
    second.fault = EmailMisconfigured("401")
    with raises(EmailMisconfigured) as raised:
        run(chain.check())
    assert raised.error.code == "second 401"


def test_every_link_is_closed():
    """
    A link that cannot be closed does not keep the others open.
    """
    chain, first, second = _chain()
    first.stuck = True
    with pytest.raises(OSError, match=r"^$"):
        run(chain.close())
    assert second.closed


_SOUND = {"SMTP_HOST": "mail.example", "SMTP_FROM_EMAIL": "todo@todo.example", "RESEND_API_KEY": "key"}


def _problems(provider: str, environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(InvalidEnvironment) as raised:
        load_email_service(provider, environment)
    return raised.value.problems


@pytest.mark.parametrize("provider", ["resend,smtp", "resend, smtp", " smtp ,resend"])
def test_names_make_a_chain(provider):
    """
    Several providers, separated by commas, are a chain.
    """
    assert isinstance(load_email_service(provider, _SOUND), ChainEmailService)


def test_what_is_wrong_with_any_link_is_told_at_once():
    """
    The faults of every link are told, each once.
    """
    assert _problems("resend,smtp", {}) == (
        "SMTP_FROM_EMAIL: is required",
        "RESEND_API_KEY: is required",
        "SMTP_HOST: is required",
    )


@pytest.mark.parametrize("provider", ["smtp,", ",smtp", "smtp,,resend", "smtp,pigeon"])
def test_each_name_must_be_known(provider):
    """
    A name that is none is told as such.
    """
    (problem,) = _problems(provider, _SOUND)
    assert problem.startswith("EMAIL_PROVIDER: must be one of ")


def test_no_link_comes_twice():
    """
    The same provider twice would fail twice for the same reason.
    """
    assert _problems("smtp, resend,smtp", _SOUND) == ("EMAIL_PROVIDER: names a provider twice",)


@pytest.mark.parametrize(
    ("given", "share"), [({}, 10.0), ({"SMTP_TIMEOUT": "6"}, 2.0), ({"SMTP_TIMEOUT_FILE": "timeout"}, 3.0)]
)
def test_the_links_share_the_time(monkeypatch, tmp_path, given, share):
    """
    Together they have as long as one provider would have, since the outbox lets nobody have a mail for longer.
    """
    (tmp_path / "timeout").write_text("9\n")
    code = (
        "from todo_adapters.environment import read\n"
        "from todo_adapters.sender import Sender\n"
        "def build(environment): return read(Sender, environment).timeout\n"
    )
    for name in "abc":
        (tmp_path / f"provider_{name}").mkdir()
        (tmp_path / f"provider_{name}" / "mail.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    chain = load_email_service("provider_a.mail,provider_b.mail,provider_c.mail", {**_SOUND, **given})
    assert list(chain._links.values()) == [share] * 3
