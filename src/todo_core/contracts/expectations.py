"""
How a contract says that something must fail.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Generic, TypeVar

from attrs import define

from todo_core.errors import DomainError

E = TypeVar("E", bound=DomainError)


@define
class Raised(Generic[E]):
    """
    What was raised; ``error`` can be read once the block has ended.
    """

    _error: E | None = None

    @property
    def error(self) -> E:
        """
        Return the error that ended the block.
        """
        assert self._error is not None, "the block has not ended yet"
        return self._error

    def catch(self, error: E) -> None:
        """
        Keep *error*.
        """
        self._error = error


@contextmanager
def raises(error_type: type[E]) -> Generator[Raised[E]]:
    """
    Expect the block to raise an *error_type*, and yield what will hold it.

    Raises:
        AssertionError: it raised nothing, or another of the domain's errors.
    """
    raised = Raised[E]()
    try:
        yield raised
    except error_type as error:
        raised.catch(error)
        return
    except DomainError as other:
        raise AssertionError(f"{error_type.__name__} must be raised, not {type(other).__name__}") from other
    raise AssertionError(f"{error_type.__name__} must be raised")
