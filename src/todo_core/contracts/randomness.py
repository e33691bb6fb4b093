"""
What randomness promises.
"""

from __future__ import annotations

from todo_core.ports import Randomness


class RandomnessContract:
    """
    The promises of ``Randomness``.

    Fixtures:
        randomness: a ``Randomness``.
    """

    def test_as_many_bytes_as_asked_for(self, randomness: Randomness) -> None:
        """
        A draw has the size that was asked for.
        """
        for size in (0, 1, 2, 10, 16, 32):
            assert len(randomness.draw(size)) == size, f"draw({size}) must return {size} bytes"

    def test_nothing_is_drawn_twice(self, randomness: Randomness) -> None:
        """
        What was drawn once is never drawn again.
        """
        drawn = [randomness.draw(16) for _ in range(10_000)]
        assert len(set(drawn)) == len(drawn), "draw() must not repeat itself"
