from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from attrs import define, evolve

from tests.unit.driving import run
from todo_adapters.fakes import PlainPasswordHasher
from todo_core.errors import InvalidInput, InvalidToken, NotFound, TooManyRequests, Unauthenticated, WrongCredentials
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.ids import TokenId
from todo_core.model.mail import MailState
from todo_core.model.password import Password
from todo_core.model.token import Purpose

ANN = EmailAddress("ann@example.org")
BOB = EmailAddress("bob@example.org")
OLD = Password("a quiet old password")
NEW = Password("a brand new password")
THIRD = Password("yet another password")


@pytest.fixture
def ask(core):
    """
    Return what asks for a reset.
    """
    return lambda email=ANN, client="192.0.2.1": run(core.request_password_reset(email=email, client=client))


@pytest.fixture
def link(ask, courier, inbox, clock):
    """
    Return what asks for a reset, lets the courier answer and a second go by, and gives the token in the mail.
    """

    def asked(email=ANN, client="192.0.2.1"):
        ask(email, client)
        courier()
        clock.pass_time(timedelta(seconds=1))
        return inbox()[-1].token

    return asked


@pytest.fixture
def check(core):
    """
    Return what tells until when a link works.
    """
    return lambda token: run(core.check_password_reset(token=token, client="192.0.2.1"))


@pytest.fixture
def confirm(core):
    """
    Return what sets a new password.
    """
    return lambda token, new_password=NEW: run(
        core.confirm_password_reset(token=token, new_password=new_password, client="192.0.2.2")
    )


@pytest.fixture
def log_in(core):
    """
    Return what logs Ann in.
    """
    return lambda password: run(core.log_in(email=ANN, password=password, client="192.0.2.1"))


@pytest.fixture
def ann(enrol):
    """
    Enrol Ann, who will forget her password.
    """
    return enrol(ANN, OLD)


@pytest.mark.usefixtures("ann")
def test_a_forgotten_password_is_replaced(ask, courier, inbox, confirm, log_in):
    """
    Ask, read the mail, choose a new password: that one counts, and the old one no longer.
    """
    ask()
    courier()
    [letter] = inbox()
    confirm(letter.token)

    assert (letter.to, letter.kind) == (ANN.text, "password_reset")
    assert log_in(NEW)
    with pytest.raises(WrongCredentials):
        log_in(OLD)


@pytest.mark.usefixtures("ann")
def test_asking_changes_nothing_of_the_account(ask, courier, log_in):
    """
    Nobody is kept out because somebody else asked.
    """
    session = log_in(OLD).caller
    ask()
    courier()
    assert log_in(OLD).caller.user == session.user


@pytest.mark.usefixtures("ann")
def test_a_link_works_once(link, confirm, check, log_in):
    """
    A link that was used is dead, and the password it set stays.
    """
    token = link()
    confirm(token)
    with pytest.raises(InvalidToken):
        confirm(token, THIRD)
    with pytest.raises(InvalidToken):
        check(token)
    assert log_in(NEW)


@pytest.mark.usefixtures("ann")
def test_looking_at_a_link_consumes_nothing(link, check, confirm, clock):
    """
    A scanner that opens the link first takes nothing from its reader.
    """
    token = link()
    expires_at = clock.now() + timedelta(minutes=59, seconds=59)
    assert [check(token) for _ in range(3)] == [expires_at] * 3
    confirm(token)


@pytest.mark.usefixtures("ann")
def test_a_link_works_until_its_last_second(link, check, confirm, clock, log_in):
    """
    A second before an hour is over.
    """
    token = link()
    clock.pass_time(check(token) - clock.now() - timedelta(seconds=1))
    confirm(token)
    assert log_in(NEW)


@pytest.mark.usefixtures("ann")
def test_a_link_expires_at_the_second(link, check, confirm, clock, log_in):
    """
    When the hour is over, it is dead.
    """
    token = link()
    clock.pass_time(check(token) - clock.now())
    with pytest.raises(InvalidToken):
        check(token)
    with pytest.raises(InvalidToken):
        confirm(token)
    assert log_in(OLD)


def test_the_life_of_a_link_is_the_operators_choice(enrol, build_core, inbox, clock):
    """
    The mail tells how long it lasts.
    """
    enrol(ANN, OLD)
    core = build_core(reset_life=timedelta(minutes=90))
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    run(core.deliver_mail())

    [letter] = inbox()
    expires_at = clock.now() + timedelta(minutes=90)
    assert run(core.check_password_reset(token=letter.token, client="192.0.2.1")) == expires_at
    assert letter.facts["minutes"] == "90"
    assert letter.facts["expires_at"] == expires_at.isoformat()


@pytest.mark.usefixtures("ann")
def test_a_newer_link_supersedes_an_older(link, check, confirm, log_in):
    """
    Only the one in the latest mail works.
    """
    first, second = link(), link()
    with pytest.raises(InvalidToken):
        check(first)
    with pytest.raises(InvalidToken):
        confirm(first)
    confirm(second)
    assert log_in(NEW)


@pytest.mark.usefixtures("ann")
def test_a_used_link_does_not_revive_the_one_it_superseded(link, confirm):
    """
    An older link stays dead.
    """
    first, second = link(), link()
    confirm(second)
    with pytest.raises(InvalidToken):
        confirm(first, THIRD)


@pytest.mark.usefixtures("ann")
def test_of_two_links_of_one_moment_using_one_ends_the_other(ask, courier, inbox, confirm, log_in):
    """
    Neither is later, so either works, but not both.
    """
    ask()
    courier()
    ask()
    courier()
    one, other = inbox()
    confirm(one.token)
    with pytest.raises(InvalidToken):
        confirm(other.token, THIRD)
    assert log_in(NEW)


@pytest.mark.usefixtures("ann")
def test_asking_again_before_the_mail_is_sent_sends_one_mail(ask, courier, inbox, clock, check):
    """
    The one that waits is joined, and lives as long as if it were the newer.
    """
    ask()
    clock.pass_time(timedelta(minutes=30))
    ask()
    courier()
    [letter] = inbox()
    assert check(letter.token) == clock.now() + timedelta(hours=1)


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("new_password", [Password("short"), Password(ANN.text)])
def test_a_password_that_breaks_a_rule_leaves_the_link_alive(new_password, link, confirm, log_in):
    """
    Nothing has changed, and the reader may choose better.
    """
    token = link()
    with pytest.raises(InvalidInput) as refusal:
        confirm(token, new_password)
    assert refusal.value.field == "new_password"
    assert log_in(OLD)
    confirm(token)
    assert log_in(NEW)


@pytest.mark.usefixtures("ann")
def test_every_session_ends(link, confirm, log_in, core, enrol):
    """
    Wherever the account was used, but no other account's; and nobody is logged in by a reset.
    """
    enrol(BOB, OLD)
    bob = run(core.log_in(email=BOB, password=OLD, client="192.0.2.9"))
    here, there = log_in(OLD), log_in(OLD)
    assert confirm(link()) is None

    for session in (here, there):
        with pytest.raises(Unauthenticated):
            run(core.who_am_i(access_token=session.access_token))
    assert run(core.who_am_i(access_token=bob.access_token)) == bob.caller


def test_the_calendar_ends(ann, link, confirm, core):
    """
    Whoever used the account may have made an address to read it by.
    """
    secret = run(core.make_calendar(owner_id=ann.id)).secret
    confirm(link())
    with pytest.raises(NotFound):
        run(core.read_calendar(secret=secret))


def test_the_owner_is_told_by_mail(ann, link, confirm, courier, inbox, in_work):
    """
    Without a link, and the event is noted.
    """
    confirm(link())
    courier()
    letter = inbox()[-1]
    assert (letter.to, letter.kind) == (ANN.text, "password_changed")
    assert "link" not in letter.facts
    [event] = in_work(lambda work: work.events.of_user(ann.id, limit=10))
    assert event.kind is EventKind.PASSWORD_RESET


@pytest.mark.usefixtures("ann")
def test_a_token_we_did_not_sign_is_worth_nothing(link, check, confirm, log_in):
    """
    Forged or altered, it is told apart from nothing; the genuine one is none the worse for it.
    """
    genuine = link()
    another = "0" if genuine.endswith("1") else "1"
    for token in ("", "nonsense", "\u00e9\0", genuine[:-1], f"{genuine[:-1]}{another}", f"{genuine}{another}"):
        with pytest.raises(InvalidToken):
            check(token)
        with pytest.raises(InvalidToken):
            confirm(token)
    confirm(genuine)
    assert log_in(NEW)


def test_a_token_we_never_issued_is_worth_nothing(ports, check, confirm):
    """
    A good signature is not enough.
    """
    token = ports.link_signer.sign(TokenId(UUID(int=7)), purpose=Purpose.PASSWORD_RESET)
    with pytest.raises(InvalidToken):
        check(token)
    with pytest.raises(InvalidToken):
        confirm(token)


def test_a_verification_link_resets_nothing(enrol, link, ports, check, confirm):
    """
    A token is good for its purpose only, whatever its signature says.
    """
    enrol(ANN, OLD, verified=False)
    verification = link()
    token_id = ports.link_signer.read(verification, purpose=Purpose.VERIFY_EMAIL)
    for token in (verification, ports.link_signer.sign(token_id, purpose=Purpose.PASSWORD_RESET)):
        with pytest.raises(InvalidToken):
            check(token)
        with pytest.raises(InvalidToken):
            confirm(token)


def test_a_link_of_an_account_disabled_since_is_dead(ann, link, confirm, in_work, clock):
    """
    An operator's word counts from then on.
    """
    token = link()
    in_work(lambda work: work.users.set_disabled(ann.id, at=clock.now()))
    with pytest.raises(InvalidToken):
        confirm(token)
    assert in_work(lambda work: work.users.by_id(ann.id)).password_hash == ann.password_hash


@define
class SlowPasswordHasher(PlainPasswordHasher):
    """
    A hasher that takes so long that other things happen ``meanwhile``.
    """

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def hash(self, password):
        """
        Let the other thing happen first, once.
        """
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await super().hash(password)


@pytest.mark.usefixtures("ann")
def test_a_link_used_while_the_password_is_hashed_is_used(link, core, ports, build_core, log_in, courier, inbox):
    """
    Of two readers at once one wins, and the other changes nothing.
    """
    token = link()
    hasher = SlowPasswordHasher(
        meanwhile=lambda: core.confirm_password_reset(token=token, new_password=NEW, client="192.0.2.1")
    )
    slow = build_core(others=evolve(ports, hasher=hasher))
    with pytest.raises(InvalidToken):
        run(slow.confirm_password_reset(token=token, new_password=THIRD, client="192.0.2.1"))

    courier()
    assert [letter.kind for letter in inbox()] == ["password_reset", "password_changed"]
    assert log_in(NEW)


@pytest.fixture(params=["a known address", "an unknown address", "a disabled account", "an unverified address"])
def whom(request, enrol):
    """
    Put Ann into the stores, or leave her out, and return which it was.
    """
    if request.param != "an unknown address":
        disabled, verified = request.param == "a disabled account", request.param != "an unverified address"
        enrol(ANN, OLD, disabled=disabled, verified=verified)
    return request.param


@pytest.mark.usefixtures("whom")
def test_asking_does_the_same_for_everybody(trace):
    """
    One mail is put into the outbox, and nobody is looked up, hashed or written to.
    """
    calls = trace(lambda core: core.request_password_reset(email=ANN, client="192.0.2.1"))
    assert calls == [
        "rate_limiter.hit",
        "rate_limiter.hit",
        "begin",
        "outbox.add",
        "clock.now",
        "randomness.draw",
        "end",
    ]


@pytest.mark.usefixtures("whom")
def test_asking_too_often_does_the_same_for_everybody(ask, trace):
    """
    Nothing is kept, and nothing else is done.
    """
    for _ in range(3):
        ask()
    calls = trace(lambda core: core.request_password_reset(email=ANN, client="192.0.2.1"))
    assert calls == ["rate_limiter.hit", "rate_limiter.hit"]


def test_what_is_sent_to_whom(whom, ask, courier, inbox):
    """
    Only the owner of an account learns that there is one, and a reset link goes to a verified address only.
    """
    ask()
    [delivery] = courier()
    sent = {"a known address": ["password_reset"], "an unverified address": ["verify_email"]}.get(whom, [])
    assert [letter.kind for letter in inbox()] == sent
    assert (delivery.reason is None) == bool(sent)


def test_an_unverified_address_is_verified_before_its_password_is_reset(enrol, link, core, confirm, log_in):
    """
    The mail that answers holds the verification link; asking again brings the reset link.
    """
    enrol(ANN, OLD, verified=False)
    run(core.verify_email(token=link(), client="192.0.2.1"))
    confirm(link())
    assert log_in(NEW)


@pytest.mark.usefixtures("ann")
def test_an_address_gets_three_mails_an_hour_and_nobody_is_told(ask, courier, inbox, clock):
    """
    What is too much is dropped in silence, however many clients ask; then it may go on.
    """
    for number in range(5):
        ask(client=f"192.0.2.{number}")
        courier()
        clock.pass_time(timedelta(minutes=1))
    assert len(inbox()) == 3

    clock.pass_time(timedelta(hours=1))
    ask()
    courier()
    assert len(inbox()) == 4


@pytest.mark.usefixtures("ann")
def test_the_limit_does_not_mind_how_the_address_is_written(ask, courier, inbox):
    """
    Capitals are no way around it.
    """
    for text in ("ann@example.org", "Ann@example.org", "ANN@example.org", " ann@EXAMPLE.org"):
        ask(EmailAddress(text))
        courier()
    assert len(inbox()) == 3


@pytest.mark.usefixtures("ann")
def test_a_throttled_address_keeps_its_latest_link(link, ask, confirm, log_in):
    """
    Asking too often takes nothing away.
    """
    link()
    link()
    token = link()
    ask()
    confirm(token)
    assert log_in(NEW)


def test_a_client_asks_twenty_times_an_hour(ask):
    """
    The next is refused, whichever address it is for, and tells how long to wait; another client may ask.
    """
    for number in range(20):
        ask(EmailAddress(f"person{number}@example.org"))
    with pytest.raises(TooManyRequests) as refusal:
        ask()
    assert (refusal.value.name, refusal.value.retry_after) == ("reset-client", timedelta(hours=1))
    ask(client="192.0.2.2")


@pytest.mark.usefixtures("ann")
def test_the_outbox_holds_no_link(ask, courier, inbox, in_work):
    """
    Neither before the mail is sent nor after.
    """
    ask()
    [delivery] = courier()
    [letter] = inbox()
    kept = in_work(lambda work: work.outbox.by_id(delivery.mail.id))
    assert kept.state is MailState.SENT
    for mail in (delivery.mail, kept):
        assert letter.token not in repr(mail)
        assert dict(mail.facts) == {}


def test_the_notice_is_in_the_language_of_whoever_reset(enrol, core, courier, inbox):
    """
    Somebody who read the reset mail in German reads in German, too, that it was used.
    """
    enrol(ANN, OLD)
    run(core.request_password_reset(email=ANN, client="192.0.2.1", locale="de"))
    courier()
    run(core.confirm_password_reset(token=inbox()[-1].token, new_password=NEW, locale="de", client="192.0.2.1"))
    assert run(core.deliver_mail()).mail.locale == "de"
