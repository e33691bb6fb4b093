from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.driving import run
from todo_core.errors import Conflict, InvalidInput, InvalidToken, NotFound, Unavailable
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.password import Password

ANN = EmailAddress("ann@example.org")
PASSWORD = Password("a quiet old password")
NEW = Password("a brand new password")


def token_in(link):
    """
    Return the token that a *link* carries.
    """
    return parse_qs(urlsplit(link).query)["token"][0]


def test_an_operator_vouches_for_an_account(core, in_work):
    """
    It can be used at once, and needs no mail.
    """
    created = run(core.create_user(email=ANN, password=PASSWORD))
    logged_in = run(core.log_in(email=ANN, password=PASSWORD, client="192.0.2.1"))

    assert logged_in.caller.user == created
    assert in_work(lambda work: work.users.by_email(ANN)) == created
    assert run(core.deliver_mail()) is None


def test_each_account_that_an_operator_opens_is_another(core):
    """
    With an id of its own.
    """
    ann, bob = (run(core.create_user(email=EmailAddress(f"{name}@example.org"), password=PASSWORD)) for name in "ab")
    assert len({ann.id, bob.id, None}) == 3


def test_an_operator_cannot_open_a_second_account_for_an_address(core, enrol, in_work):
    """
    The first stays as it was.
    """
    ann = enrol(ANN, PASSWORD)
    with pytest.raises(Conflict):
        run(core.create_user(email=ANN, password=NEW))
    assert in_work(lambda work: work.users.by_email(ANN)) == ann
    assert in_work(lambda work: work.events.of_user(ann.id, limit=10)) == []


def test_rules_for_passwords_hold_for_operators(core):
    """
    Nobody is above them.
    """
    with pytest.raises(InvalidInput) as refusal:
        run(core.create_user(email=ANN, password=Password("short")))
    assert refusal.value.field == "password"


def test_an_operator_sends_a_reset_mail_whatever_limits_are_used_up(core, enrol, courier, inbox):
    """
    The person asked three times already and has nothing left.
    """
    enrol(ANN, PASSWORD)
    for _ in range(4):
        run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    run(core.send_password_reset(email=ANN))
    courier()
    assert [letter.kind for letter in inbox()] == ["password_reset", "password_reset"]


def test_an_operator_learns_that_there_is_nobody_to_send_to(core):
    """
    An operator sees the accounts anyhow.
    """
    with pytest.raises(NotFound):
        run(core.send_password_reset(email=ANN))
    assert run(core.deliver_mail()) is None


def test_an_operator_hands_over_a_link_in_person(core, enrol, in_work):
    """
    It works like a mailed one, and that it was made is noted.
    """
    ann = enrol(ANN, PASSWORD)
    link = run(core.make_reset_link(email=ANN))
    [event] = in_work(lambda work: work.events.of_user(ann.id, limit=10))
    run(core.confirm_password_reset(token=token_in(link), new_password=NEW, client="192.0.2.1"))

    assert link.startswith("https://todo.example/reset-password?token=")
    assert event.kind is EventKind.RESET_LINK_PRINTED
    assert run(core.log_in(email=ANN, password=NEW, client="192.0.2.1"))


def test_a_link_handed_over_lives_as_long_as_a_mailed_one(core, enrol, clock):
    """
    An hour, by default.
    """
    enrol(ANN, PASSWORD)
    expires_at = clock.now() + timedelta(hours=1)
    token = token_in(run(core.make_reset_link(email=ANN)))
    assert run(core.check_password_reset(token=token, client="192.0.2.1")) == expires_at
    clock.pass_time(timedelta(hours=1))
    with pytest.raises(InvalidToken):
        run(core.check_password_reset(token=token, client="192.0.2.1"))


def test_a_link_handed_over_supersedes_the_mailed_one(core, enrol, courier, inbox, clock):
    """
    The newest link is the one that works.
    """
    enrol(ANN, PASSWORD)
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    clock.pass_time(timedelta(seconds=1))
    token = token_in(run(core.make_reset_link(email=ANN)))

    [letter] = inbox()
    with pytest.raises(InvalidToken):
        run(core.check_password_reset(token=letter.token, client="192.0.2.1"))
    assert run(core.check_password_reset(token=token, client="192.0.2.1"))


def test_there_is_no_link_without_an_account(core):
    """
    An operator learns that there is none.
    """
    with pytest.raises(NotFound):
        run(core.make_reset_link(email=ANN))


def test_a_link_handed_over_lets_an_unverified_person_in(core, enrol):
    """
    The operator vouches for the address by handing the link over.
    """
    enrol(ANN, PASSWORD, verified=False)
    link = run(core.make_reset_link(email=ANN))
    run(core.confirm_password_reset(token=token_in(link), new_password=NEW, client="192.0.2.1"))
    assert run(core.log_in(email=ANN, password=NEW, client="192.0.2.1"))


def test_there_is_no_link_into_a_disabled_account(core, enrol, in_work, clock):
    """
    It would not work.
    """
    ann = enrol(ANN, PASSWORD)
    in_work(lambda work: work.users.set_disabled(ann.id, at=clock.now()))
    with pytest.raises(NotFound):
        run(core.make_reset_link(email=ANN))


def test_a_dead_link_is_not_handed_over(core, enrol, clock):
    """
    When another machine, whose clock is ahead, made a link already, the operator is asked to try again.
    """
    enrol(ANN, PASSWORD)
    clock.pass_time(timedelta(seconds=2))
    run(core.make_reset_link(email=ANN))
    clock.pass_time(timedelta(seconds=-1))
    with pytest.raises(Unavailable):
        run(core.make_reset_link(email=ANN))
