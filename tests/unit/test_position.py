from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo_core.errors import InvalidInput
from todo_core.model.position import DIGITS, LONGEST_POSITION, between, check_position, position_at

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

POSITIONS = st.builds(
    lambda start, end: start + end, st.text(DIGITS, max_size=6), st.sampled_from(sorted(set(DIGITS) - {"0"}))
)


def is_position(text):
    """
    Tell whether *text* is taken for one.
    """
    try:
        check_position(text)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize("text", ["1", "V", "z", "0V", "zzz1", "1" * LONGEST_POSITION])
def test_a_position_is_digits_and_letters(text):
    """
    Up to 100 of them.
    """
    assert is_position(text)


@pytest.mark.parametrize(
    "text", ["", "0", "V0", "a b", "V\n", "\n", "é", "٣", "-1", "0.5", "1" * (LONGEST_POSITION + 1)]
)
def test_anything_else_is_refused(text):
    """
    What ends in 0 too, for nothing could ever stand before it.
    """
    with pytest.raises(InvalidInput) as refusal:
        check_position(text)
    assert refusal.value.field == "position"


def test_the_digits_are_in_the_order_of_their_characters():
    """
    So positions compare as texts do, in any program that compares bytes.
    """
    assert list(DIGITS) == sorted(DIGITS)
    assert len(DIGITS) == 62


@settings(derandomize=True, deadline=None)
@given(POSITIONS, POSITIONS)
def test_there_is_always_room_between_two(one, other):
    """
    What stands between is a position, and not much longer than they are.
    """
    before, after = sorted((one, other))
    if before == after:
        with pytest.raises(InvalidInput) as refusal:
            between(before, after)
        assert refusal.value.field == "position"
    else:
        middle = between(before, after)
        assert before < middle < after
        assert is_position(middle)
        assert len(middle) <= max(len(before), len(after)) + 1


@settings(derandomize=True, deadline=None)
@given(POSITIONS)
def test_there_is_always_room_at_the_ends(position):
    """
    In front of the first and behind the last.
    """
    assert between(None, position) < position < between(position, None)
    assert is_position(between(None, position))
    assert is_position(between(position, None))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**31), st.booleans()), max_size=60))
def test_however_things_are_put_between_others_their_order_is_what_was_meant(moves):
    """
    A list of positions that is inserted into anywhere, at its ends too, stays sorted and without doubles.
    """
    order: list[str] = []
    for number, at_the_end in moves:
        place = len(order) if at_the_end else number % (len(order) + 1)
        before = order[place - 1] if place else None
        after = order[place] if place < len(order) else None
        order.insert(place, between(before, after))
    assert order == sorted(set(order))
    assert all(is_position(position) for position in order)


def test_the_first_of_all_stands_in_the_middle():
    """
    With as much room before it as behind.
    """
    assert between(None, None) == "V"


@pytest.mark.parametrize(
    ("before", "after", "middle"), [("1", "3", "2"), ("1", "2", "1V"), ("1", "21", "2"), ("V", None, "k")]
)
def test_what_stands_between_is_short(before, after, middle):
    """
    One digit where there is one, and one more where there is none.
    """
    assert between(before, after) == middle


def test_two_the_wrong_way_round_have_nothing_between_them():
    """
    It says so, rather than to return something that stands elsewhere.
    """
    with pytest.raises(InvalidInput) as refusal:
        between("b", "a")
    assert refusal.value.detail == "There is no room between two things that stand the wrong way round."


@pytest.mark.parametrize("later", [timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=200_000)])
def test_what_is_added_later_stands_behind(later):
    """
    A microsecond is enough, whatever lots are drawn, up to the end of any calendar we know.
    """
    assert position_at(NOON, b"\xff\xff") < position_at(NOON + later, b"\x00\x00")
    assert is_position(position_at(NOON + later, b"\x00\x00"))


def test_positions_that_are_kept_stay_comparable():
    """
    The same moment and the same two bytes give the same position for ever, for older ones are in the stores.
    """
    assert position_at(NOON, b"\x00\x00") == "85pl0oU2y1"
    assert position_at(NOON, b"\x01\x02") == position_at(NOON, b"\x01\x02\x03") == "85pl0oU2yF"


def test_what_is_added_in_the_same_microsecond_is_kept_apart_by_lot():
    """
    By one of the 61 digits that a position may end in.
    """
    drawn = {position_at(NOON, number.to_bytes(2, "big")) for number in range(200)}
    assert len(drawn) == 61
    assert all(is_position(position) for position in drawn)
    assert len({position[:-1] for position in drawn}) == 1
