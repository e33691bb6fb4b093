"""
A provider reports a bounce, and no more mail goes to that address; nobody else can say so.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from attrs import evolve
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for
from tests.support.mail_reports import Postmark, Resend, Sendgrid
from tests.support.people import Person
from tests.support.server import TodoServer, eventually, run_todo
from tests.support.smtp import SmtpServer
from todo_core.contracts.mail_hook import News, Report, Reporter
from todo_web.decoding import LARGEST_REPORT

PROVIDERS = {"sendgrid": Sendgrid(), "postmark": Postmark(), "resend": Resend()}
SECRETS = {
    "SENDGRID_WEBHOOK_PUBLIC_KEY": PROVIDERS["sendgrid"].verification_key,
    "POSTMARK_WEBHOOK_PASSWORD": PROVIDERS["postmark"].password,
    "RESEND_WEBHOOK_SECRET": PROVIDERS["resend"].secret,
}
STRANGERS = {
    "sendgrid": Sendgrid(),
    "postmark": Postmark(password="guessed"),
    "resend": Resend(secret="whsec_c29tZSBvdGhlciBzZWNyZXQ="),
}
_OF_EACH_REQUEST = {"date", "x-request-id"}


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    """
    Return settings of a deployment whose providers report.
    """
    return {**settings, **SECRETS}


@pytest.fixture
def client(database_url: str) -> Generator[TestClient]:
    """
    Yield a client of a program whose providers report.
    """
    container, _ = container_for(database_url, COURIER="apart", **SECRETS)
    with client_of(container) as client:
        yield client


def _now(reporter: Reporter) -> Reporter:
    return evolve(reporter, now=datetime.now(UTC))


def _post(client: TestClient, provider: str, report: Report) -> tuple[int, str]:
    answer = client.post(f"/api/v1/hooks/mail/{provider}", content=report.body, headers=dict(report.headers))
    return answer.status_code, answer.json()["type"].rpartition("/")[2] if answer.content else ""


def _suppressed(database_url: str) -> list[tuple[str, str]]:
    with psycopg.connect(database_url) as connection:
        return connection.execute("SELECT address, reason FROM suppressions ORDER BY address").fetchall()


def test_a_bounce_ends_the_mail_to_an_address_and_changes_no_answer(
    server: TodoServer, mail: SmtpServer, settings: dict[str, str], tmp_path: Path
) -> None:
    """
    After a signed report the next reset mail is dead with the reason.

    The answer to the request is the same, and an operator can end it.
    """
    ann = Person(server, mail)
    ann.sign_up()
    ann.forget_password()
    with server.client() as client, psycopg.connect(settings["DATABASE_URL"], autocommit=True) as connection:

        def ask(email: str) -> tuple[int, bytes, list[tuple[str, str]]]:
            answer = client.post("/auth/password-reset", json={"email": email})
            headers = ((name.lower(), value) for name, value in answer.headers.multi_items())
            return (
                answer.status_code,
                answer.content,
                sorted(kept for kept in headers if kept[0] not in _OF_EACH_REQUEST),
            )

        report = _now(PROVIDERS["resend"]).tell(News.HARD_BOUNCE)
        answer = client.post("/hooks/mail/resend", content=report.body, headers=dict(report.headers))
        assert (answer.status_code, answer.content) == (200, b"")
        assert ask(ann.email) == ask("nobody@example.org")
        dead = "SELECT last_error FROM outbox WHERE address = %s AND state = 'dead'"
        assert eventually(lambda: connection.execute(dead, [ann.email]).fetchall()) == [("suppressed (bounce)",)]
        noted = "SELECT count(*) FROM security_events WHERE kind = 'email_suppressed'"
        assert connection.execute(noted).fetchone() == (1,)
    assert len(ann.letters("Reset")) == 1

    def todo(*arguments: str) -> tuple[int, str]:
        run = run_todo("suppressions", *arguments, settings=settings, folder=tmp_path)
        return run.returncode, (run.stdout + run.stderr).strip()

    assert todo("list")[1].endswith("Z  bounce     a***@e***.org")
    assert todo("list", "--show-addresses")[1].endswith("ann@example.org")
    assert todo("remove", "Ann@Example.org") == (0, "That address gets mail again.")
    assert todo("remove", ann.email) == (1, "That address is not suppressed.")
    assert todo("list") == (0, "")
    ann.forget_password(number=2)


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_a_signed_report_is_kept(client: TestClient, database_url: str, provider: str) -> None:
    """
    Each provider's bounces and complaints are kept, of addresses without an account too; soft bounces are not.
    """
    reporter = _now(PROVIDERS[provider])
    assert _post(client, provider, reporter.tell(News.SOFT_BOUNCE, number=1)) == (200, "")
    assert _post(client, provider, reporter.tell(News.DELIVERY, number=2)) == (200, "")
    assert _suppressed(database_url) == []
    assert _post(client, provider, reporter.tell(News.HARD_BOUNCE, number=3)) == (200, "")
    assert _post(client, provider, reporter.tell(News.COMPLAINT, number=4, address="bob@example.org")) == (200, "")
    assert _suppressed(database_url) == [("ann@example.org", "bounce"), ("bob@example.org", "complaint")]


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_a_forged_report_changes_nothing(client: TestClient, database_url: str, provider: str) -> None:
    """
    What is signed with another secret, or not at all, is refused, whatever it says.
    """
    stranger = _now(STRANGERS[provider])
    report = stranger.tell(News.HARD_BOUNCE)
    refused = (403, "invalid-signature")
    assert _post(client, provider, report) == refused
    assert _post(client, provider, Report({}, report.body)) == refused
    assert _post(client, provider, stranger.sign(b"{")) == refused
    assert _suppressed(database_url) == []


@pytest.mark.parametrize("provider", ["sendgrid", "resend"])
def test_an_altered_or_stale_report_changes_nothing(client: TestClient, database_url: str, provider: str) -> None:
    """
    One byte more or less, or five minutes too late, and a report is refused.
    """
    reporter = _now(PROVIDERS[provider])
    report = reporter.tell(News.HARD_BOUNCE)
    refused = (403, "invalid-signature")
    assert _post(client, provider, evolve(report, body=report.body.replace(b"ann@", b"bob@"))) == refused
    assert _post(client, provider, evolve(report, body=report.body + b"\n")) == refused
    stale = evolve(reporter, now=datetime.now(UTC) - timedelta(minutes=6))
    assert _post(client, provider, stale.tell(News.HARD_BOUNCE)) == refused
    assert _suppressed(database_url) == []


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_a_replayed_report_changes_nothing(client: TestClient, database_url: str, provider: str) -> None:
    """
    A report that comes once more, after an operator removed the suppression, is accepted and changes nothing.
    """
    report = _now(PROVIDERS[provider]).tell(News.HARD_BOUNCE)
    assert _post(client, provider, report) == (200, "")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM suppressions")
    assert _post(client, provider, report) == (200, "")
    assert _suppressed(database_url) == []


def test_a_signed_report_of_another_form(client: TestClient) -> None:
    """
    What a provider signed but does not document is named as such.
    """
    for provider, reporter in PROVIDERS.items():
        assert _post(client, provider, _now(reporter).sign(b"{")) == (422, "invalid-input")


def test_a_report_that_is_too_large(client: TestClient) -> None:
    """
    A report has an end, before anybody looks at what it says; up to there a batch of many events is taken.
    """
    assert _post(client, "resend", _now(PROVIDERS["resend"]).sign(b" " * (LARGEST_REPORT + 1))) == (413, "too-large")
    large = _now(PROVIDERS["sendgrid"]).sign(b"[" + b" " * (LARGEST_REPORT - 2) + b"]")
    assert _post(client, "sendgrid", large) == (200, "")


def test_a_hook_without_a_secret(database_url: str) -> None:
    """
    A provider whose secret is not set, and one that nobody knows, are not there.
    """
    container, _ = container_for(
        database_url, COURIER="apart", POSTMARK_WEBHOOK_PASSWORD=SECRETS["POSTMARK_WEBHOOK_PASSWORD"]
    )
    report = _now(PROVIDERS["resend"]).tell(News.HARD_BOUNCE)
    with client_of(container) as client:
        assert _post(client, "resend", report) == (404, "not-found")
        assert _post(client, "nobody", report) == (404, "not-found")
        assert _post(client, "postmark", PROVIDERS["postmark"].tell(News.HARD_BOUNCE)) == (200, "")


def test_guesses_are_counted_and_reports_are_not(database_url: str) -> None:
    """
    A provider may report as often as it likes; whoever guesses at a secret has as many tries as any client.
    """
    limited = {"RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_PER_MINUTE": "3"}
    container, _ = container_for(database_url, COURIER="apart", **SECRETS, **limited)
    report, forged = (signed.tell(News.HARD_BOUNCE) for signed in (PROVIDERS["postmark"], STRANGERS["postmark"]))
    with client_of(container) as client:
        assert {_post(client, "postmark", report)[0] for _ in range(5)} == {200}
        assert [_post(client, "postmark", forged)[0] for _ in range(4)] == [403, 403, 403, 429]
