from datetime import timedelta

import pytest

from tests.unit.driving import run
from todo_adapters.fakes import PlainPasswordHasher
from todo_adapters.memory.people import MemoryTokenStore, MemoryUserStore
from todo_core.errors import InvalidInput, InvalidToken, TooManyRequests
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.password import Password
from todo_core.model.token import Purpose

ANN = EmailAddress("ann@example.org")
BOB = EmailAddress("bob@example.org")
PASSWORD = Password("a quiet old password")
OTHER = Password("somebody else's guess")


@pytest.fixture
def register(core):
    """
    Return what signs somebody up.
    """

    def sign_up(email=ANN, password=PASSWORD, client="192.0.2.1"):
        run(core.register(email=email, password=password, display_name="Ann", client=client))

    return sign_up


@pytest.fixture
def resend(core):
    """
    Return what asks for another verification mail.
    """
    return lambda email=ANN, client="192.0.2.1": run(core.resend_verification(email=email, client=client))


@pytest.fixture
def kinds_of_events(in_work):
    """
    Return what tells which events a user has, newest first.
    """
    return lambda user: [event.kind for event in in_work(lambda work: work.events.of_user(user.id, limit=10))]


def test_signing_up_and_verifying_the_address(register, courier, inbox, core, in_work, kinds_of_events):
    """
    Who signs up gets a mail, and whoever holds its link reads the mail of that address.
    """
    register()
    before = in_work(lambda work: work.users.by_email(ANN))
    courier()
    [letter] = inbox()
    run(core.verify_email(token=letter.token, client="192.0.2.1"))

    after = in_work(lambda work: work.users.by_email(ANN))
    assert (letter.to, letter.kind, before.display_name) == (ANN.text, "verify_email", "Ann")
    assert before.verified_at is None
    assert after.verified_at is not None
    assert kinds_of_events(after) == [EventKind.EMAIL_VERIFIED]


@pytest.mark.parametrize("locale", ["de", None])
def test_the_language_of_whoever_asks_is_the_mails(core, in_work, courier, locale):
    """
    It goes with each mail that they ask for, and becomes no choice of the account.
    """
    run(core.register(email=ANN, password=PASSWORD, display_name=None, client="192.0.2.1", locale=locale))
    [signed_up] = courier()
    run(core.resend_verification(email=ANN, client="192.0.2.1", locale=locale))
    [resent] = courier()
    run(core.request_password_reset(email=ANN, client="192.0.2.1", locale=locale))
    [reset] = courier()
    assert [delivery.mail.locale for delivery in (signed_up, resent, reset)] == [locale] * 3
    assert in_work(lambda work: work.users.by_email(ANN)).locale is None


def test_the_password_is_kept_hashed(register, in_work, hasher):
    """
    The hash is of the password that was chosen.
    """
    register()
    user = in_work(lambda work: work.users.by_email(ANN))
    assert run(hasher.verify(PASSWORD, user.password_hash))


def test_signing_up_with_a_taken_address_tells_its_owner(register, enrol, courier, inbox, in_work):
    """
    The account stays as it was, and nothing but the mail tells that there is one.
    """
    ann = enrol(ANN, PASSWORD)
    register(password=OTHER)
    courier()

    [letter] = inbox()
    assert (letter.to, letter.kind) == (ANN.text, "email_in_use")
    assert "link" not in letter.facts
    assert in_work(lambda work: work.users.by_email(ANN)) == ann


def test_signing_up_twice_without_verifying_sends_the_link_again(register, courier, inbox, clock):
    """
    Nobody has shown yet that the address is theirs, so there is no owner to tell.
    """
    register()
    courier()
    clock.pass_time(timedelta(minutes=1))
    register()
    courier()
    assert [letter.kind for letter in inbox()] == ["verify_email", "verify_email"]


def test_a_password_that_breaks_a_rule_opens_no_account(register, in_work, hasher):
    """
    It is refused before anything is hashed or kept.
    """
    with pytest.raises(InvalidInput) as refusal:
        register(password=Password("short"))
    assert refusal.value.field == "password"
    assert in_work(lambda work: work.users.by_email(ANN)) is None
    assert hasher == PlainPasswordHasher()


def test_one_client_signs_up_three_times_an_hour(register, clock):
    """
    The fourth is refused and says until when, whoever it is for; an hour later it may go on.
    """
    for name in "abc":
        register(EmailAddress(f"{name}@example.org"))
    with pytest.raises(TooManyRequests) as refusal:
        register(EmailAddress("d@example.org"))
    assert refusal.value.retry_after == timedelta(hours=1)
    clock.pass_time(timedelta(hours=1))
    register(EmailAddress("d@example.org"))


def test_one_address_is_signed_up_three_times_an_hour(register):
    """
    Many clients together cannot flood a mailbox.
    """
    for number in range(3):
        register(client=f"192.0.2.{number}")
    with pytest.raises(TooManyRequests):
        register(client="192.0.2.9")
    register(BOB, client="192.0.2.9")


def test_another_verification_mail_supersedes_the_first(register, resend, courier, inbox, clock, core):
    """
    The newest link is the one that works.
    """
    register()
    courier()
    clock.pass_time(timedelta(minutes=1))
    resend()
    courier()

    first, second = inbox()
    with pytest.raises(InvalidToken):
        run(core.verify_email(token=first.token, client="192.0.2.1"))
    run(core.verify_email(token=second.token, client="192.0.2.1"))


def test_a_verification_link_works_once(register, courier, inbox, core):
    """
    A link that was used is dead.
    """
    register()
    courier()
    [letter] = inbox()
    run(core.verify_email(token=letter.token, client="192.0.2.1"))
    with pytest.raises(InvalidToken):
        run(core.verify_email(token=letter.token, client="192.0.2.1"))


def test_a_verification_link_lives_for_a_day(register, courier, inbox, clock, core):
    """
    At the end of the day it is dead, however unused.
    """
    register()
    courier()
    [letter] = inbox()
    clock.pass_time(timedelta(days=1))
    with pytest.raises(InvalidToken):
        run(core.verify_email(token=letter.token, client="192.0.2.1"))


def test_the_account_is_held_before_its_link_is_used_up(register, courier, inbox, core, in_work, monkeypatch):
    """
    Whoever changes an account does it in this order, so that no two of them wait for each other.
    """
    register()
    courier()
    asked, hold, take = [], MemoryUserStore.hold, MemoryTokenStore.take

    def note_hold(store, user_id):
        asked.append(user_id)
        return hold(store, user_id)

    def note_take(store, token_id, *, purpose, now):
        asked.append("take")
        return take(store, token_id, purpose=purpose, now=now)

    monkeypatch.setattr(MemoryUserStore, "hold", note_hold)
    monkeypatch.setattr(MemoryTokenStore, "take", note_take)
    run(core.verify_email(token=inbox()[0].token, client="192.0.2.1"))
    assert asked == [in_work(lambda work: work.users.by_email(ANN)).id, "take"]


def test_a_reset_link_verifies_nothing(enrol, core, ports, courier, inbox):
    """
    A token is good for its purpose only, whatever its signature says.
    """
    enrol(ANN, PASSWORD)
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    [letter] = inbox()
    token_id = ports.link_signer.read(letter.token, purpose=Purpose.PASSWORD_RESET)
    for token in (letter.token, ports.link_signer.sign(token_id, purpose=Purpose.VERIFY_EMAIL)):
        with pytest.raises(InvalidToken):
            run(core.verify_email(token=token, client="192.0.2.1"))


@pytest.mark.parametrize("known", [True, False])
def test_who_needs_no_verification_gets_no_mail(known, enrol, resend, courier, inbox):
    """
    Neither a stranger nor somebody verified; the asking looks the same.
    """
    if known:
        enrol(ANN, PASSWORD)
    resend()
    [delivery] = courier()
    assert delivery.reason == ("already verified" if known else "no account")
    assert inbox() == []


def test_an_address_gets_three_verification_mails_an_hour_and_nobody_is_told(enrol, resend, courier, inbox, clock):
    """
    What is too much is dropped in silence.
    """
    enrol(ANN, PASSWORD, verified=False)
    for number in range(5):
        resend(client=f"192.0.2.{number}")
        courier()
        clock.pass_time(timedelta(minutes=1))
    assert len(inbox()) == 3


def test_one_client_asks_for_three_verification_mails_an_hour(resend):
    """
    The fourth is refused, for whichever address.
    """
    for name in "abc":
        resend(EmailAddress(f"{name}@example.org"))
    with pytest.raises(TooManyRequests):
        resend(EmailAddress("d@example.org"))
