import base64
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from todo_core.errors import InvalidInput
from todo_core.model.ids import TodoId
from todo_core.model.todo import NEVER, PageMark, SortKey, TodoSort
from todo_web.todo_cursors import SORTS, cursor_of, mark_of

NOON = datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC)
TODO = TodoId(UUID(int=7))
VALUES = {"position": "V", "due_at": NEVER, "created_at": NOON, "updated_at": NOON, "priority": 3}


def written(*said: object):
    """
    Return a cursor that says so, whoever made it.
    """
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def test_each_key_sorts_both_ways():
    """
    By its name, and by its name behind a minus.
    """
    assert len(SORTS) == 2 * len(SortKey)
    assert SORTS["due_at"] == TodoSort(SortKey.DUE_AT)
    assert SORTS["-due_at"] == TodoSort(SortKey.DUE_AT, descending=True)
    assert set(SORTS.values()) == {TodoSort(key, descending=down) for key in SortKey for down in (False, True)}


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_says_where_a_page_ends(sort):
    """
    To the microsecond, and as of which change.
    """
    mark = PageMark(VALUES[sort.removeprefix("-")], TODO, 2**62)
    cursor = cursor_of(mark, sort)
    assert mark_of(cursor, sort) == mark
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(cursor) <= 400


def test_the_longest_cursor_is_taken():
    """
    A position has at most 100 characters.
    """
    cursor = cursor_of(PageMark("z" * 100, TODO, 2**63 - 1), "-position")
    assert len(cursor) <= 400


def test_behind_the_last_page_there_is_none():
    """
    Nothing goes on from there.
    """
    assert cursor_of(None, "position") is None


def test_a_cursor_for_another_sort_is_refused():
    """
    The other way round is another one, too.
    """
    cursor = cursor_of(PageMark(NOON, TODO, 1), "created_at")
    for other in ("-created_at", "updated_at", "position"):
        with pytest.raises(InvalidInput, match="another sort") as refusal:
            mark_of(cursor, other)
        assert refusal.value.field == "cursor"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "A",
        "é",
        "nonsense",
        written(),
        written("position", "V", str(TODO)),
        written("position", "V", str(TODO), 1, 1),
        written("title", "V", str(TODO), 1),
        written("position", "V0", str(TODO), 1),
        written("position", "V\n", str(TODO), 1),
        written("position", 5, str(TODO), 1),
        written("priority", 4, str(TODO), 1),
        written("priority", -1, str(TODO), 1),
        written("priority", "1", str(TODO), 1),
        written("priority", True, str(TODO), 1),  # noqa: FBT003 - as it would stand in JSON
        written("due_at", "2026-01-01T00:00:00", str(TODO), 1),
        written("due_at", 5, str(TODO), 1),
        written("due_at", "2026-01-01T00:00:00Z", "7", 1),
        written("due_at", "2026-01-01T00:00:00Z", str(TODO), -1),
        written("due_at", "2026-01-01T00:00:00Z", str(TODO), 2**63),
        written("due_at", "2026-01-01T00:00:00Z", str(TODO), "1"),
        cursor_of(PageMark(NOON, TODO, 1), "due_at") + "\n",
    ],
)
def test_what_was_not_given_out_is_refused(cursor):
    """
    By the name of the parameter, whatever is sorted by, and never by an error of ours.
    """
    for sort in SORTS:
        with pytest.raises(InvalidInput, match="given out") as refusal:
            mark_of(cursor, sort)
        assert refusal.value.field == "cursor"


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=80))
@example(b"\xff")
@example(b'["\xff"]')
def test_no_bytes_at_all_are_a_fault(noise):
    """
    Whatever is in a cursor, it is refused.
    """
    cursor = base64.urlsafe_b64encode(noise).rstrip(b"=").decode()
    with pytest.raises(InvalidInput):
        mark_of(cursor, "position")
