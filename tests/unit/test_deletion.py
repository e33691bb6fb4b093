from datetime import timedelta

import pytest

from tests.unit.driving import run
from todo_core.errors import InvalidToken, TooManyRequests, Unauthenticated, WrongCredentials, WrongPassword
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.password import Password
from todo_core.model.token import Purpose

ANN = EmailAddress("ann@example.org")
PASSWORD, OTHER = Password("a quiet old password"), Password("another old password")
CLIENT = "192.0.2.1"
DAY = timedelta(days=1)


@pytest.fixture
def ann(enrol):
    """
    Return somebody with an account.
    """
    return enrol(ANN, PASSWORD)


@pytest.fixture
def log_in(core, ann):
    """
    Return what opens another of Ann's sessions.
    """
    return lambda: run(core.log_in(email=ann.email, password=PASSWORD, client=CLIENT))


@pytest.fixture
def leave(core, log_in):
    """
    Return what logs Ann in and asks for the end of her account.
    """
    return lambda password=PASSWORD: run(
        core.request_deletion(caller=log_in().caller, password=password, client=CLIENT)
    )


@pytest.fixture
def erase_at(in_work, ann):
    """
    Return what tells when Ann's account is to go.
    """
    return lambda: in_work(lambda work: work.users.by_id(ann.id)).erase_at


@pytest.fixture
def kinds(in_work, ann):
    """
    Return what lists the kinds of Ann's events, newest first.
    """
    return lambda: [event.kind for event in in_work(lambda work: work.events.of_user(ann.id, limit=10))]


def test_whoever_leaves_has_a_day_to_think_it_over(core, leave, log_in, erase_at, clock, courier, inbox, kinds):
    """
    Every session ends, the owner is told, and it is noted from where it was asked.
    """
    other = log_in()
    leave()
    assert erase_at() == clock.now() + DAY
    with pytest.raises(Unauthenticated):
        run(core.who_am_i(access_token=other.access_token))
    courier()
    [letter] = inbox()
    assert (letter.to, letter.kind) == (ANN.text, "account_deletion")
    assert letter.facts["link"].startswith("https://todo.example/undo-deletion?token=")
    assert kinds()[0] is EventKind.DELETION_REQUESTED


def test_it_is_noted_where_the_wish_came_from(leave, in_work, ann):
    """
    The network, as in a session.
    """
    leave()
    [event, *_] = in_work(lambda work: work.events.of_user(ann.id, limit=1))
    assert event.network == "192.0.2.0/24"


def test_it_is_noted_where_the_change_of_mind_came_from(core, leave, log_in, clock, courier, inbox, in_work, ann):
    """
    Be it a session's or the link's.
    """
    leave()
    run(core.cancel_deletion(caller=log_in().caller, client=CLIENT))
    clock.pass_time(timedelta(minutes=1))
    leave()
    courier()
    run(core.undo_deletion(token=inbox()[-1].token, client="198.51.100.7"))
    events = in_work(lambda work: work.events.of_user(ann.id, limit=10))
    undone = [event for event in events if event.kind is EventKind.DELETION_UNDONE]
    assert [(event.at, event.network) for event in undone] == [
        (clock.now(), "198.51.100.0/24"),
        (clock.now() - timedelta(minutes=1), "192.0.2.0/24"),
    ]


def test_whoever_leaves_is_told_in_the_language_that_the_page_was_read_in(core, log_in, in_work, ann):
    """
    In a mail that concerns them.
    """
    run(core.request_deletion(caller=log_in().caller, password=PASSWORD, client=CLIENT, locale="de"))
    [mail] = in_work(lambda work: work.outbox.to_address(ANN))
    assert (mail.locale, mail.user_id) == ("de", ann.id)


def test_the_day_over_the_account_goes(core, leave, clock, in_work, ann):
    """
    When the pruner comes, and not a second before.
    """
    leave()
    clock.pass_time(DAY - timedelta(seconds=1))
    assert run(core.prune()).users == 0
    clock.pass_time(timedelta(seconds=1))
    assert run(core.prune()).users == 1
    assert in_work(lambda work: work.users.by_id(ann.id)) is None


def test_a_session_alone_is_not_enough_to_leave(leave, erase_at, courier, inbox, kinds):
    """
    With another password nothing happens, nor is anything mailed.
    """
    with pytest.raises(WrongPassword):
        leave(OTHER)
    assert erase_at() is None
    assert kinds() == [EventKind.LOGGED_IN]
    courier()
    assert inbox() == []


def test_nobody_guesses_the_password_by_leaving(core, log_in):
    """
    Each try counts as a log-in.
    """
    caller = log_in().caller
    for _ in range(4):
        with pytest.raises(WrongPassword):
            run(core.request_deletion(caller=caller, password=OTHER, client=CLIENT))
    with pytest.raises(TooManyRequests) as refusal:
        run(core.request_deletion(caller=caller, password=PASSWORD, client=CLIENT))
    assert refusal.value.name == "log-in"


def test_a_client_that_guessed_elsewhere_cannot_go_on_by_leaving(core, log_in):
    """
    It is counted for itself, too.
    """
    caller = log_in().caller
    for number in range(5):
        somebody = EmailAddress(f"user{number}@example.org")
        with pytest.raises(WrongCredentials):
            run(core.log_in(email=somebody, password=OTHER, client="198.51.100.7"))
    with pytest.raises(TooManyRequests):
        run(core.request_deletion(caller=caller, password=PASSWORD, client="198.51.100.7"))


def test_a_password_that_was_changed_meanwhile_is_wrong(core, log_in, erase_at, in_work, ann):
    """
    It was reset by the owner while somebody else's wish was on its way.
    """
    caller = log_in().caller
    in_work(lambda work: work.users.set_password_hash(ann.id, "another"))
    with pytest.raises(WrongPassword):
        run(core.request_deletion(caller=caller, password=PASSWORD, client=CLIENT))
    assert erase_at() is None


def test_asked_again_the_account_goes_later(leave, erase_at, clock):
    """
    A day after the last time.
    """
    leave()
    clock.pass_time(timedelta(hours=2))
    leave()
    assert erase_at() == clock.now() + DAY


def test_whoever_logs_in_again_may_stay(core, leave, log_in, erase_at, kinds):
    """
    The session they stay by lives on.
    """
    leave()
    back = log_in()
    run(core.cancel_deletion(caller=back.caller, client=CLIENT))
    assert erase_at() is None
    assert kinds()[0] is EventKind.DELETION_UNDONE
    assert run(core.who_am_i(access_token=back.access_token))


def test_there_may_be_nothing_to_take_back(core, log_in, erase_at, kinds):
    """
    Then nothing is, and nothing is noted.
    """
    run(core.cancel_deletion(caller=log_in().caller, client=CLIENT))
    assert erase_at() is None
    assert kinds() == [EventKind.LOGGED_IN]


def test_it_may_be_too_late_to_stay(core, leave, log_in, in_work, clock, ann):
    """
    The account was erased between the question who asks and the answer.
    """
    leave()
    caller = log_in().caller
    in_work(lambda work: work.users.erase(now=clock.now() + DAY, limit=1))
    run(core.cancel_deletion(caller=caller, client=CLIENT))
    assert in_work(lambda work: work.users.by_id(ann.id)) is None


@pytest.fixture
def letter(leave, courier, inbox):
    """
    Return the mail that Ann gets when she leaves.
    """
    leave()
    courier()
    return inbox()[-1]


def test_the_link_in_the_mail_takes_it_back_once(core, letter, erase_at, kinds):
    """
    Whoever asked, and whatever became of the password.
    """
    run(core.undo_deletion(token=letter.token, client=CLIENT))
    assert erase_at() is None
    assert kinds()[0] is EventKind.DELETION_UNDONE
    with pytest.raises(InvalidToken):
        run(core.undo_deletion(token=letter.token, client=CLIENT))


def test_a_changed_password_leaves_the_link_alive(core, letter, erase_at, in_work, ann, clock):
    """
    Whoever took the account over cannot end the way back.
    """
    in_work(lambda work: work.tokens.retire_all(ann.id, now=clock.now()))
    run(core.undo_deletion(token=letter.token, client=CLIENT))
    assert erase_at() is None


def test_the_link_lives_as_long_as_the_account(core, letter, clock, erase_at):
    """
    A second before the day is over it works, then not any more.
    """
    clock.pass_time(DAY)
    with pytest.raises(InvalidToken):
        run(core.undo_deletion(token=letter.token, client=CLIENT))
    assert erase_at() == clock.now()
    clock.pass_time(timedelta(seconds=-1))
    run(core.undo_deletion(token=letter.token, client=CLIENT))


def test_other_links_take_nothing_back(core, letter, ports, erase_at):
    """
    A token has one purpose.
    """
    token_id = ports.link_signer.read(letter.token, purpose=Purpose.UNDO_DELETION)
    signed = ports.link_signer.sign(token_id, purpose=Purpose.PASSWORD_RESET)
    with pytest.raises(InvalidToken):
        run(core.undo_deletion(token=signed, client=CLIENT))
    assert erase_at() is not None


def test_bad_links_are_counted(core):
    """
    After ten in a minute.
    """
    for _ in range(10):
        with pytest.raises(InvalidToken):
            run(core.undo_deletion(token="bad", client=CLIENT))
    with pytest.raises(TooManyRequests):
        run(core.undo_deletion(token="bad", client=CLIENT))
