from datetime import timedelta
from uuid import UUID

import pytest
from starlette.requests import Request

from tests.unit.driving import run
from todo_core.contracts.samples import NOW
from todo_core.errors import Unauthenticated
from todo_core.model.change import Change, ChangedThing, ChangeKind
from todo_core.model.email import EmailAddress
from todo_core.model.ids import UserId
from todo_core.model.password import Password
from todo_core.use_cases.changes import MOST_AT_ONCE, News
from todo_web.event_stream import opening, written
from todo_web.routes.changes import last_seen

PASSWORD = Password("a quiet old password")


@pytest.fixture
def caller(core, enrol):
    """
    Log Ann in.
    """
    ann = enrol(EmailAddress("ann@example.org"), PASSWORD)
    return run(core.log_in(email=ann.email, password=PASSWORD, client="192.0.2.1", user_agent=None)).caller


@pytest.fixture
def add(core, caller):
    """
    Return what makes so many changes of Ann's, or of somebody else's.
    """

    def note(times=1, *, owner_id=caller.user.id):
        return [run(core.add_todo(owner_id=owner_id, fields={"title": "Buy milk"})) for _ in range(times)]

    return note


@pytest.fixture
def follow(core, caller):
    """
    Return what asks for Ann's changes after a number.
    """
    return lambda after: run(core.follow_changes(caller=caller, after=after))


def test_a_follower_begins_with_what_is_to_come(add, follow):
    """
    Without a number nothing old is told, only where one stands.
    """
    assert follow(None) == News([], 0)
    add(3)
    assert follow(None) == News([], 3)
    assert follow(3) == News([], 3)


def test_whoever_has_seen_all_costs_no_reading(add, trace, caller):
    """
    Changes are read when there are new ones, for many ask often.
    """
    add(2)
    assert "changes.since" not in trace(lambda core: core.follow_changes(caller=caller, after=2))
    assert "changes.since" in trace(lambda core: core.follow_changes(caller=caller, after=1))


def test_what_came_since_is_told_in_its_order(add, follow):
    """
    From the number on, and one's own only.
    """
    first, second, third = add(3)
    add(2, owner_id=UserId(UUID(int=7)))
    news = follow(1)
    assert [change.id for change in news.changes] == [second.id, third.id]
    assert (news.number, news.is_torn, news.has_more) == (3, False, False)
    assert [change.id for change in follow(0).changes] == [first.id, second.id, third.id]


def test_many_changes_come_a_hundred_at_a_time(add, follow):
    """
    Whoever is far behind asks again at once, and misses none.
    """
    add(MOST_AT_ONCE + 1)
    news = follow(0)
    assert [change.number for change in news.changes] == list(range(1, MOST_AT_ONCE + 1))
    assert news.has_more
    rest = follow(news.number)
    assert [change.number for change in rest.changes] == [MOST_AT_ONCE + 1]
    assert not rest.has_more


@pytest.mark.parametrize("after", [-1, 3, 10**30])
def test_a_number_that_was_never_given_tears_the_news(add, follow, after):
    """
    As after a database was restored from a copy: nobody knows what such a follower has seen.
    """
    add(2)
    assert follow(after) == News([], 2, is_torn=True)


def test_forgotten_changes_tear_the_news_of_whoever_missed_them(add, follow, clock, in_work):
    """
    Nobody else's: who has seen them goes on.
    """
    add(1)
    clock.pass_time(timedelta(hours=1))
    add(2)
    in_work(lambda work: work.changes.prune(before=clock.now(), limit=9))
    assert follow(0) == News([], 3, is_torn=True)
    assert [change.number for change in follow(1).changes] == [2, 3]
    in_work(lambda work: work.changes.prune(before=clock.now() + timedelta(hours=1), limit=9))
    assert follow(1) == News([], 3, is_torn=True)
    assert follow(3) == News([], 3)


def test_nobody_is_told_after_a_log_out(core, caller, add, follow):
    """
    The session is looked at each time, before what is new.
    """
    add(1)
    run(core.log_out(caller=caller, client="192.0.2.1"))
    with pytest.raises(Unauthenticated):
        follow(0)


def test_an_idle_session_is_told_nothing(clock, core, caller):
    """
    Following is no sign of somebody who sits there.
    """
    clock.pass_time(core.follow_changes.idle)
    with pytest.raises(Unauthenticated):
        run(core.follow_changes(caller=caller, after=None))


def a_change(number):
    """
    Return a change with this *number*.
    """
    owner_id = UserId(UUID(int=1))
    return Change(owner_id, number, NOW, ChangedThing.TODO, ChangeKind.EDITED, UUID(int=9), version=4)


def test_changes_as_events():
    """
    Each has its number for its id, and says what is to be loaded again.
    """
    data = '{"thing":"todo","kind":"edited","id":"00000000-0000-0000-0000-000000000009","version":4}'
    assert written(News([a_change(7), a_change(8)], 8)).decode() == (
        f"id: 7\nevent: change\ndata: {data}\n\nid: 8\nevent: change\ndata: {data}\n\n"
    )


def test_torn_news_as_an_event():
    """
    Whoever hears of it loads all anew, and goes on from the latest number.
    """
    assert written(News([], 8, is_torn=True)) == b"id: 8\nevent: reset\ndata: {}\n\n"


def test_nothing_new_is_a_sign_of_life():
    """
    A comment, which every reader passes over.
    """
    assert written(News([], 8)) == b":\n\n"


@pytest.mark.parametrize("news", [News([], 6), News([a_change(7), a_change(8)], 8), News([], 6, is_torn=True)])
def test_a_stream_opens_with_where_it_begins(news):
    """
    Whoever is cut off before the first change comes back to where they were, and not to what is latest by then.
    """
    assert opening(news) == b"retry: 2000\nid: 6\n\n"


@pytest.mark.parametrize(
    ("header", "number"),
    [(None, None), ("", None), ("0", 0), ("17", 17), ("-1", -1), ("x", -1), ("٣", -1), ("9" * 30, -1), ("1.0", -1)],
)
def test_where_a_reader_was(header, number):
    """
    The number of the last event; what we never said is a number that we never gave.
    """
    headers = [] if header is None else [(b"last-event-id", header.encode())]
    assert last_seen(Request({"type": "http", "method": "GET", "headers": headers})) == number
