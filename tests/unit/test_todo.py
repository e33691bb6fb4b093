from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo_core.errors import InvalidInput
from todo_core.model.ids import TodoId, UserId
from todo_core.model.todo import LONGEST_NOTES, LONGEST_TITLE, Todo

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)

TITLES = st.text(min_size=1, max_size=20).filter(str.strip)
NOTES = st.none() | st.text(max_size=20)
CHANGES = st.fixed_dictionaries({}, optional={"title": TITLES, "notes": NOTES, "completed": st.booleans()})


def a_todo(title="Buy milk", notes="The blue one.", *, completed=False):
    """
    Make a todo, noted at noon.
    """
    return Todo(
        id=TodoId(UUID(int=1)),
        owner_id=UserId(UUID(int=2)),
        title=title,
        notes=notes,
        completed_at=NOON if completed else None,
        created_at=NOON,
        updated_at=NOON,
    )


TODOS = st.builds(a_todo, TITLES, NOTES, completed=st.booleans())


def said(todo):
    """
    Return what a person may say of a todo.
    """
    return {"title": todo.title, "notes": todo.notes, "completed": todo.completed}


@settings(derandomize=True, deadline=None)
@given(TODOS, CHANGES)
def test_an_edit_changes_what_it_names_and_nothing_else(todo, changes):
    """
    Every field that was not named stays, the identity always does.
    """
    edited = todo.edited(changes, now=LATER)
    assert said(edited) == said(todo) | changes
    assert (edited.id, edited.owner_id, edited.created_at) == (todo.id, todo.owner_id, todo.created_at)


@settings(derandomize=True, deadline=None)
@given(TODOS, CHANGES)
def test_the_version_counts_the_edits_that_change_something(todo, changes):
    """
    An edit that changes nothing gives the todo itself.
    """
    edited = todo.edited(changes, now=LATER)
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
    done = a_todo(completed=True)
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
    assert a_todo("x" * LONGEST_TITLE, "x" * LONGEST_NOTES).version == 1
    assert a_todo(notes=None).notes is None
