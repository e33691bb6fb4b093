from datetime import timedelta

import pytest

from tests.unit.driving import run
from todo_core.errors import Conflict, EmailMisconfigured, EmailRejected, EmailUnavailable, NotFound
from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId, uuid7
from todo_core.model.mail import Backlog, MailKind, MailState
from todo_core.model.password import Password
from todo_core.use_cases.courier import Outcome

ANN, BOB = EmailAddress("ann@example.org"), EmailAddress("bob@example.org")
PASSWORD = Password("a quiet old password")


@pytest.fixture
def queue(core, in_work):
    """
    Return what puts a mail into the outbox.
    """

    def add(address=ANN, kind=MailKind.PASSWORD_RESET):
        mail = core.send_password_reset.write_mail(kind, to=address)
        in_work(lambda work: work.outbox.add(mail))
        return mail

    return add


@pytest.fixture
def dead(queue, core, enrol, post):
    """
    Return a mail to Ann that the provider rejected.
    """
    enrol(ANN, PASSWORD)
    mail = queue()
    post.fail_next(EmailRejected("550"))
    run(core.deliver_mail())
    return mail


def unknown(clock):
    """
    Return an id that no mail has.
    """
    return MailId(uuid7(clock.now(), bytes(10)))


def test_the_latest_mails_are_listed(core, queue, dead):
    """
    Newest first, of one state if it is asked for, and no more than asked for.
    """
    waiting = queue(BOB)
    assert [mail.id for mail in run(core.list_mail(state=None, limit=10))] == [waiting.id, dead.id]
    assert [mail.id for mail in run(core.list_mail(state=None, limit=1))] == [waiting.id]
    assert [mail.id for mail in run(core.list_mail(state=MailState.DEAD, limit=10))] == [dead.id]


def test_one_mail_is_shown(core, dead, clock):
    """
    With what became of it; one that is not kept cannot be.
    """
    shown = run(core.show_mail(mail_id=dead.id))
    assert (shown.state, shown.last_error, shown.attempts) == (MailState.DEAD, "rejected 550", 1)
    with pytest.raises(NotFound):
        run(core.show_mail(mail_id=unknown(clock)))


def test_a_dead_mail_is_sent_after_all(core, dead, clock, inbox):
    """
    Its link lives as long as that of a new mail would.
    """
    clock.pass_time(timedelta(days=3))
    run(core.retry_mail(mail_id=dead.id))
    delivery = run(core.deliver_mail())
    assert (delivery.mail.id, delivery.outcome, delivery.mail.attempts) == (dead.id, Outcome.SENT, 1)
    [letter] = inbox()
    assert letter.facts["minutes"] == "60"
    assert run(core.check_password_reset(token=letter.token, client="192.0.2.1")) == clock.now() + timedelta(hours=1)


def test_each_kind_of_mail_gets_the_life_of_its_kind(core, queue, clock):
    """
    A verification link lives longer than a reset link.
    """
    mail = queue(kind=MailKind.VERIFY_EMAIL)
    clock.pass_time(timedelta(hours=5))
    run(core.retry_mail(mail_id=mail.id))
    assert run(core.show_mail(mail_id=mail.id)).expires_at == clock.now() + timedelta(days=1)


def test_a_mail_need_not_wait_for_its_next_attempt(core, queue, enrol, post):
    """
    It is due at once.
    """
    enrol(ANN, PASSWORD)
    mail = queue()
    post.fail_next(EmailUnavailable("421"))
    run(core.deliver_mail())
    assert run(core.deliver_mail()) is None
    run(core.retry_mail(mail_id=mail.id))
    assert run(core.deliver_mail()).outcome is Outcome.SENT


def test_a_link_that_was_superseded_stays_so(core, dead, clock, inbox):
    """
    Whether sending is of any use is asked again.
    """
    clock.pass_time(timedelta(minutes=1))
    run(core.make_reset_link(email=ANN))
    run(core.retry_mail(mail_id=dead.id))
    assert run(core.deliver_mail()).reason == "superseded"
    assert inbox() == []


def test_what_was_sent_is_not_sent_again(core, queue, enrol, clock, inbox):
    """
    Nor is what is not kept.
    """
    enrol(ANN, PASSWORD)
    mail = queue()
    run(core.deliver_mail())
    with pytest.raises(Conflict):
        run(core.retry_mail(mail_id=mail.id))
    with pytest.raises(NotFound):
        run(core.retry_mail(mail_id=unknown(clock)))
    assert run(core.deliver_mail()) is None
    assert len(inbox()) == 1


def test_a_mail_is_dropped(core, queue, clock):
    """
    It is not sent, and is gone.
    """
    mail = queue()
    run(core.drop_mail(mail_id=mail.id))
    assert run(core.deliver_mail()) is None
    for gone in (mail.id, unknown(clock)):
        with pytest.raises(NotFound):
            run(core.drop_mail(mail_id=gone))


def test_a_mail_on_its_way_is_not_dropped(core, queue):
    """
    Its courier may be handing it over at this moment.
    """
    mail = queue()
    run(core.deliver_mail.claim())
    with pytest.raises(Conflict):
        run(core.drop_mail(mail_id=mail.id))
    assert run(core.show_mail(mail_id=mail.id)).state is MailState.SENDING


def test_the_outbox_is_counted(core, queue, dead, clock):
    """
    Each state, and what keeps mail from its readers.
    """
    assert run(core.show_mail(mail_id=dead.id)).state is MailState.DEAD
    due_at = queue(BOB).due_at
    stats = run(core.count_mail())
    assert stats.counts == {MailState.WAITING: 1, MailState.SENDING: 0, MailState.SENT: 0, MailState.DEAD: 1}
    assert stats.backlog == Backlog(oldest_due=due_at)
    clock.pass_time(timedelta(seconds=-1))
    assert run(core.count_mail()).backlog == Backlog()


def test_a_misconfiguration_is_told_until_mail_goes_out_again(core, queue, enrol, post, clock):
    """
    Every process that asks the outbox learns of it.
    """
    enrol(ANN, PASSWORD)
    queue()
    post.fail_next(EmailMisconfigured("login 535"))
    run(core.deliver_mail())
    assert run(core.count_mail()).backlog == Backlog(misconfigured="misconfigured login 535")
    clock.pass_time(timedelta(seconds=15))
    run(core.deliver_mail())
    assert run(core.count_mail()).backlog == Backlog()
