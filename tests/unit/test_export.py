from datetime import timedelta

import pytest
from attrs import evolve

from tests.unit.driving import run
from todo_core.contracts.samples import a_suppression
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_core.use_cases import export as exporting

ANN, BOB = EmailAddress("ann@example.org"), EmailAddress("bob@example.org")
PASSWORD = Password("a quiet old password")
CLIENT = "192.0.2.1"


@pytest.fixture
def log_in(core):
    """
    Return what opens a session of somebody.
    """
    return lambda email: run(core.log_in(email=email, password=PASSWORD, client=CLIENT)).caller


@pytest.fixture
def queue(core, in_work):
    """
    Return what puts a mail into the outbox.
    """

    def add(kind, to, user_id=None):
        mail = core.register.write_mail(kind, to=to, user_id=user_id)
        in_work(lambda work: work.outbox.add(mail))
        return mail

    return add


def whole(pages):
    """
    Return what stands on all the *pages*.
    """

    async def read():
        return [thing async for page in pages for thing in page]

    return run(read())


def test_all_that_is_held_is_exported(core, enrol, log_in, queue, in_work, clock):
    """
    The bin too, and nothing of anybody else; that it was asked for is part of it.
    """
    ann, bob = enrol(ANN, PASSWORD), enrol(BOB, PASSWORD)
    sessions = [log_in(ANN).session, log_in(ANN).session]
    log_in(BOB)
    mail = queue(MailKind.PASSWORD_RESET, ANN)
    notice = queue(MailKind.PASSWORD_CHANGED, ANN, ann.id)
    queue(MailKind.PASSWORD_RESET, BOB)
    suppression = a_suppression(ANN.text)
    in_work(lambda work: work.suppressions.add(suppression))
    todos = [
        run(core.add_todo(owner_id=owner.id, fields={"title": f"{number}"}))
        for owner in (ann, bob)
        for number in range(2)
    ]
    run(core.delete_todo(todos[0].id, owner_id=ann.id, seen_version=None))
    lists = [run(core.add_list(owner_id=owner.id, fields={"name": "Home"})) for owner in (ann, bob)]
    calendars = [run(core.make_calendar(owner_id=owner.id)).calendar for owner in (ann, bob)]
    caller = evolve(log_in(ANN), user=ann)
    export = run(core.export_data(caller=caller, client=CLIENT))

    assert export.user == ann
    assert list(export.sessions) == [caller.session, *sessions[::-1]]
    assert list(export.mails) == [notice, mail]
    assert export.suppression == suppression
    assert (export.calendar, list(export.lists)) == (calendars[0], lists[:1])
    kept, in_the_bin = whole(export.todos)
    assert (kept, in_the_bin.id, in_the_bin.deleted_at) == (todos[1], todos[0].id, clock.now())
    events = whole(export.events)
    assert [event.kind for event in events] == [EventKind.DATA_EXPORTED, *[EventKind.LOGGED_IN] * 3]
    assert (events[0].at, events[0].network) == (clock.now(), "192.0.2.0/24")


def test_sessions_that_nobody_uses_are_held_too(core, enrol, log_in, clock):
    """
    Until they are pruned.
    """
    enrol(ANN, PASSWORD)
    idle = log_in(ANN).session
    clock.pass_time(timedelta(days=4))
    caller = log_in(ANN)
    export = run(core.export_data(caller=caller, client=CLIENT))
    assert list(export.sessions) == [caller.session, idle]


def test_whoever_showed_nothing_sees_nothing_of_an_address(build_core, enrol, queue, in_work):
    """
    Somebody who typed in another's address and never verified it learns nothing about mail to it.
    """
    core = build_core(verification_required=False)
    enrol(ANN, PASSWORD, verified=False)
    queue(MailKind.PASSWORD_RESET, ANN)
    in_work(lambda work: work.suppressions.add(a_suppression(ANN.text)))
    caller = run(core.log_in(email=ANN, password=PASSWORD, client=CLIENT)).caller
    export = run(core.export_data(caller=caller, client=CLIENT))
    assert (list(export.mails), export.suppression) == ([], None)


def test_mail_that_was_written_for_somebody_else_is_theirs(core, enrol, log_in, queue):
    """
    The address was another person's before.
    """
    enrol(ANN, PASSWORD)
    queue(MailKind.EMAIL_CHANGED, ANN, enrol(BOB, PASSWORD).id)
    assert list(run(core.export_data(caller=log_in(ANN), client=CLIENT)).mails) == []


def test_much_is_read_page_by_page(core, enrol, log_in, monkeypatch):
    """
    So that memory holds a page at a time, and nothing is left out or said twice.
    """
    monkeypatch.setattr(exporting, "LARGEST_PAGE", 2)
    ann = enrol(ANN, PASSWORD)
    todos = [run(core.add_todo(owner_id=ann.id, fields={"title": f"{number}"})) for number in range(5)]
    callers = [log_in(ANN) for _ in range(3)]
    export = run(core.export_data(caller=callers[0], client=CLIENT))

    async def sizes(pages):
        return [len(page) async for page in pages]

    assert run(sizes(export.todos)) == [2, 2, 1]
    assert run(sizes(export.events)) == [2, 2]
    again = run(core.export_data(caller=callers[0], client=CLIENT))
    assert whole(again.todos) == todos
    assert len({event.id for event in whole(again.events)}) == 5
