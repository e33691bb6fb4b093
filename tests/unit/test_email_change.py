from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from attrs import define, evolve

from tests.unit.driving import run
from todo_adapters.fakes import PlainPasswordHasher
from todo_core.contracts.samples import a_token
from todo_core.errors import (
    Conflict,
    EmailUnavailable,
    InvalidInput,
    InvalidToken,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    WrongCredentials,
    WrongPassword,
)
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.password import Password
from todo_core.model.token import Purpose

ANN = EmailAddress("ann@example.org")
NEW = EmailAddress("ann@new.example.net")
BOB = EmailAddress("bob@example.org")
EVE = EmailAddress("eve@evil.example")
EVIL = EmailAddress("eve@elsewhere.example")
PASSWORD = Password("a quiet old password")
ANOTHER = Password("a brand new password")
WRONG = Password("not the password at all")
HERE = "192.0.2.1"
SECOND = timedelta(seconds=1)


@pytest.fixture
def ann(enrol):
    """
    Enrol Ann, whose address is verified.
    """
    return enrol(ANN, PASSWORD)


@pytest.fixture
def log_in(core):
    """
    Return what logs somebody in.
    """
    return lambda email=ANN, password=PASSWORD: run(core.log_in(email=email, password=password, client=HERE))


@pytest.fixture
def ask(core):
    """
    Return what asks for another address.
    """
    return lambda caller, email=NEW, password=PASSWORD, client=HERE: run(
        core.request_email_change(caller=caller, new_email=email, password=password, client=client)
    )


@pytest.fixture
def confirm(core):
    """
    Return what redeems the link to a new address.
    """
    return lambda token: run(core.confirm_email_change(token=token, client=HERE))


@pytest.fixture
def undo(core):
    """
    Return what redeems the link to an old address.
    """
    return lambda token: run(core.undo_email_change(token=token, client=HERE))


@pytest.fixture
def letters(courier, inbox):
    """
    Return what lets the courier deliver, and lists what was ever sent to an address, oldest first.
    """

    def read(address):
        courier()
        return [letter for letter in inbox() if letter.to == address.text]

    return read


@pytest.fixture
def leave(log_in, ask, confirm, letters, clock):
    """
    Return what moves an account from one address to another; no courier has come since.
    """

    def left(old, new, password=PASSWORD):
        clock.pass_time(timedelta(hours=1))  # so that no limit is in the way
        ask(log_in(old, password).caller, new, password)
        confirm(letters(new)[-1].token)
        clock.pass_time(SECOND)

    return left


@pytest.fixture
def move(leave, letters):
    """
    Return what moves an account from one address to another, and gives the link that takes it back.
    """

    def moved(old, new, password=PASSWORD):
        leave(old, new, password)
        return letters(old)[-1].token

    return moved


@pytest.fixture
def holder(in_work):
    """
    Return what finds whose an address is.
    """
    return lambda email: in_work(lambda work: work.users.by_email(email))


@pytest.fixture
def kinds(in_work, ann):
    """
    Return what lists what happened to Ann's account, newest first.
    """
    return lambda: [event.kind for event in in_work(lambda work: work.events.of_user(ann.id, limit=100))]


def test_an_address_is_changed(ann, log_in, ask, confirm, letters, holder, clock, core):
    """
    The new address confirms, the account has it from then on, verified, and whoever was logged in still is.
    """
    session = log_in()
    ask(session.caller)
    [letter] = letters(NEW)
    assert (letter.kind, letter.facts["email"]) == ("change_email", NEW.text)
    assert holder(NEW) is None
    clock.pass_time(SECOND)
    confirm(letter.token)
    assert holder(NEW) == evolve(ann, email=NEW, verified_at=clock.now())
    assert holder(ANN) is None
    assert run(core.who_am_i(access_token=session.access_token)).user.email == NEW
    assert log_in(NEW)


@pytest.mark.usefixtures("ann")
def test_the_old_address_is_told_twice(log_in, ask, confirm, letters):
    """
    When somebody asks, and when it is done; it learns no more of the new address than it needs to know it by.
    """
    ask(log_in().caller)
    [asked] = letters(ANN)
    told = {"email": ANN.text, "new_email": NEW.masked}
    assert (asked.kind, asked.facts) == ("email_change_requested", told)
    confirm(letters(NEW)[0].token)
    _, changed = letters(ANN)
    assert changed.kind == "email_changed"
    assert changed.facts.items() >= told.items()
    assert changed.facts["link"].startswith("https://todo.example/undo-email-change?token=")
    assert changed.facts["minutes"] == str(7 * 24 * 60)


def test_each_step_is_noted(move, undo, in_work, ann, kinds):
    """
    Among the events of the account, with the network that it came from.
    """
    undo(move(ANN, NEW))
    assert kinds() == [
        EventKind.EMAIL_CHANGE_UNDONE,
        EventKind.EMAIL_CHANGED,
        EventKind.EMAIL_CHANGE_REQUESTED,
        EventKind.LOGGED_IN,
    ]
    events = in_work(lambda work: work.events.of_user(ann.id, limit=100))
    assert {event.network for event in events} == {"192.0.2.0/24"}


@pytest.mark.usefixtures("ann")
def test_the_mails_are_in_the_language_of_whoever_asked(log_in, core, in_work, letters):
    """
    Until the account has chosen one.
    """
    wish = {"caller": log_in().caller, "new_email": NEW, "password": PASSWORD}
    run(core.request_email_change(**wish, client=HERE, locale="de"))
    run(core.confirm_email_change(token=letters(NEW)[0].token, client=HERE, locale="es"))
    run(core.undo_email_change(token=letters(ANN)[-1].token, client=HERE, locale="fr"))
    mails = in_work(lambda work: work.outbox.newest(state=None, limit=10))
    assert sorted((mail.kind.value, mail.locale) for mail in mails) == [
        ("change_email", "de"),
        ("email_change_requested", "de"),
        ("email_changed", "es"),
        ("password_reset", "fr"),
    ]


@pytest.mark.usefixtures("ann")
def test_without_the_password_nothing_is_asked(log_in, ask, letters, kinds):
    """
    A session that was stolen is not enough, and a guess counts as at the log-in.
    """
    caller = log_in().caller
    for _ in range(4):
        with pytest.raises(WrongPassword):
            ask(caller, password=WRONG)
    with pytest.raises(TooManyRequests):
        ask(caller)
    assert letters(NEW) == letters(ANN) == []
    assert EventKind.EMAIL_CHANGE_REQUESTED not in kinds()


@pytest.mark.usefixtures("ann")
def test_a_client_that_guessed_elsewhere_cannot_go_on_here(log_in, ask, core):
    """
    It is counted for itself, too.
    """
    caller = log_in().caller
    for number in range(5):
        somebody = EmailAddress(f"user{number}@example.org")
        with pytest.raises(WrongCredentials):
            run(core.log_in(email=somebody, password=WRONG, client="198.51.100.1"))
    with pytest.raises(TooManyRequests) as raised:
        ask(caller, client="198.51.100.1")
    assert raised.value.name == "log-in"


@pytest.mark.usefixtures("ann")
def test_the_address_one_has_is_no_new_one(log_in, ask):
    """
    However it is written.
    """
    with pytest.raises(InvalidInput) as raised:
        ask(log_in().caller, EmailAddress(" ANN@example.org"))
    assert (raised.value.detail, raised.value.field) == ("This is the address that the account has.", "new_email")


@pytest.mark.usefixtures("ann")
def test_an_address_that_somebody_has_is_told_so_by_mail(enrol, log_in, ask, letters, holder):
    """
    Whoever asked learns nothing; its holder learns that somebody tried, and gets no link.
    """
    bob = enrol(BOB, ANOTHER)
    ask(log_in().caller, BOB)
    [letter] = letters(BOB)
    assert (letter.kind, letter.facts) == ("email_in_use", {"email": BOB.text})
    assert holder(BOB) == bob


def test_asking_takes_the_same_steps_whoever_has_the_address(enrol, log_in, trace):
    """
    Nothing looks the new address up.
    """
    enrol(ANN, PASSWORD)
    enrol(BOB, ANOTHER)
    caller = log_in().caller
    steps = [
        trace(
            lambda core, new=new: core.request_email_change(
                caller=caller, new_email=new, password=PASSWORD, client=HERE
            )
        )
        for new in (BOB, NEW)
    ]
    assert steps[0] == steps[1]
    assert "users.by_email" not in steps[0]


@pytest.mark.usefixtures("ann")
def test_who_only_signed_up_with_an_address_keeps_nobody_from_it(enrol, log_in, ask, confirm, letters, holder, ann):
    """
    An account of the new address that was never verified gives way to who shows that it is theirs.
    """
    enrol(NEW, ANOTHER, verified=False)
    ask(log_in().caller)
    confirm(letters(NEW)[0].token)
    assert holder(NEW).id == ann.id


def test_where_nobody_must_verify_nobody_gives_way(enrol, build_core, letters, holder):
    """
    There an account that was never verified is as good as another, and may hold todos.
    """
    core = build_core(verification_required=False)
    enrol(ANN, PASSWORD)
    squatter = enrol(NEW, ANOTHER, verified=False)
    caller = run(core.log_in(email=ANN, password=PASSWORD, client=HERE)).caller
    run(core.request_email_change(caller=caller, new_email=NEW, password=PASSWORD, client=HERE))
    token = letters(NEW)[0].token
    with pytest.raises(Conflict):
        run(core.confirm_email_change(token=token, client=HERE))
    assert holder(NEW) == squatter


@pytest.mark.usefixtures("ann")
def test_an_address_that_was_taken_meanwhile_is_not_given_away(enrol, log_in, ask, confirm, letters, holder, in_work):
    """
    Whoever verified it first has it; the link is not used up by that.
    """
    ask(log_in().caller)
    token = letters(NEW)[0].token
    rival = enrol(NEW, ANOTHER)
    with pytest.raises(Conflict):
        confirm(token)
    assert holder(NEW) == rival
    assert holder(ANN) is not None
    in_work(lambda work: work.users.set_erase_at(rival.id, at=rival.created_at))
    in_work(lambda work: work.users.erase(now=rival.created_at, limit=1))
    confirm(token)


@pytest.mark.usefixtures("ann")
def test_a_link_confirms_once(log_in, ask, confirm, letters):
    """
    Then it is dead.
    """
    ask(log_in().caller)
    token = letters(NEW)[0].token
    confirm(token)
    with pytest.raises(InvalidToken):
        confirm(token)


@pytest.mark.usefixtures("ann")
def test_a_link_confirms_for_a_day(log_in, ask, confirm, letters, clock):
    """
    When the day is over, it is dead.
    """
    ask(log_in().caller)
    token = letters(NEW)[0].token
    clock.pass_time(timedelta(days=1))
    with pytest.raises(InvalidToken):
        confirm(token)


@pytest.mark.usefixtures("ann")
def test_a_link_is_for_one_thing(move, log_in, ask, confirm, undo, letters, clock):
    """
    The one to the new address takes nothing back, the one to the old confirms nothing.
    """
    token = move(ANN, NEW)
    with pytest.raises(InvalidToken):
        confirm(token)
    clock.pass_time(timedelta(minutes=1))
    ask(log_in(NEW).caller, EVE)
    with pytest.raises(InvalidToken):
        undo(letters(EVE)[0].token)


@pytest.mark.parametrize("use", ["confirm_email_change", "undo_email_change"])
def test_links_that_do_not_work_are_counted(core, use):
    """
    Whoever tries ten in a minute must wait, and nobody else.
    """
    for _ in range(10):
        with pytest.raises(InvalidToken):
            run(getattr(core, use)(token="made up", client=HERE))
    with pytest.raises(TooManyRequests) as raised:
        run(getattr(core, use)(token="made up", client=HERE))
    assert raised.value.name == "bad-tokens"
    with pytest.raises(InvalidToken):
        run(getattr(core, use)(token="made up", client="198.51.100.1"))


@pytest.mark.usefixtures("ann")
def test_links_that_were_mailed_to_the_old_address_are_dead(log_in, ask, confirm, core, letters):
    """
    A reset link that waits there lets nobody in (row 21).
    """
    caller = log_in().caller
    run(core.request_password_reset(email=ANN, client=HERE))
    reset = letters(ANN)[0].token
    assert run(core.check_password_reset(token=reset, client=HERE))
    ask(caller)
    confirm(letters(NEW)[0].token)
    with pytest.raises(InvalidToken):
        run(core.check_password_reset(token=reset, client=HERE))


@pytest.mark.usefixtures("ann")
def test_a_new_password_ends_the_link_to_a_new_address(log_in, ask, confirm, letters, core):
    """
    Whoever is told of a change that they did not ask for stops it so; also one whose mail has not been sent yet.

    No clock matters for that: the processes' clocks may differ.
    """
    caller = log_in().caller
    ask(caller)
    token = letters(NEW)[0].token
    ask(caller, EVE)
    change = {"caller": caller, "current_password": PASSWORD, "new_password": ANOTHER}
    run(core.change_password(**change, client=HERE))
    with pytest.raises(InvalidToken):
        confirm(token)
    assert letters(EVE) == []


def test_a_link_without_an_address_confirms_nothing(ann, confirm, in_work, ports):
    """
    There is none that the account could get.
    """
    token = a_token(ann, purpose=Purpose.CHANGE_EMAIL)
    in_work(lambda work: work.tokens.issue(token))
    with pytest.raises(InvalidToken):
        confirm(ports.link_signer.sign(token.id, purpose=Purpose.CHANGE_EMAIL))


@pytest.mark.parametrize("gone", [False, True])
def test_a_disabled_or_erased_account_changes_nothing(gone, ann, log_in, ask, confirm, letters, in_work, clock):
    """
    Its links are as good as none.
    """
    ask(log_in().caller)
    token = letters(NEW)[0].token
    if gone:
        in_work(lambda work: work.users.set_erase_at(ann.id, at=clock.now()))
        in_work(lambda work: work.users.erase(now=clock.now(), limit=1))
    else:
        in_work(lambda work: work.users.set_disabled(ann.id, at=clock.now()))
    with pytest.raises(InvalidToken):
        confirm(token)


def test_a_disabled_account_can_be_taken_back_once_it_is_enabled(ann, move, undo, in_work, clock, holder):
    """
    An operator who keeps the thief out does not end its owner's link.
    """
    token = move(ANN, EVE)
    in_work(lambda work: work.users.set_disabled(ann.id, at=clock.now()))
    with pytest.raises(InvalidToken):
        undo(token)
    in_work(lambda work: work.users.set_disabled(ann.id, at=None))
    undo(token)
    assert holder(ANN).id == ann.id


@pytest.mark.usefixtures("ann")
def test_a_client_asks_for_so_many_changes_an_hour(log_in, ask, clock):
    """
    For whichever addresses, and is told so.
    """
    caller = log_in().caller
    for number in range(3):
        ask(caller, EmailAddress(f"new{number}@example.org"))
    clock.pass_time(timedelta(minutes=1))
    with pytest.raises(TooManyRequests) as raised:
        ask(caller)
    assert raised.value.name == "verify"


@pytest.mark.usefixtures("ann")
def test_an_address_gets_so_many_mails_an_hour_whoever_asks(log_in, ask, letters, clock):
    """
    The fourth wish is accepted like the others, and nobody is told anything.
    """
    caller = log_in().caller
    for number in range(4):
        ask(caller, client=f"198.51.100.{number}")
        courier_came = len(letters(NEW))
        clock.pass_time(timedelta(minutes=1))
    assert courier_came == 3
    assert len(letters(ANN)) == 3


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


@pytest.mark.usefixtures("ann")
def test_who_loses_the_account_meanwhile_asks_for_nothing(move, core, log_in, ports, build_core, letters):
    """
    The password was right when it was asked for, but its owner took the account back before the wish was kept.
    """
    back = move(ANN, EVE)
    caller = log_in(EVE).caller
    hasher = SlowHasher(meanwhile=lambda: core.undo_email_change(token=back, client=HERE))
    others = build_core(others=evolve(ports, hasher=hasher))
    with pytest.raises(WrongPassword):
        run(others.request_email_change(caller=caller, new_email=EVIL, password=PASSWORD, client=HERE))
    assert letters(EVIL) == []


def test_a_change_is_taken_back(ann, move, undo, holder, letters, clock):
    """
    The account has its old address, verified, and the link to choose a new password goes there.

    It is known since when the thief's password counts no longer.
    """
    token = move(ANN, EVE)
    undo(token)
    restored = holder(ANN)
    assert (restored.id, restored.verified_at, restored.password_changed_at) == (ann.id, clock.now(), clock.now())
    assert holder(EVE) is None
    assert letters(ANN)[-1].kind == "password_reset"


@pytest.mark.usefixtures("ann")
def test_taking_a_change_back_locks_everybody_out(move, undo, log_in, core):
    """
    Every session ends, and the password that the thief knew counts no longer, until the owner has chosen another.
    """
    token = move(ANN, EVE)
    thief = log_in(EVE)
    secret = run(core.make_calendar(owner_id=thief.caller.user.id)).secret
    undo(token)
    with pytest.raises(Unauthenticated):
        run(core.who_am_i(access_token=thief.access_token))
    with pytest.raises(NotFound):
        run(core.read_calendar(secret=secret))
    for address in (ANN, EVE):
        with pytest.raises(WrongCredentials):
            log_in(address)


@pytest.mark.usefixtures("ann")
def test_log_in_without_a_password_costs_what_others_cost(move, undo, log_in, hasher):
    """
    There is nothing to compare with, and the hasher takes its time all the same.
    """
    undo(move(ANN, EVE))
    hasher.verifications.clear()
    with pytest.raises(WrongCredentials):
        log_in()
    assert hasher.verifications == [""]


@pytest.mark.usefixtures("ann")
def test_the_owner_chooses_a_new_password_then(move, undo, letters, core, log_in):
    """
    By the link that came with it, as anybody who forgot theirs.
    """
    undo(move(ANN, EVE))
    run(core.confirm_password_reset(token=letters(ANN)[-1].token, new_password=ANOTHER, client=HERE))
    assert log_in(ANN, ANOTHER)


def test_whoever_took_the_account_cannot_have_it_erased(ann, move, undo, in_work, clock, holder):
    """
    Taking the change back keeps it.
    """
    token = move(ANN, EVE)
    in_work(lambda work: work.users.set_erase_at(ann.id, at=clock.now() + timedelta(days=1)))
    undo(token)
    assert holder(ANN).erase_at is None


@pytest.mark.usefixtures("ann")
def test_a_change_is_taken_back_once_and_within_a_week(move, undo, clock):
    """
    The link outlives many a holiday, and then it is dead.
    """
    token = move(ANN, NEW)
    clock.pass_time(timedelta(days=7) - 2 * SECOND)
    undo(token)
    with pytest.raises(InvalidToken):
        undo(token)


@pytest.mark.usefixtures("ann")
def test_after_a_week_nothing_is_taken_back(move, undo, clock, holder):
    """
    Then the new address is the account's.
    """
    token = move(ANN, NEW)
    clock.pass_time(timedelta(days=7))
    with pytest.raises(InvalidToken):
        undo(token)
    assert holder(NEW)


@pytest.mark.usefixtures("ann")
def test_a_thief_cannot_end_the_owners_link(move, undo, core, letters, clock, log_in, holder, ann):
    """
    Neither by a new password, nor by another change, nor by a reset.
    """
    back = move(ANN, EVE)
    caller = log_in(EVE).caller
    change = {"caller": caller, "current_password": PASSWORD, "new_password": ANOTHER}
    run(core.change_password(**change, client=HERE))
    move(EVE, EVIL, ANOTHER)
    clock.pass_time(timedelta(hours=1))
    run(core.request_password_reset(email=EVIL, client=HERE))
    run(core.confirm_password_reset(token=letters(EVIL)[-1].token, new_password=WRONG, client=HERE))
    undo(back)
    assert holder(ANN).id == ann.id


@pytest.mark.usefixtures("ann")
def test_a_thief_who_takes_a_change_back_gains_nothing(move, undo, core, letters, holder, ann, log_in):
    """
    From Ann's address to a second to a third, and back to the second: Ann's link leads back to hers all the same.
    """
    anns = move(ANN, EVE)
    eves = move(EVE, EVIL)
    undo(eves)
    assert holder(EVE).id == ann.id
    run(core.confirm_password_reset(token=letters(EVE)[-1].token, new_password=ANOTHER, client=HERE))
    thief = log_in(EVE, ANOTHER)
    undo(anns)
    assert holder(ANN).id == ann.id
    with pytest.raises(Unauthenticated):
        run(core.who_am_i(access_token=thief.access_token))


@pytest.mark.usefixtures("ann")
def test_once_the_owner_has_the_account_back_no_later_link_leads_away(move, undo, holder, ann):
    """
    From Ann's address to a second to a third: Ann's link ends the one that leads to the second.
    """
    anns = move(ANN, EVE)
    eves = move(EVE, EVIL)
    undo(anns)
    with pytest.raises(InvalidToken):
        undo(eves)
    assert holder(ANN).id == ann.id


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("tried", [False, True])
def test_a_link_whose_mail_is_late_does_not_lead_away_either(tried, move, leave, undo, letters, courier, post, clock):
    """
    The thief's mail server puts our mail off until Ann has her account back, or no courier came: it is not sent then.
    """
    anns = move(ANN, EVE)
    leave(EVE, EVIL)
    if tried:
        post.fail_next(EmailUnavailable("451"))
        courier()
    undo(anns)
    clock.pass_time(timedelta(minutes=5))
    assert "email_changed" not in {letter.kind for letter in letters(EVE)}


@pytest.mark.usefixtures("ann")
def test_links_that_a_thief_asked_for_end_with_the_undoing(move, undo, ask, confirm, log_in, core, letters, clock):
    """
    The one to yet another address, the one to a new password, and those whose mail had not been sent.
    """
    anns = move(ANN, EVE)
    caller = log_in(EVE).caller
    clock.pass_time(timedelta(hours=1))
    ask(caller, EVIL)
    run(core.request_password_reset(email=EVE, client=HERE))
    away, reset = letters(EVIL)[-1].token, letters(EVE)[-1].token
    ask(caller, BOB)
    undo(anns)
    with pytest.raises(InvalidToken):
        confirm(away)
    with pytest.raises(InvalidToken):
        run(core.check_password_reset(token=reset, client=HERE))
    assert letters(BOB) == []


@pytest.mark.usefixtures("ann")
def test_who_signs_up_with_the_old_address_does_not_keep_it(move, undo, core, holder, ann):
    """
    Until they verified it, the account that had it takes it back.
    """
    token = move(ANN, EVE)
    run(core.register(email=ANN, password=ANOTHER, display_name=None, client=HERE))
    undo(token)
    assert holder(ANN).id == ann.id


@pytest.mark.usefixtures("ann")
def test_an_old_address_that_somebody_verified_is_theirs(enrol, move, undo, holder):
    """
    The link is not used up by trying.
    """
    token = move(ANN, EVE)
    other = enrol(ANN, ANOTHER)
    for _ in range(2):
        with pytest.raises(Conflict):
            undo(token)
    assert holder(ANN) == other


def test_where_nobody_must_verify_nobody_gives_the_old_address_back(enrol, build_core, move, holder):
    """
    There an account that was never verified is as good as another, and may hold todos.
    """
    enrol(ANN, PASSWORD)
    token = move(ANN, EVE)
    other = enrol(ANN, ANOTHER, verified=False)
    core = build_core(verification_required=False)
    with pytest.raises(Conflict):
        run(core.undo_email_change(token=token, client=HERE))
    assert holder(ANN) == other


def test_an_address_that_was_never_verified_takes_nothing_back(enrol, build_core, letters, holder):
    """
    Nobody has shown that it is theirs: somebody else may read the mail of an address that was mistyped.
    """
    core = build_core(verification_required=False)
    user = enrol(ANN, PASSWORD, verified=False)
    caller = run(core.log_in(email=ANN, password=PASSWORD, client=HERE)).caller
    run(core.request_email_change(caller=caller, new_email=NEW, password=PASSWORD, client=HERE))
    run(core.confirm_email_change(token=letters(NEW)[0].token, client=HERE))
    assert [letter.kind for letter in letters(ANN)] == ["email_change_requested"]
    assert holder(NEW).id == user.id
