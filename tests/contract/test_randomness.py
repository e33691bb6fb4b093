from __future__ import annotations

import pytest

from todo_adapters.fakes import FakeRandomness
from todo_adapters.randomness import SystemRandomness
from todo_core.contracts.randomness import RandomnessContract


class TestSystemRandomness(RandomnessContract):
    @pytest.fixture
    def randomness(self):
        return SystemRandomness()

    def test_two_sources_do_not_agree(self, randomness):
        """
        Another source draws other bytes: knowing one does not help to guess the other.
        """
        assert {randomness.draw(16) for _ in range(1000)}.isdisjoint(SystemRandomness().draw(16) for _ in range(1000))

    def test_every_bit_is_tossed(self, randomness):
        """
        Each of the 128 bits comes up about as often as not.
        """
        draws = [int.from_bytes(randomness.draw(16), "big") for _ in range(4000)]
        for bit in range(128):
            assert 1700 < sum(draw >> bit & 1 for draw in draws) < 2300  # nine standard deviations


class TestFakeRandomness(RandomnessContract):
    @pytest.fixture
    def randomness(self):
        return FakeRandomness()

    def test_every_run_is_the_same(self, randomness):
        """
        Another source draws the same bytes in the same order.
        """
        again = FakeRandomness()
        assert [randomness.draw(16) for _ in range(9)] == [again.draw(16) for _ in range(9)]

    def test_small_draws_never_overflow(self, randomness):
        """
        However much was drawn, a byte can still be drawn.
        """
        assert {randomness.draw(1) for _ in range(1000)} == {bytes([number]) for number in range(256)}
