from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import asdict, evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from todo_core.errors import InvalidInput
from todo_core.model.ids import ListId, TodoId, UserId
from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import (
    LONGEST_NOTES,
    LONGEST_TAG,
    LONGEST_TITLE,
    MOST_TAGS,
    NEVER,
    Priority,
    SortKey,
    Todo,
    TodoFilter,
    words_of,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
DAILY = Recurrence.parse("FREQ=DAILY")

TITLES = st.text(min_size=1, max_size=20).filter(str.strip)
NOTES = st.none() | st.text(max_size=20)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given a zone
FIELDS = {
    "title": TITLES,
    "notes": NOTES,
    "completed": st.booleans(),
    "priority": st.sampled_from(Priority),
    "due_at": st.none() | MOMENTS,
    "due_date": st.none() | st.dates(date(1970, 1, 1), date(9998, 1, 1)),
    "tags": st.lists(st.sampled_from(["home", "work", "ää", "x y"]), max_size=4, unique=True).map(tuple),
    "position": st.text("123abc", min_size=1, max_size=5),
    "list_id": st.none() | st.uuids().map(ListId),
    "parent_id": st.none() | st.uuids().map(TodoId),
    "recurrence": st.none() | st.just(DAILY),
    "remind_at": st.none() | MOMENTS,
}
CHANGES = st.fixed_dictionaries({}, optional=FIELDS)


def a_todo(title="Buy milk", **fields: Any):
    """
    Make a todo, noted at noon.
    """
    usual = {"position": "V", "created_at": NOON, "updated_at": NOON}
    return Todo(id=TodoId(UUID(int=1)), owner_id=UserId(UUID(int=2)), title=title, **usual | fields)


def said(todo):
    """
    Return what a person may say of a todo.
    """
    return {name: getattr(todo, name) for name in FIELDS}


@st.composite
def todos(draw):
    """
    Draw a todo that keeps the rules.
    """
    fields = draw(st.fixed_dictionaries(FIELDS))
    completed_at = NOON if fields.pop("completed") else None
    try:
        return a_todo(**fields, completed_at=completed_at)
    except InvalidInput:
        assume(condition=False)


@settings(derandomize=True, deadline=None)
@given(todos(), CHANGES)
def test_an_edit_changes_what_it_names_and_nothing_else(todo, changes):
    """
    Every field that was not named stays, the identity always does; or the edit is refused.
    """
    try:
        edited = todo.edited(changes, now=LATER)
    except InvalidInput as refusal:
        assert refusal.field in {"due_date", "recurrence"}  # noqa: PT017 - any other is a fault, and none is one too
        return
    assert said(edited) == said(todo) | changes
    theirs = {"completed_at", "updated_at", "version", *FIELDS}
    kept = {name: value for name, value in asdict(todo, recurse=False).items() if name not in theirs}
    assert kept.items() <= asdict(edited, recurse=False).items()


@settings(derandomize=True, deadline=None)
@given(todos(), CHANGES)
def test_the_version_counts_the_edits_that_change_something(todo, changes):
    """
    An edit that changes nothing gives the todo itself.
    """
    try:
        edited = todo.edited(changes, now=LATER)
    except InvalidInput:
        return
    if said(todo) | changes == said(todo):
        assert edited is todo
    else:
        assert (edited.version, edited.updated_at) == (todo.version + 1, LATER)


def test_completing_notes_the_moment():
    """
    And opening it again forgets it.
    """
    done = a_todo().edited({"completed": True}, now=LATER)
    assert (done.completed, done.completed_at) == (True, LATER)
    assert done.edited({"completed": False}, now=LATER).completed_at is None


def test_completing_again_keeps_the_first_moment():
    """
    What is done was done then.
    """
    done = a_todo(completed_at=NOON)
    assert done.edited({"completed": True, "title": "Buy oat milk"}, now=LATER).completed_at == NOON


@pytest.mark.parametrize("title", ["", "   ", "\t\n", "x" * (LONGEST_TITLE + 1)])
def test_a_title_says_something_in_at_most_200_characters(title):
    """
    Blank and longer ones are refused, when a todo is made and when it is edited.
    """
    with pytest.raises(InvalidInput, match="1 to 200 characters") as refusal:
        a_todo(title)
    assert refusal.value.field == "title"
    with pytest.raises(InvalidInput):
        a_todo().edited({"title": title}, now=LATER)


def test_notes_have_at_most_10000_characters():
    """
    One more is refused, when a todo is made and when it is edited.
    """
    longest = "x" * LONGEST_NOTES
    with pytest.raises(InvalidInput, match="10000 characters") as refusal:
        a_todo(notes=f"{longest}x")
    assert refusal.value.field == "notes"
    with pytest.raises(InvalidInput):
        a_todo().edited({"notes": f"{longest}x"}, now=LATER)


def test_the_longest_title_and_notes_are_taken():
    """
    The limits themselves are allowed, and so are no notes at all.
    """
    assert a_todo("x" * LONGEST_TITLE, notes="x" * LONGEST_NOTES).version == 1
    assert a_todo(notes=None).notes is None


def test_tags_are_tidied():
    """
    Composed, without blanks around them, each once, in the order in which they were given.
    """
    assert a_todo(tags=["work", " home ", "a\u0308", "ä", "home"]).tags == ("work", "home", "ä")
    assert TodoFilter(tag=" a\u0308").tag == "ä"
    assert TodoFilter().tag is None


def test_tags_have_their_bounds():
    """
    Twenty of fifty characters are taken; one more, an empty and a longer one are refused.
    """
    most = [f"{number:050}" for number in range(MOST_TAGS)]
    assert {len(tag) for tag in a_todo(tags=most).tags} == {LONGEST_TAG}
    for wrong in ([*most, "one more"], [""], ["  "], ["x" * (LONGEST_TAG + 1)]):
        with pytest.raises(InvalidInput, match=r"20 tags|1 to 50 characters") as refusal:
            a_todo(tags=wrong)
        assert refusal.value.field == "tags"


def test_a_position_is_checked():
    """
    When a todo is made and when it is moved.
    """
    with pytest.raises(InvalidInput) as refusal:
        a_todo(position="V0")
    assert refusal.value.field == "position"
    with pytest.raises(InvalidInput):
        a_todo().edited({"position": ""}, now=LATER)


def test_a_todo_is_due_at_a_moment_or_on_a_day():
    """
    Not both; one can take the place of the other.
    """
    on_a_day = a_todo(due_date=date(2026, 1, 2))
    with pytest.raises(InvalidInput, match="not both") as refusal:
        on_a_day.edited({"due_at": LATER}, now=LATER)
    assert refusal.value.field == "due_date"
    assert on_a_day.edited({"due_at": LATER, "due_date": None}, now=LATER).due_at == LATER


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "due first"),
        ({"due_at": NOON, "parent_id": TodoId(UUID(int=3))}, "does not recur"),
        ({"due_date": date(2026, 1, 2), "parent_id": TodoId(UUID(int=3))}, "does not recur"),
    ],
)
def test_what_recurs_is_due_and_no_step(fields, rule):
    """
    Else it is refused, and the rule named.
    """
    with pytest.raises(InvalidInput, match=rule) as refusal:
        a_todo(recurrence=DAILY, **fields)
    assert refusal.value.field == "recurrence"


@pytest.mark.parametrize("due", [{"due_at": NOON}, {"due_date": date(2026, 1, 2)}])
def test_what_is_due_may_recur(due):
    """
    At a moment, and on a day.
    """
    assert a_todo(recurrence=DAILY, **due).recurrence == DAILY


def test_a_todo_is_no_step_of_itself():
    """
    That is refused.
    """
    with pytest.raises(InvalidInput) as refusal:
        a_todo(parent_id=TodoId(UUID(int=1)))
    assert refusal.value.field == "parent_id"


def test_a_day_is_sorted_as_its_first_moment():
    """
    In UTC; what has no due date comes behind everything.
    """
    assert a_todo(due_date=date(2026, 1, 2)).due == datetime(2026, 1, 2, tzinfo=UTC)
    assert a_todo(due_at=LATER).due == LATER
    assert a_todo().due == NEVER
    assert datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC) < NEVER


def test_each_sort_key_has_its_value():
    """
    The one that it is called after.
    """
    todo = a_todo(position="abc", due_at=LATER, updated_at=NOON + timedelta(minutes=1), priority=Priority.HIGH)
    assert {key.name.lower(): key.of(todo) for key in SortKey} == {
        "position": "abc",
        "due_at": LATER,
        "created_at": NOON,
        "updated_at": NOON + timedelta(minutes=1),
        "priority": 3,
    }


def test_priorities_are_in_their_order():
    """
    None first.
    """
    assert sorted(Priority) == [Priority.NONE, Priority.LOW, Priority.MEDIUM, Priority.HIGH]


def test_the_words_of_a_text():
    """
    Runs of letters and digits, folded, composed, each once, fifty characters of each; of title and notes alike.
    """
    assert words_of("Straße, STRASSE! a_b ﬁne 100%") == {"strasse", "a", "b", "fine", "100"}
    assert words_of(" -- ") == set()
    assert words_of("x" * 60) == {"x" * 50}
    assert a_todo("Buy milk", notes="the blue one").words == {"buy", "milk", "the", "blue", "one"}
    assert a_todo("Buy milk").words == {"buy", "milk"}


def test_deleting_and_restoring_are_changes():
    """
    Each is one version on; nothing else of the todo is touched.
    """
    todo = a_todo(notes="two", tags=["home"])
    deleted = todo.deleted(now=LATER)
    assert (deleted.deleted_at, deleted.updated_at, deleted.version) == (LATER, LATER, 2)
    restored = deleted.restored(now=LATER)
    assert restored == evolve(todo, updated_at=LATER, version=3)
