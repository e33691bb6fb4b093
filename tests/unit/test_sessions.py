from datetime import timedelta

import pytest

from tests.unit.driving import run
from todo_core.errors import EmailNotVerified, TooManyRequests, Unauthenticated, WrongCredentials
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.password import Password

ANN = EmailAddress("ann@example.org")
PASSWORD = Password("a quiet old password")
WRONG = Password("not the password at all")
NEW = Password("an entirely new password")


@pytest.fixture
def log_in(core):
    """
    Return what logs somebody in.
    """
    return lambda email=ANN, password=PASSWORD, client="192.0.2.1", user_agent=None: run(
        core.log_in(email=email, password=password, client=client, user_agent=user_agent)
    )


@pytest.fixture
def who_is(core):
    """
    Return what finds out who bears an access token.
    """
    return lambda access_token: run(core.who_am_i(access_token=access_token))


@pytest.fixture
def ann(enrol):
    """
    Enrol Ann, whose address is verified.
    """
    return enrol(ANN, PASSWORD)


def test_whoever_knows_the_password_is_known_from_then_on(ann, log_in, who_is, in_work):
    """
    The access token that a log-in gives stands for the user, and the log-in is noted.
    """
    logged_in = log_in()
    assert who_is(logged_in.access_token) == logged_in.caller
    assert logged_in.caller.user == ann
    [event] = in_work(lambda work: work.events.of_user(ann.id, limit=10))
    assert event.kind is EventKind.LOGGED_IN


@pytest.mark.usefixtures("ann")
def test_every_log_in_is_another_session(log_in):
    """
    Nothing of an earlier session is used again.
    """
    one, other = log_in(), log_in()
    assert one.access_token != other.access_token
    assert one.caller.session.id != other.caller.session.id
    assert one.caller.session.digest != other.caller.session.digest


@pytest.mark.parametrize("disabled", [False, True])
def test_a_wrong_password_opens_nothing(disabled, enrol, log_in):
    """
    Whether or not the account is disabled stays unsaid.
    """
    enrol(ANN, PASSWORD, disabled=disabled)
    with pytest.raises(WrongCredentials):
        log_in(password=WRONG)


def test_an_unknown_address_costs_a_hash_too(log_in, hasher):
    """
    So that the time it takes does not tell who has an account.
    """
    with pytest.raises(WrongCredentials):
        log_in()
    assert hasher.verifications == [None]


def test_a_disabled_account_costs_a_hash_too(enrol, log_in, hasher):
    """
    Its right password is as good as a wrong one.
    """
    ann = enrol(ANN, PASSWORD, disabled=True)
    with pytest.raises(WrongCredentials):
        log_in()
    assert hasher.verifications == [ann.password_hash]


def test_an_unverified_address_is_told_apart_only_by_the_right_password(enrol, log_in):
    """
    A guesser learns nothing, the owner learns what to do.
    """
    enrol(ANN, PASSWORD, verified=False)
    with pytest.raises(EmailNotVerified):
        log_in()
    with pytest.raises(WrongCredentials):
        log_in(password=WRONG)


def test_an_operator_may_let_unverified_people_in(enrol, build_core):
    """
    Verification is asked for by default, not by nature.
    """
    ann = enrol(ANN, PASSWORD, verified=False)
    core = build_core(verification_required=False)
    logged_in = run(core.log_in(email=ANN, password=PASSWORD, client="192.0.2.1"))
    assert logged_in.caller.user == ann


def test_an_outdated_hash_is_replaced_at_log_in(ann, log_in, hasher, in_work):
    """
    Once: the next log-in finds today's parameters.
    """
    hasher.generation = 2
    log_in()
    renewed = in_work(lambda work: work.users.by_id(ann.id)).password_hash
    log_in()

    assert renewed != ann.password_hash
    assert not hasher.is_outdated(renewed)
    assert in_work(lambda work: work.users.by_id(ann.id)).password_hash == renewed


def test_a_wrong_password_never_replaces_the_hash(ann, log_in, hasher, in_work):
    """
    However outdated it is.
    """
    hasher.generation = 2
    with pytest.raises(WrongCredentials):
        log_in(password=WRONG)
    assert in_work(lambda work: work.users.by_id(ann.id)) == ann


@pytest.mark.usefixtures("ann")
def test_an_account_is_tried_five_times_a_minute(log_in, hasher, clock):
    """
    The sixth is refused, with the right password too and before it is looked at; a minute later it may go on.
    """
    for number in range(5):
        with pytest.raises(WrongCredentials):
            log_in(password=WRONG, client=f"192.0.2.{number}")
    with pytest.raises(TooManyRequests) as refusal:
        log_in(client="192.0.2.9")

    assert refusal.value.retry_after == timedelta(minutes=1)
    assert len(hasher.verifications) == 5
    clock.pass_time(timedelta(minutes=1))
    assert log_in(client="192.0.2.9")


@pytest.fixture
def fail(log_in, clock):
    """
    Return what fails to log in so many times, as often as the limit of a minute allows and from everywhere.
    """

    def fail(times, *, email=ANN):
        for number in range(times):
            clock.pass_time(timedelta(seconds=12))
            with pytest.raises(WrongCredentials):
                log_in(email, WRONG, client=f"192.0.2.{number}")

    return fail


@pytest.mark.parametrize("email", [ANN, EmailAddress("nobody@example.org")])
@pytest.mark.usefixtures("ann")
def test_an_account_is_tried_a_hundred_times_a_day(fail, log_in, hasher, clock, email):
    """
    The next is refused, with the right password too and whether or not there is an account; a day later it may go on.
    """
    fail(100, email=email)
    clock.pass_time(timedelta(minutes=1))
    with pytest.raises(TooManyRequests) as refusal:
        log_in(email)
    assert (refusal.value.name, len(hasher.verifications)) == ("log-in-day", 100)
    assert refusal.value.retry_after == timedelta(days=1) - timedelta(seconds=99 * 12, minutes=1)
    clock.pass_time(refusal.value.retry_after)
    fail(1, email=email)


@pytest.mark.usefixtures("ann")
def test_a_log_in_forgives_those_that_failed(fail, log_in, clock):
    """
    Only those that fail in a row are too many.
    """
    fail(99)
    clock.pass_time(timedelta(seconds=12))
    log_in()
    fail(100)


@pytest.mark.usefixtures("ann")
def test_a_reset_forgives_those_that_failed(fail, log_in, core, courier, inbox, clock):
    """
    Whoever guesses passwords locks nobody out for good: the way through the mailbox stays open.
    """
    fail(100)
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    run(core.confirm_password_reset(token=inbox()[-1].token, new_password=NEW, client="192.0.2.1"))
    clock.pass_time(timedelta(minutes=1))
    assert log_in(password=NEW, client="192.0.2.200")


def test_a_client_tries_five_times_a_minute(log_in):
    """
    Whichever accounts it tries.
    """
    for name in "abcde":
        with pytest.raises(WrongCredentials):
            log_in(EmailAddress(f"{name}@example.org"))
    with pytest.raises(TooManyRequests):
        log_in(EmailAddress("f@example.org"))


def test_logging_out_ends_one_session(ann, log_in, who_is, core, in_work):
    """
    The token of that session is worthless at once; other sessions go on.
    """
    here, there = log_in(), log_in()
    run(core.log_out(caller=here.caller, client="192.0.2.1"))

    with pytest.raises(Unauthenticated):
        who_is(here.access_token)
    assert who_is(there.access_token) == there.caller
    latest, *_ = in_work(lambda work: work.events.of_user(ann.id, limit=10))
    assert (latest.kind, latest.network) == (EventKind.LOGGED_OUT, "192.0.2.0/24")


@pytest.mark.usefixtures("ann")
def test_a_session_lasts_seven_days(log_in, who_is, clock):
    """
    However much it is used (ASVS 7.3.2): a second before their end it lives, at their end it is over.
    """
    token = log_in().access_token
    for pause in (timedelta(days=2), timedelta(days=2), timedelta(days=2), timedelta(days=1, seconds=-1)):
        clock.pass_time(pause)
        assert who_is(token)
    clock.pass_time(timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        who_is(token)


@pytest.mark.usefixtures("ann")
def test_a_session_that_nobody_uses_lasts_three_days(log_in, who_is, clock):
    """
    Whoever comes a second earlier is known, and has three days again (ASVS 7.3.1).
    """
    token = log_in().access_token
    for _ in range(2):
        clock.pass_time(timedelta(days=3, seconds=-1))
        assert who_is(token)
    other = log_in().access_token
    clock.pass_time(timedelta(days=3))
    with pytest.raises(Unauthenticated):
        who_is(other)


@pytest.mark.usefixtures("ann")
def test_a_session_that_was_idle_stays_over(log_in, who_is, clock):
    """
    Asking for it does not count as using it.
    """
    token = log_in().access_token
    clock.pass_time(timedelta(days=3))
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            who_is(token)


@pytest.mark.usefixtures("ann")
def test_an_operator_decides_how_long_idle_is(log_in, build_core, clock):
    """
    An hour, for one.
    """
    token = log_in().access_token
    core = build_core(session_idle=timedelta(hours=1))
    clock.pass_time(timedelta(hours=1, seconds=-1))
    assert run(core.who_am_i(access_token=token))
    clock.pass_time(timedelta(hours=1))
    with pytest.raises(Unauthenticated):
        run(core.who_am_i(access_token=token))


@pytest.mark.usefixtures("ann")
def test_that_a_session_was_seen_is_written_every_five_minutes(log_in, trace, clock):
    """
    Requests between write nothing, so that reading costs no writing.
    """
    token = log_in().access_token
    written = []
    for pause in (timedelta(0), timedelta(minutes=5, seconds=-1), timedelta(seconds=1), timedelta(seconds=1)):
        clock.pass_time(pause)
        written.append("sessions.touch" in trace(lambda core: core.who_am_i(access_token=token)))
    assert written == [False, False, True, False]


def test_a_session_knows_what_opened_it(ann, log_in, in_work, clock):
    """
    The network, not the address, and as much of the program's name as anybody reads.
    """
    session = log_in(client="192.0.2.77", user_agent="x" * 1000).caller.session
    before = clock.now() - timedelta(seconds=1)
    [kept] = in_work(lambda work: work.sessions.of_user(ann.id, now=clock.now(), idle_since=before))
    assert kept == session
    assert (kept.network, kept.user_agent, kept.last_seen_at) == ("192.0.2.0/24", "x" * 200, clock.now())


@pytest.mark.parametrize(
    ("client", "network"), [("198.51.100.77", "198.51.100.0/24"), ("2001:db8:77:88::99", "2001:db8:77::/48")]
)
@pytest.mark.usefixtures("ann")
def test_a_network_is_too_large_to_tell_one_person_by(log_in, client, network):
    """
    In the old numbers as in the new.
    """
    assert log_in(client=client).caller.session.network == network


@pytest.mark.usefixtures("ann")
def test_a_client_without_an_address_or_a_name_logs_in_too(log_in):
    """
    Nothing is made up for it.
    """
    session = log_in(client="unknown").caller.session
    assert (session.network, session.user_agent) == (None, None)


def test_disabling_an_account_ends_its_sessions(ann, log_in, who_is, in_work, clock):
    """
    At once, without waiting for their end.
    """
    token = log_in().access_token
    in_work(lambda work: work.users.set_disabled(ann.id, at=clock.now()))
    with pytest.raises(Unauthenticated):
        who_is(token)


@pytest.mark.parametrize("token", ["", "nonsense", "00.1"])
def test_a_token_we_did_not_issue_stands_for_nobody(token, who_is):
    """
    Forged, altered or empty.
    """
    with pytest.raises(Unauthenticated):
        who_is(token)


def test_a_token_whose_session_was_never_kept_stands_for_nobody(who_is, ports, clock):
    """
    Being well made is not enough.
    """
    token = ports.access_tokens.issue(b"x" * 32, expires_at=clock.now() + timedelta(days=1))
    with pytest.raises(Unauthenticated):
        who_is(token)


@pytest.mark.usefixtures("ann")
def test_the_secret_of_a_session_is_kept_nowhere(log_in, ports, clock):
    """
    The row holds a digest, which lets nobody in.
    """
    logged_in = log_in()
    secret = ports.access_tokens.read(logged_in.access_token, now=clock.now())
    assert len(secret) == 32
    assert logged_in.caller.session.digest not in {secret, secret.hex().encode()}
