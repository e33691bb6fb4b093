"""
What no story notices when it goes wrong: the words of a refusal, dates that are only kept, the last item of a range.

Mutants of the core survived where these were not held.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.driving import run
from todo_core.contracts.expectations import raises
from todo_core.errors import (
    EmailMisconfigured,
    EmailRejected,
    EmailUnavailable,
    InvalidFile,
    InvalidInput,
    InvalidToken,
    TooManyRequests,
)
from todo_core.model.answer import Retry
from todo_core.model.email import EmailAddress
from todo_core.model.mail import MailKind, RenderedMessage
from todo_core.model.password import Password, PasswordRules
from todo_core.model.suppression import MailEvent, MailEventKind
from todo_core.model.todo import LARGEST_PAGE, TodoFilter, TodoSort
from todo_core.use_cases import pruning
from todo_core.use_cases.courier import Outcome

ANN = EmailAddress("ann@example.org")
OLD, NEW = Password("a quiet old password"), Password("a brand new password")


def test_errors_say_what_happened():
    """
    In their text too, for a log that shows no more.
    """
    limit = TooManyRequests("log-in", amount=5, window=timedelta(minutes=1), retry_after=timedelta(seconds=9))
    assert str(limit) == "log-in"
    assert [str(error) for error in (EmailRejected("550"), EmailUnavailable("421"))] == ["550", "421"]
    assert InvalidInput("A rule.").detail == "A rule."
    assert str(InvalidFile([])) == "invalid file"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "A password cannot be empty."),
        ("a password with \ud800", "A password can only have characters that UTF-8 can write."),
    ],
)
def test_a_password_that_is_none_names_the_rule(text, rule):
    """
    In a sentence for the person who typed it.
    """
    with raises(InvalidInput) as refused:
        Password(text)
    assert refused.error.detail == rule


def test_the_services_own_name_is_refused_by_name():
    """
    And so is the address: the sentence says which rule was broken.
    """
    with raises(InvalidInput) as refused:
        PasswordRules(8).check(Password("TODO App"), email=ANN, named="password")
    rule = "A password must not be the e-mail address or the name of this service, whatever is put around it."
    assert refused.error.detail == rule


def test_an_event_without_a_proper_id_names_the_rule(clock):
    """
    For whoever reads the log.
    """
    with raises(InvalidInput) as refused:
        MailEvent("", ANN, MailEventKind.BOUNCE, clock.now())
    assert refused.error.detail == "An event's id is 1 to 255 visible ASCII characters."


@pytest.mark.parametrize("limit", [1, LARGEST_PAGE])
def test_the_smallest_and_the_largest_page_are_given(core, enrol, limit):
    """
    A page has 1 to 200 todos.
    """
    owner = enrol(ANN, OLD).id
    todo = run(core.add_todo(owner_id=owner, fields={"title": "Buy milk"}))
    assert run(core.list_todos(TodoFilter(), TodoSort(), owner_id=owner, after=None, limit=limit)).items == [todo]


@pytest.mark.parametrize("limit", [0, LARGEST_PAGE + 1])
def test_other_pages_are_refused_by_name(core, enrol, limit):
    """
    The error names the field and the rule.
    """
    with raises(InvalidInput) as refused:
        run(core.list_todos(TodoFilter(), TodoSort(), owner_id=enrol(ANN, OLD).id, after=None, limit=limit))
    assert (refused.error.detail, refused.error.field) == (f"A page has 1 to {LARGEST_PAGE} todos.", "limit")


def test_what_is_kept_is_dated(core, clock, in_work):
    """
    Accounts, sessions and events bear the moment at which they came to be.
    """
    now = clock.now()
    run(core.create_user(email=ANN, password=OLD))
    session = run(core.log_in(email=ANN, password=OLD, client="c")).caller.session
    user = in_work(lambda work: work.users.by_email(ANN))
    (event,) = in_work(lambda work: work.events.of_user(user.id, before=None, limit=9))
    assert (user.created_at, session.created_at, event.at) == (now, now, now)


def test_a_registered_account_is_dated_too(core, clock, in_work):
    """
    By the moment somebody asked for it.
    """
    run(core.register(email=ANN, password=OLD, display_name=None, client="c"))
    assert in_work(lambda work: work.users.by_email(ANN)).created_at == clock.now()


def test_where_nothing_is_verified_nobody_takes_an_account_over(build_core):
    """
    Where accounts work at once, registering again changes nothing: the first password is the one that works.
    """
    core = build_core(verification_required=False)
    for password in (OLD, NEW):
        run(core.register(email=ANN, password=password, display_name=None, client="c"))
    assert run(core.log_in(email=ANN, password=OLD, client="c")).caller.user.email == ANN


@pytest.fixture
def notice(core, enrol, in_work):
    """
    Return what queues a mail for somebody with an account.
    """
    enrol(ANN, OLD)

    def queue():
        in_work(lambda work: work.outbox.add(core.register.write_mail(MailKind.PASSWORD_CHANGED, to=ANN)))

    return queue


def test_both_shapes_of_a_message_are_sent(core, post, notice, ports):
    """
    HTML beside the text.
    """
    notice()
    run(core.deliver_mail())
    words: RenderedMessage = ports.renderer.render(MailKind.PASSWORD_CHANGED, locale="en", facts={"email": ANN.text})
    assert [message.html for message in post.sent] == [words.html]


@pytest.mark.parametrize(
    ("error", "misconfigured", "away"),
    [
        (EmailUnavailable("421"), False, False),
        (EmailUnavailable("connect", away=True), False, True),
        (EmailMisconfigured("535"), True, False),
    ],
)
def test_a_delivery_says_what_its_mail_waits_for(core, post, notice, error, misconfigured, away):
    """
    An operator, the provider's return, or nothing but time.
    """
    notice()
    post.fail_next(error)
    delivery = run(core.deliver_mail())
    assert (delivery.outcome, delivery.misconfigured, delivery.away) == (Outcome.RETRIED, misconfigured, away)


def test_whoever_was_too_slow_still_says_what_went_wrong(core, post, notice, clock):
    """
    The reason stands in the delivery although another courier has the mail.
    """
    notice()
    mail = run(core.deliver_mail.claim())
    clock.pass_time(timedelta(hours=1))
    run(core.deliver_mail.claim())
    post.fail_next(EmailUnavailable("421"))
    delivery = run(core.deliver_mail.deliver(mail))
    assert (delivery.outcome, delivery.reason) == (Outcome.LOST, "unavailable 421")


def test_nothing_is_forgotten_more_than_a_batch_at_a_time(core, enrol, in_work, clock, monkeypatch):
    """
    Be it mail, tokens, sessions, todos, changes or answers.
    """
    monkeypatch.setattr(pruning, "BATCH", 1)
    monkeypatch.setattr(pruning, "MOST_BATCHES", 1)
    ann = enrol(ANN, OLD)
    for key in ("one", "two"):
        clock.pass_time(timedelta(minutes=1))
        retry = Retry(key, b"", lambda todo: todo.title.encode())
        todo = run(core.add_todo(owner_id=ann.id, fields={"title": key}, retry=retry))
        run(core.delete_todo(todo.id, owner_id=ann.id, seen_version=None))
        in_work(lambda work: work.outbox.add(core.register.write_mail(MailKind.PASSWORD_CHANGED, to=ANN)))
        run(core.deliver_mail())
        run(core.make_reset_link(email=ANN))
        run(core.log_in(email=ANN, password=OLD, client="c"))
    clock.pass_time(timedelta(days=40))
    pruned = run(core.prune())
    assert (pruned.mails, pruned.tokens, pruned.sessions) == (1, 1, 1)
    assert (pruned.todos, pruned.changes, pruned.answers) == (1, 1, 1)


def test_bad_links_that_keep_an_account_are_counted_for_each_client(core):
    """
    The eleventh within a minute is too much, and nobody else's first.
    """
    for _ in range(10):
        with raises(InvalidToken):
            run(core.undo_deletion(token="made up", client="192.0.2.1"))
    with raises(TooManyRequests):
        run(core.undo_deletion(token="made up", client="192.0.2.1"))
    with raises(InvalidToken):
        run(core.undo_deletion(token="made up", client="198.51.100.1"))


def test_a_session_that_is_ended_is_noted_with_the_clients_network(core, enrol, in_work):
    """
    As every event of the account is that somebody at a network caused.
    """
    user = enrol(ANN, OLD)
    caller = run(core.log_in(email=ANN, password=OLD, client="192.0.2.1")).caller
    run(core.end_session(caller.session.id, caller=caller, client="192.0.2.1"))
    ended, logged_in = in_work(lambda work: work.events.of_user(user.id, before=None, limit=9))
    assert ended.network == logged_in.network is not None
