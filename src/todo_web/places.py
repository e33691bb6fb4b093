"""
Places for requests that cost much: those that hash a password, and imports.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from attrs import define, field

from todo_core.errors import Unavailable


@define
class Places:
    """
    So many may be at work at once; whoever comes beyond that is sent away before it costs anything.

    Of passwords, the hasher would refuse the surplus itself, but only after each has asked the database who it is.
    """

    free: int
    refused: int = field(default=0, init=False)
    """How many were sent away since the start."""

    @contextmanager
    def taken(self) -> Generator[None]:
        """
        Hold a place for the block.

        Raises:
            Unavailable: there is none.
        """
        if not self.free:
            self.refused += 1
            raise Unavailable("too many are at work on this already")
        self.free -= 1
        try:
            yield
        finally:
            self.free += 1
