"""
Tables as dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from todo_core.errors import Conflict

_Key = TypeVar("_Key")


_Row = TypeVar("_Row")


def insert(rows: dict[_Key, _Row], key: _Key, row: _Row) -> None:
    """
    Keep *row*, unless its *key* is taken.

    Raises:
        Conflict: it is.
    """
    if key in rows:
        raise Conflict
    rows[key] = row


def prune(rows: dict[_Key, _Row], unwanted: Callable[[_Row], bool], limit: int) -> int:
    """
    Forget at most *limit* of the *unwanted* rows, and return how many there were.
    """
    pruned = [key for key, row in rows.items() if unwanted(row)][:limit]
    for key in pruned:
        del rows[key]
    return len(pruned)
