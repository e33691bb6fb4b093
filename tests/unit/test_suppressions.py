from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from tests.unit.driving import run
from todo_adapters.fakes import PlainMailHook
from todo_core.contracts.expectations import raises
from todo_core.errors import InvalidInput, InvalidSignature, NotFound
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.password import Password
from todo_core.model.suppression import MailEvent, MailEventKind, Suppression
from todo_core.use_cases.courier import Outcome
from todo_core.use_cases.suppressions import REMEMBERED

ANN = EmailAddress("ann@example.org")
BOB = EmailAddress("bob@example.org")
PASSWORD = Password("correct horse battery staple")


@pytest.fixture
def report(core, clock):
    """
    Return what hands the core a report of these events, as in ``report("bounce 1 ann@example.org")``.
    """

    def send(*events: str) -> None:
        body = "\n".join(f"{event} {clock.now().isoformat()}" for event in events).encode()
        headers = PlainMailHook().sign(body, at=clock.now())
        run(core.receive_mail_events(provider="plain", headers=headers, body=body))

    return send


@pytest.fixture
def suppression_of(in_work):
    """
    Return what looks up the suppression of an address.
    """
    return lambda address: in_work(lambda work: work.suppressions.by_address(address))


@pytest.fixture
def events_of(in_work):
    """
    Return what lists the kinds of a user's security events, newest first.
    """
    return lambda user: [event.kind for event in in_work(lambda work: work.events.of_user(user.id, limit=9))]


@pytest.mark.parametrize("kind", list(MailEventKind))
def test_mail_to_a_suppressed_address_is_buried(core, courier, enrol, report, inbox, kind):
    """
    After a bounce or a complaint a reset mail is dead with the reason, and nothing is sent.
    """
    enrol(ANN, PASSWORD)
    report(f"{kind} 1 ann@example.org")
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    (delivery,) = courier()
    assert (delivery.outcome, delivery.reason) == (Outcome.DEAD, f"suppressed ({kind})")
    assert inbox() == []


def test_other_addresses_get_their_mail(core, courier, enrol, report, inbox):
    """
    A suppression concerns one address.
    """
    enrol(ANN, PASSWORD)
    enrol(BOB, PASSWORD)
    report("bounce 1 bob@example.org")
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    assert [letter.to for letter in inbox()] == ["ann@example.org"]


def test_mail_without_an_account_says_nothing_of_a_suppression(core, courier, report):
    """
    A mail to nobody is dead for that reason, suppressed or not.
    """
    report("bounce 1 ann@example.org")
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    assert [delivery.reason for delivery in courier()] == ["no account"]


def test_no_token_is_made_for_a_suppressed_address(core, courier, enrol, report):
    """
    A link that cannot be sent is not made: one that was sent before still works.
    """
    enrol(ANN, PASSWORD)
    link = run(core.make_reset_link(email=ANN))
    report("bounce 1 ann@example.org")
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    assert run(core.check_password_reset(token=link.rpartition("=")[2], client="192.0.2.1"))


def test_the_owner_is_told_once(enrol, report, events_of):
    """
    A suppression is a security event of the account; another bounce is none, a complaint is one more.
    """
    ann = enrol(ANN, PASSWORD)
    report("bounce 1 ann@example.org")
    report("bounce 2 ann@example.org")
    assert events_of(ann) == [EventKind.EMAIL_SUPPRESSED]
    report("complaint 3 ann@example.org")
    assert events_of(ann) == [EventKind.EMAIL_SUPPRESSED] * 2


def test_an_address_without_an_account_is_suppressed_all_the_same(report, suppression_of, clock):
    """
    Nobody learns from a report who has an account, and whoever opens one later is not written to either.
    """
    report("bounce 1 ann@example.org")
    assert suppression_of(ANN) == Suppression(ANN, MailEventKind.BOUNCE, clock.now())


def test_a_suppression_dates_from_the_event(core, clock, suppression_of):
    """
    A report that comes late tells when the mail bounced.
    """
    bounced_at = clock.now() - timedelta(hours=5)
    body = f"bounce 1 ann@example.org {bounced_at.isoformat()}".encode()
    run(core.receive_mail_events(provider="plain", headers=PlainMailHook().sign(body, at=clock.now()), body=body))
    assert suppression_of(ANN).at == bounced_at


def test_several_events_in_one_report(report, suppression_of):
    """
    All events of a report are heard, the same one twice too; of a bounce and a complaint the complaint counts.
    """
    report(
        "complaint 9 bob@example.org",
        "bounce 5 ann@example.org",
        "bounce 5 ann@example.org",
        "bounce 1 bob@example.org",
    )
    assert suppression_of(ANN).reason is MailEventKind.BOUNCE
    assert suppression_of(BOB).reason is MailEventKind.COMPLAINT


def test_a_report_without_such_events_opens_no_unit_of_work(trace, clock):
    """
    Good news cost no trip to the database.
    """
    body = f"delivered 1 ann@example.org {clock.now().isoformat()}".encode()
    headers = PlainMailHook().sign(body, at=clock.now())
    calls = trace(lambda core: core.receive_mail_events(provider="plain", headers=headers, body=body))
    assert calls == ["mail_hooks.get", "clock.now"]


def test_an_event_is_heard_once(core, report, suppression_of):
    """
    An event that is reported again after an operator removed the suppression does not bring it back; a new one does.
    """
    report("bounce 1 ann@example.org")
    assert run(core.remove_suppression(email=ANN))
    report("bounce 1 ann@example.org")
    assert suppression_of(ANN) is None
    report("bounce 2 ann@example.org")
    assert suppression_of(ANN) is not None


def test_an_event_is_remembered_for_a_week(core, clock, report, suppression_of):
    """
    Ids are forgotten when no provider goes on repeating the report.
    """
    report("bounce 1 ann@example.org")
    run(core.remove_suppression(email=ANN))
    clock.pass_time(REMEMBERED)
    report("bounce 1 ann@example.org")
    assert suppression_of(ANN) is None
    clock.pass_time(timedelta(microseconds=1))
    report("bounce 1 ann@example.org")
    assert suppression_of(ANN) is not None


def test_providers_number_their_events_apart(build_core, ports, clock, suppression_of):
    """
    The first event of one provider is not the first event of another.
    """
    core = build_core(others=evolve(ports, mail_hooks={"one": PlainMailHook(), "other": PlainMailHook()}))
    for provider, address in (("one", ANN), ("other", BOB)):
        body = f"bounce 1 {address} {clock.now().isoformat()}".encode()
        headers = PlainMailHook().sign(body, at=clock.now())
        run(core.receive_mail_events(provider=provider, headers=headers, body=body))
    assert suppression_of(ANN)
    assert suppression_of(BOB)


def test_a_provider_without_a_hook(core):
    """
    A hook whose secret is not set is not there.
    """
    with raises(NotFound):
        run(core.receive_mail_events(provider="resend", headers={}, body=b""))


def test_what_is_not_signed_changes_nothing(core, clock, suppression_of):
    """
    A forged, altered or stale report is refused whole.
    """
    body = f"bounce 1 ann@example.org {clock.now().isoformat()}".encode()
    headers = PlainMailHook().sign(body, at=clock.now())
    for wrong in ({}, {**headers, "signature": "forged"}):
        with raises(InvalidSignature):
            run(core.receive_mail_events(provider="plain", headers=wrong, body=body))
    with raises(InvalidSignature):
        run(core.receive_mail_events(provider="plain", headers=headers, body=body.replace(b"ann", b"bob")))
    clock.pass_time(timedelta(minutes=5, seconds=1))
    with raises(InvalidSignature):
        run(core.receive_mail_events(provider="plain", headers=headers, body=body))
    assert suppression_of(ANN) is None


def test_the_latest_suppressions_are_listed(core, clock, report):
    """
    An operator sees the latest, newest first.
    """
    for number in range(3):
        report(f"bounce {number} person{number}@example.org")
        clock.pass_time(timedelta(minutes=1))
    listed = run(core.list_suppressions(limit=2))
    assert [suppression.address.text for suppression in listed] == ["person2@example.org", "person1@example.org"]


def test_removing_what_is_not_there(core):
    """
    Removing tells whether there was a suppression.
    """
    assert not run(core.remove_suppression(email=ANN))


def test_after_a_removal_mail_is_sent(core, courier, enrol, report, inbox):
    """
    An operator's removal ends a suppression, a complaint's too.
    """
    enrol(ANN, PASSWORD)
    report("complaint 1 ann@example.org")
    run(core.remove_suppression(email=ANN))
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    assert [letter.kind for letter in inbox()] == ["password_reset"]


def test_signing_up_again_ends_no_suppression(core, courier, report, inbox):
    """
    Anybody can type an address: that alone brings no mail back.
    """
    report("bounce 1 ann@example.org")
    run(core.register(email=ANN, password=PASSWORD, display_name=None, client="192.0.2.1"))
    assert [delivery.reason for delivery in courier()] == ["suppressed (bounce)"]
    assert inbox() == []


@pytest.mark.parametrize("wrong", ["", "two words", "a\x00b", "x" * 256, "é"])
def test_an_id_that_is_none(clock, wrong):
    """
    An event's id is visible ASCII of a bounded length, as all providers' are.
    """
    with raises(InvalidInput):
        MailEvent(wrong, ANN, MailEventKind.BOUNCE, clock.now())
