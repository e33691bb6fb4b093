"""
Things that happen at the wrong moment: while a password is hashed, while a mail waits, before an address is verified.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from attrs import define, evolve

from tests.unit.driving import run
from todo_adapters.fakes import PlainPasswordHasher
from todo_core.errors import EmailUnavailable, InvalidInput, InvalidToken, WrongCredentials
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password

ANN = EmailAddress("ann@example.org")
OLD = Password("a quiet old password")
NEW = Password("a brand new password")


@define
class SlowPasswordHasher(PlainPasswordHasher):
    """
    A hasher so slow that something happens ``meanwhile``.
    """

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def verify(self, password, password_hash):
        """
        Let something happen first.
        """
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await super().verify(password, password_hash)


@pytest.fixture
def token(enrol, core, courier, inbox):
    """
    Return the token of the link that Ann was mailed.
    """
    enrol(ANN, OLD)
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    courier()
    return inbox()[-1].token


def test_a_log_in_with_the_old_password_does_not_outlive_a_reset(token, core, ports, build_core):
    """
    The password is reset while the log-in's hash is computed: no session of the old password may live.
    """
    hasher = SlowPasswordHasher(
        meanwhile=lambda: core.confirm_password_reset(token=token, new_password=NEW, client="192.0.2.1")
    )
    slow = build_core(others=evolve(ports, hasher=hasher))
    with pytest.raises(WrongCredentials):
        run(slow.log_in(email=ANN, password=OLD, client="192.0.2.1"))


def test_a_rehash_at_log_in_does_not_bring_the_old_password_back(token, core, ports, build_core):
    """
    The same, while the hash is outdated: the rehash of the old password overwrites the new password.
    """
    hasher = SlowPasswordHasher(
        generation=2, meanwhile=lambda: core.confirm_password_reset(token=token, new_password=NEW, client="192.0.2.1")
    )
    slow = build_core(others=evolve(ports, hasher=hasher))
    with pytest.raises(WrongCredentials):
        run(slow.log_in(email=ANN, password=OLD, client="192.0.2.1"))
    assert run(core.log_in(email=ANN, password=NEW, client="192.0.2.2"))


def test_disabling_while_a_log_in_is_hashed_lets_nobody_in(enrol, unit_of_work, clock, ports, build_core):
    """
    The session row would be live again as soon as the account is enabled again.
    """
    ann = enrol(ANN, OLD)

    async def disable():
        async with unit_of_work.begin() as work:
            await work.users.set_disabled(ann.id, at=clock.now())

    slow = build_core(others=evolve(ports, hasher=SlowPasswordHasher(meanwhile=disable)))
    with pytest.raises(WrongCredentials):
        run(slow.log_in(email=ANN, password=OLD, client="192.0.2.1"))


def test_asking_again_after_a_used_link_brings_a_mail(enrol, core, ports, build_core, clock, inbox, post):
    """
    A mail that arrived, but still waits for its next attempt as its answer was lost, swallows no later wish.
    """
    enrol(ANN, OLD)

    class Forgetful(type(post)):
        async def send(self, message):
            await super().send(message)
            raise EmailUnavailable("disconnected")

    forgetful = Forgetful()
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    run(build_core(others=evolve(ports, email=forgetful)).deliver_mail())
    first = forgetful.sent[0].text.partition("token=")[2].splitlines()[0]
    run(core.confirm_password_reset(token=first, new_password=NEW, client="192.0.2.1"))
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    clock.pass_time(timedelta(minutes=1))
    while run(core.deliver_mail()):
        pass
    assert "password_reset" in [letter.kind for letter in inbox()]


def test_asking_again_joins_no_mail_whose_attempts_are_used_up(enrol, core, build_core, clock, inbox, post):
    """
    Who asks again after the last attempt failed is sent a mail.
    """
    enrol(ANN, OLD)
    core = build_core(max_attempts=1)
    post.fail_next(EmailUnavailable("421"))
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    run(core.deliver_mail())
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    clock.pass_time(timedelta(minutes=1))
    while run(core.deliver_mail()):
        pass
    assert len(inbox()) == 1


def test_words_and_link_of_a_mail_fit(enrol, core, clock, inbox, post):
    """
    A mail tried while the address was unverified, and again when it is verified, has words and link of one kind.
    """
    enrol(ANN, OLD, verified=False)
    run(core.resend_verification(email=ANN, client="192.0.2.1"))
    run(core.deliver_mail())
    post.fail_next(EmailUnavailable("421"))
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    run(core.deliver_mail())
    run(core.verify_email(token=inbox()[0].token, client="192.0.2.1"))
    clock.pass_time(timedelta(seconds=1))
    run(core.deliver_mail())
    letter = inbox()[-1]
    assert (letter.kind, "/reset-password" in letter.facts["link"]) == ("password_reset", True)


def test_a_reset_asked_for_before_verifying_is_sent_after(enrol, core, clock, inbox, post):
    """
    The reset that somebody asked for is not lost by verifying the address before it could be sent.
    """
    enrol(ANN, OLD, verified=False)
    post.fail_next(EmailUnavailable("421"))
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    run(core.deliver_mail())
    clock.pass_time(timedelta(milliseconds=500))
    run(core.resend_verification(email=ANN, client="192.0.2.1"))
    run(core.deliver_mail())
    run(core.verify_email(token=inbox()[0].token, client="192.0.2.1"))
    clock.pass_time(timedelta(seconds=1))
    while run(core.deliver_mail()):
        pass
    assert inbox()[-1].kind == "password_reset"


@pytest.mark.parametrize("make", [Password, EmailAddress])
def test_a_lone_surrogate_is_invalid_input(make):
    """
    JSON can carry what UTF-8 cannot write: it is refused as any other wrong value.
    """
    with pytest.raises(InvalidInput):
        make("\ud800@example.org xxxxxxxxx")


def test_verifying_an_address_does_not_confirm_a_strangers_password(core, courier, inbox, clock):
    """
    Who signed up with Ann's address before Ann did has gained nothing: Ann's password opens the account.
    """
    run(core.register(email=ANN, password=OLD, display_name=None, client="203.0.113.6"))
    courier()
    clock.pass_time(timedelta(minutes=1))
    run(core.register(email=ANN, password=NEW, display_name=None, client="192.0.2.1"))
    courier()
    run(core.verify_email(token=inbox()[-1].token, client="192.0.2.1"))
    with pytest.raises(WrongCredentials):
        run(core.log_in(email=ANN, password=OLD, client="203.0.113.6"))
    assert run(core.log_in(email=ANN, password=NEW, client="192.0.2.1"))


def test_looking_at_a_link_of_a_disabled_account_says_it_does_not_work(token, core, in_work, clock):
    """
    Checking answers as confirming would.
    """
    user = in_work(lambda work: work.users.by_email(ANN))
    in_work(lambda work: work.users.set_disabled(user.id, at=clock.now()))
    with pytest.raises(InvalidToken):
        run(core.check_password_reset(token=token, client="192.0.2.1"))


def test_no_reset_link_arrives_after_a_reset(token, core, courier, inbox, clock):
    """
    A reset that was asked for before the password was reset is not sent after.
    """
    clock.pass_time(timedelta(seconds=1))
    run(core.request_password_reset(email=ANN, client="192.0.2.1"))
    clock.pass_time(timedelta(seconds=1))
    run(core.confirm_password_reset(token=token, new_password=NEW, client="192.0.2.1"))
    courier()
    assert [letter.kind for letter in inbox()] == ["password_reset", "password_changed"]
