from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tests.unit.driving import run
from todo_core.errors import EmailUnavailable, InvalidInput
from todo_core.model.email import EmailAddress
from todo_core.model.ids import MailId, UserId
from todo_core.model.mail import NOT_WANTED, Mail, MailKind, MailState
from todo_core.model.password import Password
from todo_core.model.recurrence import Recurrence
from todo_core.model.suppression import MailEventKind, Suppression

ANN = EmailAddress("ann@example.org")
HOUR, DAY, MOMENT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def ann(enrol, in_work):
    """
    Return Ann, who lives in Berlin.
    """
    user = enrol(ANN, Password("a quiet old password"), locale="de")
    profile = {"display_name": None, "locale": "de", "timezone": "Europe/Berlin"}
    in_work(lambda work: work.users.set_profile(user.id, **profile))
    return user


@pytest.fixture
def add(core, ann):
    """
    Return what notes a todo of Ann's.
    """

    def note(title="Water the plants", **fields: Any):
        return run(core.add_todo(owner_id=ann.id, fields={"title": title, **fields}))

    return note


@pytest.fixture
def edit(core):
    """
    Return what edits a todo.
    """
    return lambda todo, **changes: run(
        core.edit_todo(todo.id, owner_id=todo.owner_id, changes=changes, seen_version=None)
    )


@pytest.fixture
def delete(core):
    """
    Return what puts a todo into the bin.
    """
    return lambda todo: run(core.delete_todo(todo.id, owner_id=todo.owner_id, seen_version=None))


@pytest.fixture
def outbox(in_work):
    """
    Return what lists all mail, newest first.
    """
    return lambda: list(in_work(lambda work: work.outbox.newest(state=None, limit=100)))


@pytest.fixture
def courier_at(clock, courier):
    """
    Return what lets the courier deliver at a moment, and tells why each mail was not sent.
    """

    def deliver(moment: datetime) -> list[str | None]:
        clock.pass_time(moment - clock.now())
        return [delivery.reason for delivery in courier()]

    return deliver


def test_a_reminder_comes_at_its_hour(add, courier_at, inbox, outbox, clock):
    """
    Not a moment before, once, in the reader's language, with what the todo is, when it is due, and where to find it.
    """
    hour = clock.now() + 3 * HOUR
    due = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    todo = add(due_at=due, remind_at=hour)
    assert [mail.created_at for mail in outbox()] == [clock.now()]
    assert courier_at(hour - MOMENT) == []
    assert courier_at(hour) == [None]
    assert courier_at(hour + DAY) == []
    [letter] = inbox()
    assert (letter.to, letter.kind) == (ANN.text, "reminder")
    assert letter.facts["todo"] == "Water the plants"
    assert letter.facts["due"] == "2026-03-29T03:30"
    assert letter.facts["zone"] == "Europe/Berlin"
    assert letter.facts["link"] == f"https://todo.example/todos/{todo.id}"
    assert letter.facts["email"] == ANN.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"due_at": datetime(2026, 10, 25, 0, 30, tzinfo=UTC)}, "2026-10-25T02:30"),
        ({"due_at": datetime(2026, 10, 25, 1, 30, tzinfo=UTC)}, "2026-10-25T02:30"),
        ({"due_at": datetime(2026, 12, 31, 23, 30, 59, tzinfo=UTC)}, "2027-01-01T00:30"),
        ({"due_date": date(2026, 10, 25)}, "2026-10-25"),
        ({}, ""),
    ],
)
def test_it_tells_when_the_todo_is_due_on_the_owners_clock(add, courier_at, post, clock, fields, told):
    """
    To the minute, or the day alone, or nothing when it is never due.
    """
    hour = clock.now() + HOUR
    add(remind_at=hour, **fields)
    courier_at(hour)
    [message] = post.sent
    assert f"due: {told}\n" in f"{message.text}\n"


def test_another_hour_takes_the_place_of_the_first(add, edit, courier_at, inbox, outbox, clock):
    """
    One mail waits, for the last hour that was said.
    """
    first = clock.now() + HOUR
    todo = add(remind_at=first)
    edit(todo, remind_at=first + HOUR)
    assert [mail.due_at for mail in outbox()] == [first + HOUR]
    assert courier_at(first) == []
    assert courier_at(first + HOUR) == [None]
    assert len(inbox()) == 1


def test_each_todo_has_its_own(add, courier_at, inbox, clock):
    """
    Several wait side by side.
    """
    hour = clock.now() + HOUR
    for title in ("Water", "Read"):
        add(title, remind_at=hour)
    assert courier_at(hour) == [None, None]
    assert sorted(letter.facts["todo"] for letter in inbox()) == ["Read", "Water"]


def test_what_is_the_same_is_not_asked_for_again(add, edit, outbox, clock):
    """
    Another change leaves the mail that waits as it is.
    """
    todo = add(remind_at=clock.now() + HOUR)
    [waiting] = outbox()
    edit(todo, title="Water them well", remind_at=todo.remind_at)
    assert outbox() == [waiting]


@pytest.mark.parametrize("end", ["done", "deleted", "cleared", "purged"])
def test_what_is_over_is_not_reminded_of(add, edit, delete, courier_at, in_work, outbox, clock, end):
    """
    The mail that waits is given up when its hour comes.
    """
    hour = clock.now() + 40 * DAY
    todo = add(remind_at=hour)
    if end == "done":
        edit(todo, completed=True)
    elif end == "cleared":
        edit(todo, remind_at=None)
    else:
        delete(todo)
    if end == "purged":
        assert in_work(lambda work: work.todos.purge(before=clock.now() + DAY, limit=9)) == 1
    assert courier_at(hour) == [NOT_WANTED]
    assert [(mail.state, mail.last_error) for mail in outbox()] == [(MailState.DEAD, NOT_WANTED)]


def test_one_that_was_on_its_way_when_another_hour_was_said_is_not_sent(add, edit, core, courier_at, inbox, clock):
    """
    It was tried once, and waits to be tried again; by then it is not what was asked for last.
    """
    hour = clock.now() + HOUR
    todo = add(remind_at=hour)
    clock.pass_time(HOUR)
    mail = run(core.deliver_mail.claim())
    edit(todo, remind_at=hour + HOUR)
    assert run(core.deliver_mail.deliver(mail)).reason == NOT_WANTED
    assert courier_at(hour + HOUR) == [None]
    assert len(inbox()) == 1


def test_what_comes_back_from_the_bin_is_reminded_of(add, delete, core, courier_at, inbox, clock):
    """
    The mail that waited is wanted again.
    """
    hour = clock.now() + HOUR
    todo = add(remind_at=hour)
    delete(todo)
    run(core.restore_todo(todo.id, owner_id=todo.owner_id))
    assert courier_at(hour) == [None]
    assert len(inbox()) == 1


def test_what_is_taken_up_again_is_reminded_of_if_its_hour_is_to_come(add, edit, courier_at, inbox, clock):
    """
    An hour that was said while it was done counts then; one that is over does not come back.
    """
    hour = clock.now() + HOUR
    todo = add(completed=True, remind_at=hour + HOUR)
    edit(todo, remind_at=hour)
    edit(todo, completed=False)
    assert courier_at(hour) == [None]
    edit(todo, completed=True)
    edit(todo, completed=False)
    assert courier_at(hour + MOMENT) == []
    assert len(inbox()) == 1


def test_what_is_done_already_is_not_reminded_of(add, outbox, clock):
    """
    Its hour is kept, no more.
    """
    assert add(completed=True, remind_at=clock.now() + HOUR).remind_at == clock.now() + HOUR
    assert add(completed=True, remind_at=clock.now() - 2 * DAY).remind_at == clock.now() - 2 * DAY
    assert outbox() == []


def test_an_hour_that_is_just_over_is_now(add, courier_at, inbox, clock):
    """
    Whoever says an hour of the last day is reminded at once.
    """
    add(remind_at=clock.now() - DAY + MOMENT)
    assert courier_at(clock.now()) == [None]
    assert len(inbox()) == 1


def test_an_hour_that_is_long_over_is_refused(add, edit, outbox, clock):
    """
    Nothing is changed then; one that was kept so long does not hinder another change.
    """
    for fields in ({"remind_at": clock.now() - DAY}, {"remind_at": datetime(1970, 1, 1, tzinfo=UTC)}):
        with pytest.raises(InvalidInput) as refusal:
            add(**fields)
        assert refusal.value.field == "remind_at"
        assert refusal.value.detail == "A reminder cannot be due more than a day ago."
    assert outbox() == []
    todo = add(remind_at=clock.now() + HOUR)
    clock.pass_time(3 * DAY)
    with pytest.raises(InvalidInput):
        edit(todo, title="Read", remind_at=clock.now() - 2 * DAY)
    assert edit(todo, title="Read").remind_at == todo.remind_at


def test_a_reminder_is_of_no_use_a_day_late(add, courier_at, post, inbox, clock):
    """
    It is tried until then.
    """
    hour = clock.now() + HOUR
    add(remind_at=hour)
    post.fail_next(EmailUnavailable("421"))
    assert courier_at(hour) == ["unavailable 421"]
    assert courier_at(hour + DAY) == ["expired"]
    assert inbox() == []


def test_an_operator_can_give_it_another_day(add, core, courier_at, inbox, clock, outbox):
    """
    As for any mail.
    """
    hour = clock.now() + HOUR
    add(remind_at=hour)
    assert courier_at(hour + DAY) == ["expired"]
    [dead] = outbox()
    run(core.retry_mail(mail_id=dead.id))
    assert [mail.expires_at for mail in outbox()] == [clock.now() + DAY]
    assert courier_at(clock.now()) == [None]
    assert len(inbox()) == 1


def test_a_reminder_follows_its_reader_to_another_address(add, courier_at, ann, in_work, inbox, clock):
    """
    It goes to the address that the account has when it is sent, if that wants mail.
    """
    new, hour = EmailAddress("ann@elsewhere.example"), clock.now() + HOUR
    add(remind_at=hour)
    add("Read", remind_at=hour + HOUR)
    in_work(lambda work: work.suppressions.add(Suppression(ANN, MailEventKind.BOUNCE, clock.now())))
    in_work(lambda work: work.users.change_email(ann.id, new, at=clock.now()))
    assert courier_at(hour) == [None]
    assert [(letter.to, letter.facts["email"]) for letter in inbox()] == [(new.text, new.text)]
    in_work(lambda work: work.suppressions.add(Suppression(new, MailEventKind.COMPLAINT, clock.now())))
    assert courier_at(hour + HOUR) == ["suppressed (complaint)"]


def test_nobody_is_reminded_at_an_address_that_may_be_anothers(core, enrol, courier_at, inbox, clock):
    """
    Whoever never showed that the address is theirs could have mail of their own words sent to anybody.
    """
    eve = enrol(EmailAddress("ann@example.net"), Password("a quiet old password"), verified=False)
    hour = clock.now() + HOUR
    run(core.add_todo(owner_id=eve.id, fields={"title": "Buy my things", "remind_at": hour}))
    assert courier_at(hour) == [NOT_WANTED]
    assert inbox() == []


def test_nobody_who_is_unknown_is_reminded(core, outbox, clock):
    """
    Where the owner is gone in this moment, there is nobody to write to.
    """
    nobody = UserId(UUID(int=1))
    run(core.add_todo(owner_id=nobody, fields={"title": "Read", "remind_at": clock.now() + HOUR}))
    assert outbox() == []


def test_the_next_one_is_reminded_of_in_its_turn(add, edit, courier_at, inbox, clock):
    """
    With its steps, unless the hour is long over; the one that is done is not.
    """
    weekly = Recurrence.parse("FREQ=WEEKLY")
    plants = add(due_date=date(2026, 1, 2), remind_at=clock.now() + HOUR, recurrence=weekly)
    add("Pour", parent_id=plants.id, remind_at=clock.now() + 2 * HOUR)
    late = add("Read", due_date=date(2026, 1, 2), remind_at=clock.now() - HOUR, recurrence=weekly)
    hour = plants.remind_at
    edit(plants, completed=True)
    assert courier_at(hour + 3 * HOUR) == [None, NOT_WANTED, None]
    assert [letter.facts["todo"] for letter in inbox()] == ["Read", "Pour"]
    assert courier_at(hour + 7 * DAY + HOUR) == [None, None]
    assert [letter.facts["todo"] for letter in inbox()[2:]] == ["Water the plants", "Pour"]
    assert courier_at(hour + 9 * DAY) == []
    edit(late, completed=True)
    assert courier_at(clock.now()) == []


@pytest.mark.parametrize(("late", "waiting"), [(DAY - MOMENT, 2), (DAY, 1)])
def test_the_next_one_whose_hour_is_a_day_ago_is_not_written(add, edit, outbox, clock, late, waiting):
    """
    It would be of no use when it comes.
    """
    plants = add(due_date=date(2026, 1, 2), remind_at=clock.now(), recurrence=Recurrence.parse("FREQ=WEEKLY"))
    clock.pass_time(7 * DAY + late)
    edit(plants, completed=True)
    assert len(outbox()) == waiting


def test_a_reminder_that_is_about_nothing_is_not_sent(ann, in_work, courier, clock, inbox):
    """
    None such is ever written.
    """
    now = clock.now()
    mail = Mail(MailId(UUID(int=5)), MailKind.REMINDER, ANN, now, now + DAY, now, user_id=ann.id)
    in_work(lambda work: work.outbox.add(mail))
    assert [delivery.reason for delivery in courier()] == [NOT_WANTED]
    assert inbox() == []
