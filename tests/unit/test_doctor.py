from __future__ import annotations

import json
from datetime import timedelta

import pytest
from attrs import evolve, frozen

from tests.unit.driving import run
from todo_adapters.email.smtp.settings import Security
from todo_adapters.email.smtp.steps import steps_of
from todo_adapters.fakes import RecordingEmailService
from todo_core.errors import EmailError, EmailMisconfigured, EmailRejected, EmailUnavailable, Unavailable
from todo_core.model.email import EmailAddress
from todo_web.doctor import advice
from todo_web.doctor.advice import advice_on_mail, advice_on_place
from todo_web.doctor.examination import MOST_SKEW, Doctor
from todo_web.doctor.findings import Advice, Finding, State
from todo_web.doctor.report import as_json, is_sound, told
from todo_web.settings.catalog import catalog

ANN = EmailAddress("ann@example.org")
PLACES = ("database", "clock", "schema", "outbox", "redis")
NAMED = ("database", "schema", "outbox", "redis", "more")
KNOWN = {setting.name for setting in catalog()} | {"SSL_CERT_FILE"}
MAIL_ADVICE = [*advice._SMTP.values(), *advice._API.values(), *advice._FAILURES.values(), advice._UNKNOWN]
ALL_ADVICE = [*advice._PLACES.values(), *MAIL_ADVICE]
SMTP_STEPS = sorted({step for security in Security for walk in steps_of(security, with_account=True) for step in walk})


@frozen
class Stubborn(RecordingEmailService):
    """
    A service that names its steps and fails, when checked, as it is told.
    """

    error: Exception | None = None

    @property
    def steps(self):
        """
        Name what a check and a message go through.
        """
        return ("resolve", "connect", "login"), ("mail", "rcpt", "data")

    async def check(self):
        """
        Fail with ``error``, if there is one.
        """
        if self.error is not None:
            raise self.error


async def _sound() -> None:
    pass


async def _broken() -> None:
    raise Unavailable("it is away")


@pytest.fixture
def doctor(ports, clock):
    """
    Return what builds a doctor around a service, whose probes are sound but for those named.
    """

    def build(email, *broken: str, skew: timedelta = timedelta(0)) -> Doctor:
        async def database_time():
            if "database" in broken:
                raise Unavailable
            return clock.now() + skew

        probes = {name: _broken if name in broken else _sound for name in NAMED}
        return Doctor(
            ports=evolve(ports, email=email),
            probes=probes,
            database_time=database_time,
            provider="smtp",
            host="todo.example",
        )

    return build


def _examine(doctor: Doctor, recipient: EmailAddress | None = None) -> list[Finding]:
    async def collect() -> list[Finding]:
        return [finding async for finding in doctor.examine(recipient=recipient)]

    findings: list[Finding] = run(collect())
    return findings


def _states(findings: list[Finding]) -> dict[str, str]:
    return {finding.step: finding.state.value for finding in findings}


def test_all_is_well(doctor, post):
    """
    Each place is looked at, and then the way to the provider; nothing is sent unasked.
    """
    findings = _examine(doctor(post))
    assert [finding.step for finding in findings] == [*PLACES, "more", "check"]
    assert is_sound(findings)
    assert post.sent == []


def test_a_message_is_sent_when_asked_for(doctor, post):
    """
    One message goes to the recipient, through the service that real mail takes, with a Message-ID of its own.
    """
    findings = _examine(doctor(post), ANN)
    assert findings[-1] == Finding("send", State.PASSED)
    (message,) = post.sent
    assert message.to == ANN
    assert message.message_id.endswith("@todo.example")
    assert "todo doctor" in message.text
    assert "todo doctor" in message.html
    assert "http" not in message.text + message.html


@pytest.mark.parametrize(
    ("broken", "skipped"), [("database", ("clock", "schema", "outbox", "more")), ("schema", ("outbox", "more"))]
)
def test_what_needs_a_broken_step_is_skipped(doctor, post, broken, skipped):
    """
    Nothing is asked of what stands on something broken; mail does not stand on the database.
    """
    findings = _examine(doctor(post, broken))
    assert [finding.step for finding in findings if finding.state is State.SKIPPED] == list(skipped)
    (failed,) = [finding for finding in findings if finding.state is State.FAILED]
    assert (failed.step, failed.found, failed.advice) == (broken, "it is away", advice_on_place(broken))
    assert findings[-1] == Finding("check", State.PASSED)


@pytest.mark.parametrize("step", ["outbox", "redis"])
def test_an_outbox_that_is_stuck_stops_nothing(doctor, post, step):
    """
    A probe that nothing stands on, such as Redis's, does not stop the others.
    """
    states = _states(_examine(doctor(post, step)))
    assert (states[step], states["more"], states["check"]) == ("failed", "passed", "passed")


@pytest.mark.parametrize(
    ("skew", "state"),
    [
        (MOST_SKEW, State.PASSED),
        (-MOST_SKEW, State.PASSED),
        (MOST_SKEW + timedelta(seconds=1), State.FAILED),
        (-MOST_SKEW - timedelta(seconds=1), State.FAILED),
    ],
)
def test_clocks_that_differ(doctor, post, skew, state):
    """
    A clock is wrong when the database's differs by more than ten seconds, before or after.
    """
    finding = next(finding for finding in _examine(doctor(post, skew=skew)) if finding.step == "clock")
    assert finding.state is state
    assert finding.found == (None if state is State.PASSED else f"{skew.total_seconds():+.0f} s at the database")


def test_the_failing_step_is_named(doctor):
    """
    The steps before the failing one passed; those behind, the message's too, were not tried.
    """
    service = Stubborn(error=EmailUnavailable("connect timeout"))
    states = _states(_examine(doctor(service), ANN)[6:])
    assert states == {
        "resolve": "passed",
        "connect": "failed",
        "login": "skipped",
        "mail": "skipped",
        "rcpt": "skipped",
        "data": "skipped",
    }
    assert service.sent == []


def test_a_message_that_fails(doctor):
    """
    What only a message shows is named among the message's steps.
    """
    service = Stubborn(failures=[EmailRejected("rcpt 550")])
    states = _states(_examine(doctor(service), ANN)[6:])
    assert list(states.values()) == ["passed", "passed", "passed", "passed", "failed", "skipped"]


@pytest.mark.parametrize(
    ("error", "found"), [(EmailMisconfigured("401"), "401"), (ValueError("hunter2"), "failed: ValueError")]
)
def test_a_failure_without_a_step(doctor, error, found):
    """
    A code that names no step, and an exception that should not be, count against the first step, told by its name only.
    """
    failed = _examine(doctor(Stubborn(error=error)))[6]
    assert (failed.step, failed.state, failed.found) == ("resolve", State.FAILED, found)
    assert failed.advice == advice_on_mail(error, provider="smtp")
    assert "hunter2" not in told(failed)


@pytest.mark.parametrize("words", ALL_ADVICE, ids=lambda words: words.cause)
def test_advice_is_in_sentences_that_name_real_settings(words):
    """
    Cause and remedy are whole sentences, and a setting they name can be set.
    """
    for sentences in (words.cause, words.remedy):
        assert sentences[0].isupper()
        assert sentences.endswith(".")
    assert set(words.settings) <= KNOWN


def test_every_key_is_a_setting():
    """
    The names of the keys of providers are those of settings, all of them secret.
    """
    assert set(advice._KEYS.values()) <= {setting.name for setting in catalog() if setting.secret}


@pytest.mark.parametrize("step", SMTP_STEPS)
@pytest.mark.parametrize("reason", ["421", "451", "530", "550", "-1", "timeout", "lost"])
def test_every_step_of_smtp_has_advice(step, reason):
    """
    Whatever a mail server answers, wherever, there is a row for it.
    """
    found = advice_on_mail(EmailUnavailable(f"{step} {reason}"), provider="smtp")
    assert found in advice._SMTP.values()


@pytest.mark.parametrize(
    ("error", "row"),
    [
        (EmailMisconfigured("login 535"), "login 535"),
        (EmailMisconfigured("login 554"), "login 5xx"),
        (EmailMisconfigured("login 530"), "* 530"),
        (EmailMisconfigured("mail 530"), "* 530"),
        (EmailMisconfigured("mail 553"), "mail 5xx"),
        (EmailUnavailable("mail 450"), "* 4xx"),
        (EmailUnavailable("ehlo -1"), "* -1"),
        (EmailUnavailable("connect timeout"), "connect timeout"),
        (EmailUnavailable("rcpt timeout"), "* timeout"),
    ],
)
def test_the_row_that_says_most_counts(error, row):
    """
    A row for the very code comes before one for its reason, and that before one for its kind.
    """
    assert advice_on_mail(error, provider="smtp") == advice._SMTP[row]
    chained = type(error)(f"smtp {error.code}")
    assert advice_on_mail(chained, provider="resend, smtp") == advice._SMTP[row]


@pytest.mark.parametrize("kind", [EmailMisconfigured, EmailUnavailable, EmailRejected])
def test_a_code_nobody_knows(kind: type[EmailError]):
    """
    A provider of somebody else's gets the advice of its failure's kind.
    """
    assert advice_on_mail(kind("beak-lost"), provider="acme_mail.pigeon").cause == advice._FAILURES[kind].cause


@pytest.mark.parametrize(
    ("provider", "key"),
    [
        ("sendgrid", "SENDGRID_API_KEY"),
        ("postmark", "POSTMARK_SERVER_TOKEN"),
        ("resend", "RESEND_API_KEY"),
        ("acme_mail.pigeon", "the provider's key"),
    ],
)
def test_the_key_that_is_wrong_is_named(provider, key):
    """
    A provider with an API that does not know us is told by the setting that holds its key, in a chain too.
    """
    for code in ("401", "401 invalid_api_key", "403", "400 from"):
        error = EmailMisconfigured(code)
        assert key in advice_on_mail(error, provider=provider).remedy
        chained = EmailMisconfigured(f"{provider} {code}")
        assert advice_on_mail(chained, provider=f"smtp,{provider}") == advice_on_mail(error, provider=provider)


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("429", "429"),
        ("503", "5xx"),
        ("302", "3xx"),
        ("500 internal_error", "5xx"),
        ("connect timeout", "connect timeout"),
        ("answer timeout", "* timeout"),
        ("write Permission denied", "write"),
    ],
)
def test_an_api_has_a_table_of_its_own(code, row):
    """
    What an API answers is not taken for a mail server's answer.
    """
    assert advice_on_mail(EmailUnavailable(code), provider="resend") == advice._API[row]


def test_findings_for_people():
    """
    A line a step, and under one that failed the cause and the remedy, none of it wider than a terminal.
    """
    words = Advice("It is so. " * 20, "Change SMTP_HOST, and then SMTP_PORT, and SMTP_HOST again.")
    lines = told(Finding("login", State.FAILED, "login 535", words)).splitlines()
    assert lines[0] == "FAILED  login        login 535"
    assert lines[-1].strip().startswith("Change SMTP_HOST")
    assert max(map(len, lines)) < 80
    assert told(Finding("login", State.PASSED)) == "ok      login"
    assert told(Finding("login", State.SKIPPED)) == "-       login"


def test_findings_for_machines():
    """
    JSON has every step with its state, and for a failure cause, remedy and the settings to change, each once.
    """
    words = Advice("It is so.", "Change SMTP_HOST, and then SMTP_PORT, and SMTP_HOST again.")
    document = json.loads(as_json([Finding("a", State.PASSED), Finding("b", State.FAILED, "b 535", words)]))
    assert document == {
        "sound": False,
        "findings": [
            {"step": "a", "state": "passed", "found": None},
            {
                "step": "b",
                "state": "failed",
                "found": "b 535",
                "cause": words.cause,
                "remedy": words.remedy,
                "settings": ["SMTP_HOST", "SMTP_PORT"],
            },
        ],
    }
