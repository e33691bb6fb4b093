from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from todo_core.model.ids import uuid7

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - see timezones
ENTROPY = st.binary(min_size=10, max_size=10)


def test_the_example_of_the_standard():
    """
    RFC 9562, appendix A.6, made of the same moment and bits, is the same UUID.
    """
    moment = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    bits = 0xCC3 << 64 | 0x18C4DC0C0C07398F
    assert uuid7(moment, bits.to_bytes(10, "big")) == UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")


@settings(derandomize=True, deadline=None)
@given(MOMENTS, ENTROPY)
def test_every_id_says_that_it_is_a_version_7(at, entropy):
    """
    Whatever the moment and the bits, version and variant are right and the moment can be read.
    """
    made = uuid7(at, entropy)
    assert made.version == 7
    assert made.variant == RFC_4122
    assert abs((made.int >> 80) - at.timestamp() * 1000) <= 1


@settings(derandomize=True, deadline=None)
@given(MOMENTS, ENTROPY, ENTROPY)
def test_later_ids_sort_behind_earlier_ones(at, one, other):
    """
    A few milliseconds suffice, whatever the bits.
    """
    assert uuid7(at, one) < uuid7(at + timedelta(milliseconds=2), other)


def test_every_free_bit_is_taken_from_the_entropy():
    """
    74 bits tell apart what is made in one millisecond.
    """
    none, all_of_them = uuid7(NOON, bytes(10)), uuid7(NOON, b"\xff" * 10)
    assert (none.int ^ all_of_them.int).bit_count() == 74
