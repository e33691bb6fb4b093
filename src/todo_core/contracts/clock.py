"""
What a clock promises.
"""

from __future__ import annotations

from datetime import timedelta

from todo_core.ports import Clock


class ClockContract:
    """
    The promises of ``Clock``.

    Fixtures:
        clock: a ``Clock``.
    """

    def test_the_moment_is_aware_and_in_utc(self, clock: Clock) -> None:
        """
        A moment is aware and in UTC.
        """
        now = clock.now()
        assert now.utcoffset() == timedelta(0), f"now() must be aware and in UTC, not {now!r}"

    def test_time_does_not_run_backwards(self, clock: Clock) -> None:
        """
        What is asked later is not earlier.
        """
        moments = [clock.now() for _ in range(1000)]
        assert moments == sorted(moments), "now() must not go back"
