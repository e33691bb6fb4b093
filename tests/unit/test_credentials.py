from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from attrs import define, evolve

from tests.unit.driving import run
from todo_adapters.fakes import PlainPasswordHasher
from todo_core.errors import (
    InvalidInput,
    InvalidToken,
    TooManyRequests,
    Unauthenticated,
    WrongCredentials,
    WrongPassword,
)
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.limit import Limit
from todo_core.model.password import Password
from todo_core.model.policy import Limits

ANN = EmailAddress("ann@example.org")
OLD = Password("a quiet old password")
NEW = Password("a brand new password")
WRONG = Password("not the password at all")
HERE = "192.0.2.1"


@pytest.fixture
def ann(enrol):
    """
    Enrol Ann, whose address is verified.
    """
    return enrol(ANN, OLD)


@pytest.fixture
def log_in(core):
    """
    Return what logs Ann in.
    """
    return lambda password=OLD, client=HERE: run(core.log_in(email=ANN, password=password, client=client))


@pytest.fixture
def change(core):
    """
    Return what changes the password of somebody who is logged in.
    """
    return lambda caller, current=OLD, new=NEW, client=HERE: run(
        core.change_password(caller=caller, current_password=current, new_password=new, client=client)
    )


@pytest.fixture
def events(in_work, ann):
    """
    Return what lists the events of Ann's account, newest first.
    """
    return lambda: in_work(lambda work: work.events.of_user(ann.id, limit=100))


@pytest.mark.usefixtures("ann")
def test_a_password_is_changed(log_in, change, core):
    """
    The new one counts, the old one no longer, and whoever changed it is still logged in.
    """
    logged_in = log_in()
    change(logged_in.caller)
    assert run(core.who_am_i(access_token=logged_in.access_token)).session == logged_in.caller.session
    assert log_in(NEW)
    with pytest.raises(WrongCredentials):
        log_in(OLD)


@pytest.mark.usefixtures("ann")
def test_every_other_session_ends(log_in, change, core):
    """
    Wherever somebody else was logged in with the old password.
    """
    other, here = log_in(), log_in()
    change(here.caller)
    with pytest.raises(Unauthenticated):
        run(core.who_am_i(access_token=other.access_token))


def test_the_owner_is_told_and_it_is_noted(ann, log_in, change, courier, inbox, events, clock):
    """
    By mail without any link, and among the events, with the network that it came from.
    """
    change(log_in().caller)
    courier()
    [letter] = inbox()
    assert (letter.to, letter.kind, letter.facts) == (ANN.text, "password_changed", {"email": ANN.text})
    newest = events()[0]
    assert (newest.kind, newest.user_id, newest.at, newest.network) == (
        EventKind.PASSWORD_CHANGED,
        ann.id,
        clock.now(),
        "192.0.2.0/24",
    )


def test_it_is_known_since_when(ann, log_in, change, in_work, clock):
    """
    So that mail that was asked for before is not sent any more.
    """
    change(log_in().caller)
    assert in_work(lambda work: work.users.by_id(ann.id)).password_changed_at == clock.now()


def test_the_notice_is_in_the_language_that_the_page_was_read_in(ann, log_in, core, in_work):
    """
    Until the account has chosen one; it concerns its owner.
    """
    change = {"caller": log_in().caller, "current_password": OLD, "new_password": NEW}
    run(core.change_password(**change, client=HERE, locale="de"))
    [mail] = in_work(lambda work: work.outbox.to_address(ANN))
    assert (mail.locale, mail.user_id) == ("de", ann.id)


@pytest.mark.usefixtures("ann")
def test_links_that_were_mailed_before_are_dead(log_in, change, courier, inbox, core, clock):
    """
    A reset link that somebody else asked for is worthless (row 21).
    """
    run(core.request_password_reset(email=ANN, client=HERE))
    courier()
    clock.pass_time(timedelta(seconds=1))
    change(log_in().caller)
    with pytest.raises(InvalidToken):
        run(core.check_password_reset(token=inbox()[0].token, client=HERE))


@pytest.mark.usefixtures("ann")
def test_without_the_present_password_nothing_changes(log_in, change, core, events):
    """
    A session that was stolen is not enough (row 29); it lives on, for whoever mistyped.
    """
    logged_in = log_in()
    with pytest.raises(WrongPassword):
        change(logged_in.caller, current=WRONG)
    assert run(core.who_am_i(access_token=logged_in.access_token))
    assert log_in(OLD)
    assert EventKind.PASSWORD_CHANGED not in {event.kind for event in events()}


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("password", ["short", "password1234", ANN.text])
def test_a_password_that_breaks_a_rule_changes_nothing(log_in, change, password):
    """
    The same rules hold as for the first one.
    """
    caller = log_in().caller
    with pytest.raises(InvalidInput) as raised:
        change(caller, new=Password(password))
    assert raised.value.field == "new_password"
    assert log_in(OLD)


@pytest.mark.usefixtures("ann")
def test_a_session_is_no_place_to_guess_the_password(log_in, change, clock):
    """
    Guesses count as log-ins do, by the address, whatever client they come from; then the right one is refused too.
    """
    caller = log_in().caller
    for number in range(4):
        with pytest.raises(WrongPassword):
            change(caller, current=WRONG, client=f"198.51.100.{number}")
    with pytest.raises(TooManyRequests) as raised:
        change(caller, current=OLD, client="198.51.100.9")
    assert raised.value.name == "log-in"
    with pytest.raises(TooManyRequests):
        log_in(client="198.51.100.10")
    clock.pass_time(timedelta(minutes=1))
    change(caller)


@pytest.mark.usefixtures("ann")
def test_a_client_cannot_guess_in_many_sessions(core, log_in, change):
    """
    It is counted for itself, too.
    """
    caller = log_in(client="198.51.100.1").caller
    for number in range(5):
        with pytest.raises(WrongCredentials):
            run(core.log_in(email=EmailAddress(f"user{number}@example.org"), password=WRONG, client=HERE))
    with pytest.raises(TooManyRequests):
        change(caller)


def test_the_right_password_forgives_those_that_failed(enrol, build_core, clock):
    """
    As a log-in does, those of the day; else they add up, also over minutes.
    """
    enrol(ANN, OLD)
    core = build_core(limits=Limits(log_in_day=Limit("log-in-day", 4, timedelta(days=1))))
    caller = run(core.log_in(email=ANN, password=OLD, client=HERE)).caller

    def guess(password):
        clock.pass_time(timedelta(minutes=1))
        run(core.change_password.reauthenticate(caller=caller, password=password, client=HERE))

    for password in (WRONG, WRONG, OLD, WRONG, WRONG, WRONG, WRONG):
        if password is OLD:
            guess(password)
        else:
            with pytest.raises(WrongPassword):
                guess(password)
    with pytest.raises(TooManyRequests) as raised:
        guess(OLD)
    assert raised.value.name == "log-in-day"


@define
class SlowHasher(PlainPasswordHasher):
    """
    Lets something happen ``meanwhile`` whenever it has verified a password.
    """

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def verify(self, password, password_hash):
        """
        Do so.
        """
        right = await super().verify(password, password_hash)
        if self.meanwhile is not None:
            await self.meanwhile()
        return right


@pytest.mark.parametrize("event", ["reset", "disabled", "gone"])
def test_who_loses_the_account_meanwhile_changes_nothing(event, ann, log_in, ports, build_core, unit_of_work, in_work):
    """
    The password was right when it was asked for: a reset, an operator, or an erasure was faster.
    """

    async def happen():
        async with unit_of_work.begin() as work:
            if event == "reset":
                await work.users.change_password(ann.id, "another", at=ann.created_at)
            elif event == "disabled":
                await work.users.set_disabled(ann.id, at=ann.created_at)
            else:
                await work.users.set_erase_at(ann.id, at=ann.created_at)
                await work.users.erase(now=ann.created_at, limit=1)

    caller = log_in().caller
    core = build_core(others=evolve(ports, hasher=SlowHasher(meanwhile=happen)))
    with pytest.raises(WrongPassword):
        run(core.change_password(caller=caller, current_password=OLD, new_password=NEW, client=HERE))
    kept = in_work(lambda work: work.users.by_id(ann.id))
    assert kept is None or kept.password_hash in {ann.password_hash, "another"}


@pytest.mark.usefixtures("ann")
def test_no_password_is_hashed_inside_a_unit_of_work(log_in, trace):
    """
    Hashing takes long, and nobody waits for the database meanwhile.
    """
    change = {"caller": log_in().caller, "current_password": OLD, "new_password": NEW, "client": HERE}
    calls = trace(lambda core: core.change_password(**change))
    assert calls.index("hasher.verify") < calls.index("hasher.hash") < calls.index("begin")
    assert calls.count("begin") == calls.count("end") == 1
