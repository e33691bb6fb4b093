from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from todo_adapters.clock import SystemClock
from todo_adapters.fakes import FakeClock
from todo_core.contracts.clock import ClockContract


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self):
        return SystemClock()

    def test_it_tells_the_machines_time(self, clock):
        """
        The moment is this one.
        """
        assert abs(datetime.now(UTC) - clock.now()) < timedelta(seconds=1)


class TestFakeClock(ClockContract):
    @pytest.fixture
    def clock(self):
        return FakeClock()

    def test_time_passes_when_told(self, clock):
        """
        It stands still, and goes on by exactly what it is told.
        """
        before = clock.now()
        assert clock.now() == before
        clock.pass_time(timedelta(hours=1))
        assert clock.now() == before + timedelta(hours=1)
