from datetime import timedelta

import pytest

from tests.unit.driving import run
from todo_core.errors import EmailMisconfigured, Unavailable
from todo_core.model.email import EmailAddress
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_web.probes import ask, check_outbox

ANN = EmailAddress("ann@example.org")


@pytest.fixture
def answer(ports):
    """
    Return what the outbox's probe says.
    """
    return lambda: run(ask({"outbox": lambda: check_outbox(ports)}))["outbox"]


@pytest.fixture
def queue(core, in_work):
    """
    Return what puts a mail into the outbox.
    """
    return lambda: in_work(
        lambda work: work.outbox.add(core.register.write_mail(MailKind.PASSWORD_RESET, to=ANN)),
    )


def test_an_outbox_that_is_well(answer, queue, clock):
    """
    Nothing is due, or not for long.
    """
    assert answer() == "ok"
    queue()
    clock.pass_time(timedelta(minutes=10))
    assert answer() == "ok"


def test_mail_that_nobody_delivers(answer, queue, clock, ports):
    """
    After ten minutes somebody should look.
    """
    queue()
    clock.pass_time(timedelta(minutes=10, seconds=1))
    assert answer() == "mail has been due for 601 s; does a courier run?"
    with pytest.raises(Unavailable):
        run(check_outbox(ports))


def test_a_provider_that_wants_nothing_from_us(answer, queue, core, enrol, post, clock):
    """
    Why is said by every process that asks, until mail goes out again, and however long mail has waited.
    """
    enrol(ANN, Password("a quiet old password"))
    queue()
    post.fail_next(EmailMisconfigured("login 535"))
    run(core.deliver_mail())
    assert answer() == "mail is misconfigured: login 535"
    clock.pass_time(timedelta(minutes=15))
    assert answer() == "mail is misconfigured: login 535"
    run(core.deliver_mail())
    assert answer() == "ok"
