from datetime import timedelta
from typing import Any

import pytest
from attrs import define, evolve

from tests.unit.driving import run
from todo_adapters.memory import MemoryRateLimiter
from todo_core.contracts.samples import a_suppression
from todo_core.model.answer import Retry
from todo_core.model.email import EmailAddress
from todo_core.model.limit import Limit
from todo_core.model.mail import MailKind, MailState
from todo_core.model.password import Password
from todo_core.model.todo import TodoFilter, TodoSort
from todo_core.use_cases import pruning
from todo_core.use_cases.pruning import Pruned

ANN, BOB, NOBODY = (EmailAddress(f"{name}@example.org") for name in ("ann", "bob", "nobody"))
PASSWORD = Password("a quiet old password")
NOTHING = Pruned(users=0, mails=0, tokens=0, sessions=0, counters=0, todos=0, changes=0, answers=0)
SECOND = timedelta(seconds=1)


@pytest.fixture
def prune_after(core, clock):
    """
    Return what lets time pass and then forgets what is old.
    """

    def prune(duration):
        clock.pass_time(duration)
        return run(core.prune())

    return prune


@pytest.fixture
def deliver_one(core, in_work):
    """
    Return what asks for a mail and has it delivered.
    """

    def deliver(address):
        in_work(lambda work: work.outbox.add(core.register.write_mail(MailKind.PASSWORD_CHANGED, to=address)))
        return run(core.deliver_mail()).mail.id

    return deliver


def test_there_may_be_nothing_to_forget(core):
    """
    Then nothing is.
    """
    assert run(core.prune()) == NOTHING


def test_sent_mail_is_kept_for_thirty_days(enrol, deliver_one, prune_after, in_work):
    """
    And not a second longer.
    """
    enrol(ANN, PASSWORD)
    mail_id = deliver_one(ANN)
    assert prune_after(timedelta(days=30)) == NOTHING
    assert in_work(lambda work: work.outbox.by_id(mail_id)).state is MailState.SENT
    assert prune_after(SECOND) == evolve(NOTHING, mails=1)
    assert in_work(lambda work: work.outbox.by_id(mail_id)) is None


def test_dead_mail_is_kept_for_ninety_days(enrol, deliver_one, prune_after, in_work):
    """
    An operator may want to know why.
    """
    enrol(ANN, PASSWORD, disabled=True)
    mail_id = deliver_one(ANN)
    assert prune_after(timedelta(days=90)) == NOTHING
    assert in_work(lambda work: work.outbox.by_id(mail_id)).state is MailState.DEAD
    assert prune_after(SECOND) == evolve(NOTHING, mails=1)


def test_addresses_without_an_account_are_gone_within_a_day(deliver_one, prune_after):
    """
    Pruning comes each hour, so they are kept for an hour less.
    """
    deliver_one(NOBODY)
    assert prune_after(timedelta(hours=23)) == NOTHING
    assert prune_after(SECOND) == evolve(NOTHING, mails=1)


def test_mail_that_waits_is_kept(core, in_work, prune_after):
    """
    However old it is.
    """
    in_work(lambda work: work.outbox.add(core.register.write_mail(MailKind.PASSWORD_CHANGED, to=ANN)))
    assert prune_after(timedelta(days=365)) == NOTHING


def test_tokens_are_kept_for_thirty_days_after_they_expired(core, enrol, prune_after):
    """
    An hour after they were made, here.
    """
    enrol(ANN, PASSWORD)
    run(core.make_reset_link(email=ANN))
    assert prune_after(timedelta(days=30, hours=1)) == NOTHING
    assert prune_after(SECOND) == evolve(NOTHING, tokens=1)


def test_sessions_and_counters_are_forgotten_when_they_are_over(core, enrol, prune_after):
    """
    The counters of the log-in a minute later, its session after a week.
    """
    enrol(ANN, PASSWORD)
    run(core.log_in(email=ANN, password=PASSWORD, client="192.0.2.1"))
    assert prune_after(timedelta(seconds=59)) == NOTHING
    assert prune_after(SECOND) == evolve(NOTHING, counters=2)
    assert prune_after(timedelta(days=7, minutes=-1)) == NOTHING
    assert prune_after(SECOND) == evolve(NOTHING, sessions=1)


def test_the_bin_is_emptied_after_thirty_days(core, enrol, in_work, prune_after):
    """
    The steps of what lay there go with it; until then it can be restored.
    """
    ann = enrol(ANN, PASSWORD)

    def add(**fields: Any):
        return run(core.add_todo(owner_id=ann.id, fields={"title": "Clean", **fields}))

    gone, kept = add(), add()
    add(parent_id=gone.id)
    run(core.delete_todo(gone.id, owner_id=ann.id, seen_version=None))
    assert prune_after(timedelta(days=30)).todos == 0
    assert run(core.restore_todo(gone.id, owner_id=ann.id)).version == 3
    run(core.delete_todo(gone.id, owner_id=ann.id, seen_version=None))
    assert prune_after(timedelta(days=30)).todos == 0
    assert prune_after(SECOND).todos > 0
    page = in_work(
        lambda work: work.todos.page(TodoFilter(deleted=True), TodoSort(), owner_id=ann.id, after=None, limit=10)
    )
    assert page.items == []
    assert run(core.get_todo(kept.id, owner_id=ann.id)) == kept


def test_changes_are_kept_for_seven_days(core, enrol, in_work, prune_after):
    """
    The latest number outlives them.
    """
    ann = enrol(ANN, PASSWORD)
    run(core.add_todo(owner_id=ann.id, fields={"title": "Clean"}))
    assert prune_after(timedelta(days=7)) == NOTHING
    assert prune_after(SECOND) == evolve(NOTHING, changes=1)
    assert in_work(lambda work: work.changes.latest(ann.id)) == 1


def test_answers_are_kept_for_a_day(core, enrol, prune_after):
    """
    Then the same request is another wish.
    """
    ann = enrol(ANN, PASSWORD)
    retry = Retry("key", b"1", lambda todo: todo.title.encode())

    def add():
        return run(core.add_todo(owner_id=ann.id, fields={"title": "Clean"}, retry=retry))

    first = add()
    assert prune_after(timedelta(days=1)) == NOTHING
    assert add().body == b"Clean"
    assert prune_after(SECOND) == evolve(NOTHING, answers=1)
    assert add().id != first.id


def test_whoever_wanted_to_go_is_erased_when_the_day_is_over(core, enrol, in_work, clock, prune_after):
    """
    With their mail and the suppression of their address; those who stay keep theirs.
    """
    ann, stayer = enrol(ANN, PASSWORD), enrol(BOB, PASSWORD)
    for address in (ANN, BOB):
        in_work(lambda work, to=address: work.outbox.add(core.register.write_mail(MailKind.PASSWORD_RESET, to=to)))
        in_work(lambda work, to=address: work.suppressions.add(a_suppression(to.text, at=clock.now())))
    in_work(lambda work: work.users.set_erase_at(ann.id, at=clock.now() + SECOND))
    assert run(core.prune()) == NOTHING
    assert prune_after(SECOND) == evolve(NOTHING, users=1)
    assert in_work(lambda work: work.users.by_id(ann.id)) is None
    assert in_work(lambda work: work.users.by_id(stayer.id)) == stayer
    assert [mail.address for mail in in_work(lambda work: work.outbox.newest(state=None, limit=10))] == [BOB]
    assert [kept.address for kept in in_work(lambda work: work.suppressions.newest(limit=10))] == [BOB]


def test_many_leave_batch_by_batch(core, enrol, in_work, clock, monkeypatch, trace):
    """
    As much goes with each of them, a batch is smaller than those of other things, and the last one is not full.
    """
    monkeypatch.setattr(pruning, "LEAVERS", 2)
    for number in range(5):
        leaver = enrol(EmailAddress(f"ann{number}@example.org"), PASSWORD)
        in_work(lambda work, leaver=leaver: work.users.set_erase_at(leaver.id, at=clock.now()))
    assert trace(lambda core: core.prune()).count("users.erase") == 3
    assert run(core.prune()) == NOTHING


def test_much_is_forgotten_batch_by_batch(core, ports, monkeypatch, trace):
    """
    Each batch is a unit of work of its own, and no more of them follow each other than were allowed.
    """
    monkeypatch.setattr(pruning, "BATCH", 2)
    monkeypatch.setattr(pruning, "MOST_BATCHES", 3)
    limit = Limit("second", 1, SECOND)
    for number in range(9):
        run(ports.rate_limiter.hit(limit, str(number)))
    ports.clock.pass_time(SECOND)
    assert [run(core.prune()).counters for _ in range(3)] == [6, 3, 0]
    assert trace(lambda core: core.prune()).count("begin") == 9


def test_a_batch_that_is_just_full_is_followed_by_another(core, ports, monkeypatch):
    """
    Nobody can tell that it was the last.
    """
    monkeypatch.setattr(pruning, "BATCH", 2)
    asked = Counting(ports.rate_limiter, [])
    for number in range(2):
        run(ports.rate_limiter.hit(Limit("second", 1, SECOND), str(number)))
    ports.clock.pass_time(SECOND)
    assert run(evolve(core.prune, rate_limiter=asked)()).counters == 2
    assert asked.limits == [2, 2]


@define
class Counting:
    """
    A rate limiter that notes how much it was asked to forget.
    """

    rate_limiter: MemoryRateLimiter
    limits: list[int]

    async def prune(self, *, limit):
        """
        Do so.
        """
        self.limits.append(limit)
        return await self.rate_limiter.prune(limit=limit)
