from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.driving import run
from todo_core.errors import InvalidToken, NotFound, Unauthenticated, WrongCredentials
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.mail import MailState
from todo_core.model.password import Password
from todo_core.use_cases.courier import Outcome
from todo_core.use_cases.recovery import Settled

ANN, BOB = EmailAddress("ann@example.org"), EmailAddress("bob@example.org")
PASSWORD = Password("a quiet old password")
CLIENT = "192.0.2.1"


@pytest.fixture
def log_in(core):
    """
    Return what logs somebody in and returns the access token.
    """
    return lambda email=ANN: run(core.log_in(email=email, password=PASSWORD, client=CLIENT)).access_token


@pytest.fixture
def is_live(core):
    """
    Return what tells whether a session is live.
    """

    def ask(access_token):
        try:
            run(core.who_am_i(access_token=access_token))
        except Unauthenticated:
            return False
        return True

    return ask


@pytest.fixture
def kinds(in_work):
    """
    Return what lists the kinds of somebody's events, newest first.
    """
    return lambda user: [event.kind for event in in_work(lambda work: work.events.of_user(user.id, limit=10))]


def reset_token(core, email=ANN):
    """
    Return the token of a reset link.
    """
    return parse_qs(urlsplit(run(core.make_reset_link(email=email))).query)["token"][0]


def test_a_disabled_person_is_out(core, enrol, log_in, is_live, in_work, clock, kinds):
    """
    Every session ends, no link works, nobody logs in; others notice nothing.
    """
    ann, bob = enrol(ANN, PASSWORD), enrol(BOB, PASSWORD)
    sessions, others = [log_in(), log_in()], [log_in(BOB)]
    token, others_token = reset_token(core), reset_token(core, BOB)
    assert run(core.disable_user(email=ANN)) == 2

    assert [is_live(session) for session in sessions + others] == [False, False, True]
    with pytest.raises(WrongCredentials):
        log_in()
    assert in_work(lambda work: work.users.by_id(ann.id)).disabled_at == clock.now()
    assert kinds(ann)[0] is EventKind.ACCOUNT_DISABLED
    run(core.enable_user(email=ANN))
    with pytest.raises(InvalidToken):
        run(core.check_password_reset(token=token, client=CLIENT))
    assert run(core.check_password_reset(token=others_token, client=CLIENT))
    assert in_work(lambda work: work.users.by_id(bob.id)).disabled_at is None


def test_disabling_twice_is_noted_once(core, enrol, in_work, clock, kinds):
    """
    The first moment stays.
    """
    ann, at = enrol(ANN, PASSWORD), clock.now()
    run(core.disable_user(email=ANN))
    clock.pass_time(timedelta(hours=1))
    assert run(core.disable_user(email=ANN)) == 0
    assert in_work(lambda work: work.users.by_id(ann.id)).disabled_at == at
    assert kinds(ann) == [EventKind.ACCOUNT_DISABLED]


def test_an_enabled_person_can_log_in_again(core, enrol, log_in, kinds):
    """
    That is noted, unless the person could all the time.
    """
    ann = enrol(ANN, PASSWORD, disabled=True)
    run(core.enable_user(email=ANN))
    run(core.enable_user(email=ANN))
    assert kinds(ann) == [EventKind.ACCOUNT_ENABLED]
    assert log_in()


def test_a_persons_sessions_are_ended(core, enrol, log_in, is_live, kinds):
    """
    The person can log in again, and others notice nothing.
    """
    ann, bob = enrol(ANN, PASSWORD), enrol(BOB, PASSWORD)
    sessions = [log_in(), log_in(), log_in(BOB)]
    assert run(core.revoke_sessions(email=ANN)) == 2
    assert [is_live(session) for session in sessions] == [False, False, True]
    assert kinds(ann)[0] is EventKind.SESSIONS_ENDED
    assert kinds(bob) == [EventKind.LOGGED_IN]
    assert is_live(log_in())


def test_there_may_be_no_session_to_end(core, enrol, kinds):
    """
    Then nothing is noted.
    """
    ann = enrol(ANN, PASSWORD)
    assert run(core.revoke_sessions(email=ANN)) == 0
    assert kinds(ann) == []


def test_everybodys_sessions_are_ended(core, enrol, log_in, is_live, kinds):
    """
    The operator's log is the place for that, and not each account.
    """
    ann, _ = enrol(ANN, PASSWORD), enrol(BOB, PASSWORD)
    sessions = [log_in(), log_in(BOB)]
    assert run(core.revoke_sessions(email=None)) == 2
    assert [is_live(session) for session in sessions] == [False, False]
    assert kinds(ann) == [EventKind.LOGGED_IN]


@pytest.mark.parametrize("what", ["disable_user", "enable_user", "revoke_sessions"])
def test_an_operator_learns_that_there_is_nobody(core, what):
    """
    As there is no account with the address.
    """
    with pytest.raises(NotFound):
        run(getattr(core, what)(email=ANN))


def test_what_a_backup_revives_ends(core, enrol, log_in, is_live, in_work, courier, inbox, clock):
    """
    Sessions, links of every purpose, and mail that waits or is on its way; what was sent stays as it is.
    """
    enrol(ANN, PASSWORD)
    enrol(BOB, PASSWORD)
    caller = run(core.log_in(email=BOB, password=PASSWORD, client=CLIENT)).caller
    run(core.request_deletion(caller=caller, password=PASSWORD, client=CLIENT))
    courier()
    undo = inbox()[0].token
    sessions, token = [log_in(), log_in(BOB)], reset_token(core)
    run(core.request_password_reset(email=ANN, client=CLIENT))
    run(core.request_password_reset(email=BOB, client=CLIENT))
    claimed = run(core.deliver_mail.claim())
    run(core.make_calendar(owner_id=caller.user.id))

    assert run(core.settle_restore()) == Settled(sessions=2, tokens=2, mails=2, calendars=1)
    assert run(core.settle_restore()) == Settled(sessions=0, tokens=0, mails=0, calendars=0)
    assert [is_live(session) for session in sessions] == [False, False]
    for purpose, dead in ((core.check_password_reset, token), (core.undo_deletion, undo)):
        with pytest.raises(InvalidToken):
            run(purpose(token=dead, client=CLIENT))
    assert run(core.deliver_mail.deliver(claimed)).outcome is Outcome.LOST
    assert courier() == []
    mails = in_work(lambda work: work.outbox.newest(state=None, limit=10))
    reasons = [(mail.state, mail.last_error) for mail in mails]
    assert reasons == [(MailState.DEAD, "restored from a backup")] * 2 + [(MailState.SENT, None)]
    clock.pass_time(timedelta(seconds=1))
    assert run(core.check_password_reset(token=reset_token(core), client=CLIENT))
