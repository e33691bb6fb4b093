"""
Positions: where a thing stands in an order that people make by hand.

A position is a fraction between 0 and 1, written in base 62 without its leading point, so that there is always room
between two of them and moving one thing changes no other (D. Greenspan, "Implementing Fractional Indexing", 2020).
They are compared as plain ASCII. Two things may share one: then their ids decide.
"""

from __future__ import annotations

import re
from datetime import datetime

from todo_core.errors import InvalidInput

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LONGEST_POSITION = 100
"""Characters."""

_FORM = re.compile(rf"[0-9A-Za-z]{{0,{LONGEST_POSITION - 1}}}[1-9A-Za-z]", re.ASCII)
_MOMENT_DIGITS = 9
_LAST = len(DIGITS) - 1


def check_position(text: str) -> None:
    """
    Return if *text* is a position.

    Raises:
        InvalidInput: it is not; one that ends in 0 would leave no room before it.
    """
    if _FORM.fullmatch(text) is None:
        raise InvalidInput(
            f"A position has 1 to {LONGEST_POSITION} digits and letters, of which the last is not 0.", field="position"
        )


def position_at(moment: datetime, entropy: bytes) -> str:
    """
    Return a position for what is added at this *moment*: behind all that was added before, without looking at it.

    Two bytes of *entropy* keep apart what is added in the same microsecond.
    """
    written = _written(int(moment.timestamp() * 1_000_000), _MOMENT_DIGITS)
    return written + _written(1 + int.from_bytes(entropy[:2], "big") % _LAST, 1)


def between(before: str | None, after: str | None) -> str:
    """
    Return a short position behind *before* and in front of *after*; None stands for the ends of the order.

    Raises:
        InvalidInput: *before* does not stand in front of *after*.
    """
    if before is not None and after is not None and before >= after:
        raise InvalidInput("There is no room between two things that stand the wrong way round.", field="position")
    return _midpoint(before or "", after)


def _midpoint(low: str, high: str | None) -> str:
    shared = 0
    while high is not None and shared < len(high) and _digit(low, shared) == _digit(high, shared):
        shared += 1
    if shared and high is not None:
        return high[:shared] + _midpoint(low[shared:], high[shared:])
    first = _digit(low, 0)
    last = _LAST + 1 if high is None else _digit(high, 0)
    if last - first > 1:
        return DIGITS[(first + last) // 2]
    if high is not None and len(high) > 1:
        return high[0]
    return DIGITS[first] + _midpoint(low[1:], None)


def _digit(text: str, index: int) -> int:
    return DIGITS.index(text[index]) if index < len(text) else 0


def _written(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits
