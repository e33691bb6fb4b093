from datetime import timedelta
from uuid import UUID

import pytest

from tests.unit.driving import run
from todo_core.errors import NotFound, Unauthenticated
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.ids import SessionId
from todo_core.model.password import Password

PASSWORD = Password("a quiet old password")
CLIENT = "192.0.2.1"


@pytest.fixture
def log_in(enrol, core):
    """
    Return what logs somebody in, whose account is made if there is none.
    """
    people = {}

    def log_in(name):
        if name not in people:
            people[name] = enrol(EmailAddress(f"{name}@example.org"), PASSWORD)
        return run(core.log_in(email=people[name].email, password=PASSWORD, client=CLIENT))

    return log_in


@pytest.fixture
def is_known(core):
    """
    Return what tells whether a log-in's token still stands for somebody.
    """

    def is_known(logged_in):
        try:
            return run(core.who_am_i(access_token=logged_in.access_token)) is not None
        except Unauthenticated:
            return False

    return is_known


@pytest.fixture
def noted(in_work):
    """
    Return what lists the kinds of a caller's events since the log-ins, newest first.
    """

    def noted(logged_in):
        events = in_work(lambda work: work.events.of_user(logged_in.caller.user.id, limit=10))
        return [event.kind for event in events if event.kind is not EventKind.LOGGED_IN]

    return noted


def test_one_sees_where_one_is_logged_in(log_in, core):
    """
    All of one's own live sessions, the newest first, and nobody else's.
    """
    here, there, _ = log_in("ann"), log_in("ann"), log_in("bob")
    assert list(run(core.list_sessions(caller=here.caller))) == [there.caller.session, here.caller.session]


def test_what_is_over_is_not_shown(log_in, core, clock, is_known):
    """
    Neither a session that was idle for too long, nor one that has expired.
    """
    here, _ = log_in("ann"), log_in("ann")
    for _ in range(2):
        clock.pass_time(timedelta(days=2))
        assert is_known(here)
    assert [session.id for session in run(core.list_sessions(caller=here.caller))] == [here.caller.session.id]
    clock.pass_time(timedelta(days=3))
    assert list(run(core.list_sessions(caller=here.caller))) == []


def test_one_ends_one_of_ones_sessions(log_in, core, is_known, noted):
    """
    That one is over at once, the others go on, and it is noted.
    """
    here, there, elsewhere = log_in("ann"), log_in("ann"), log_in("ann")
    run(core.end_session(there.caller.session.id, caller=here.caller, client=CLIENT))
    assert [is_known(session) for session in (here, there, elsewhere)] == [True, False, True]
    assert noted(here) == [EventKind.SESSIONS_ENDED]


def test_ending_the_session_one_uses_is_a_log_out(log_in, core, is_known, noted):
    """
    It is over and noted as one.
    """
    here, there = log_in("ann"), log_in("ann")
    run(core.end_session(here.caller.session.id, caller=here.caller, client=CLIENT))
    assert [is_known(session) for session in (here, there)] == [False, True]
    assert noted(here) == [EventKind.LOGGED_OUT]


def test_nobody_ends_another_persons_session(log_in, core, is_known, noted):
    """
    It is not there for them, like one that nobody has; nothing is noted for either.
    """
    ann, bob = log_in("ann"), log_in("bob")
    for session_id in (bob.caller.session.id, SessionId(UUID(int=7))):
        with pytest.raises(NotFound):
            run(core.end_session(session_id, caller=ann.caller, client=CLIENT))
    assert is_known(bob)
    assert (noted(ann), noted(bob)) == ([], [])


def test_one_logs_out_everywhere_else(log_in, core, is_known, noted):
    """
    All other sessions of the person are over, and nobody else's; that is noted once.
    """
    ann, *others, bob = log_in("ann"), log_in("ann"), log_in("ann"), log_in("bob")
    run(core.end_other_sessions(caller=ann.caller, client=CLIENT))
    assert [is_known(session) for session in (ann, *others, bob)] == [True, False, False, True]
    assert noted(ann) == [EventKind.SESSIONS_ENDED]


def test_it_is_noted_where_the_others_were_ended_from(log_in, core, in_work):
    """
    The network, as in a session.
    """
    ann, _ = log_in("ann"), log_in("ann")
    run(core.end_other_sessions(caller=ann.caller, client="198.51.100.7"))
    [event] = in_work(lambda work: work.events.of_user(ann.caller.user.id, limit=1))
    assert (event.kind, event.network) == (EventKind.SESSIONS_ENDED, "198.51.100.0/24")


def test_where_there_is_no_other_session_none_was_ended(log_in, core, is_known, noted):
    """
    So there is nothing to note.
    """
    ann = log_in("ann")
    run(core.end_other_sessions(caller=ann.caller, client=CLIENT))
    assert is_known(ann)
    assert noted(ann) == []
