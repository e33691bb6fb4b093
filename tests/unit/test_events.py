from datetime import timedelta

import pytest

from tests.unit.driving import run
from todo_adapters.memory.events import MemoryEventStore
from todo_core.contracts.samples import an_event
from todo_core.errors import InvalidInput
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password

ANN, BOB = EmailAddress("ann@example.org"), EmailAddress("bob@example.org")
PASSWORD = Password("a quiet old password")


@pytest.fixture
def happen(in_work, clock):
    """
    Return what lets so many things happen to somebody's account, and returns them, newest first.
    """

    def add(user, count):
        events = [an_event(user, at=clock.now() + number * timedelta(minutes=1)) for number in range(count)]
        for event in events:
            in_work(lambda work, event=event: work.events.add(event))
        return events[::-1]

    return add


def test_events_come_page_by_page(core, enrol, happen):
    """
    Newest first; whoever follows sees each of their own once, and the last page says that it is the last.
    """
    ann = enrol(ANN, PASSWORD)
    events = happen(ann, 5)
    happen(enrol(BOB, PASSWORD), 1)
    seen, before = [], None
    for expected in (2, 2, 1):
        page = run(core.list_events(user_id=ann.id, before=before, limit=2))
        assert len(page.items) == expected
        seen, before = [*seen, *page.items], page.next_before
    assert before is None
    assert seen == events


def test_a_page_that_is_just_full_is_the_last(core, enrol, happen):
    """
    Nobody is sent to an empty one.
    """
    ann = enrol(ANN, PASSWORD)
    events = happen(ann, 2)
    page = run(core.list_events(user_id=ann.id, before=None, limit=2))
    assert (list(page.items), page.next_before) == (events, None)


def test_nothing_may_have_happened(core, enrol):
    """
    Then the page is empty.
    """
    page = run(core.list_events(user_id=enrol(ANN, PASSWORD).id, before=None, limit=200))
    assert (list(page.items), page.next_before) == ([], None)


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_has_bounds(core, enrol, limit):
    """
    One to two hundred.
    """
    with pytest.raises(InvalidInput) as refusal:
        run(core.list_events(user_id=enrol(ANN, PASSWORD).id, before=None, limit=limit))
    assert (refusal.value.detail, refusal.value.field) == ("A page has 1 to 200 events.", "limit")


@pytest.mark.parametrize("limit", [1, 200])
def test_the_smallest_and_the_largest_page_are_given(core, enrol, happen, limit):
    """
    The bounds themselves are no mistake.
    """
    ann = enrol(ANN, PASSWORD)
    events = happen(ann, 1)
    assert list(run(core.list_events(user_id=ann.id, before=None, limit=limit)).items) == events


def test_no_more_is_read_than_tells_whether_another_page_follows(core, enrol, happen, monkeypatch):
    """
    One event beyond the page, however many there are.
    """
    asked, of_user = [], MemoryEventStore.of_user

    def listen(store, user_id, *, before, limit):
        asked.append(limit)
        return of_user(store, user_id, before=before, limit=limit)

    monkeypatch.setattr(MemoryEventStore, "of_user", listen)
    ann = enrol(ANN, PASSWORD)
    happen(ann, 5)
    run(core.list_events(user_id=ann.id, before=None, limit=2))
    assert asked == [3]
