"""
Limits: how often something may be done.
"""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen


@frozen
class Limit:
    """
    At most *amount* times in a *window*, counted apart for each limit's *name* and each key.

    *fails_open* says what holds while the counters cannot be reached: everything is allowed, or nothing is.
    """

    name: str
    amount: int
    window: timedelta
    fails_open: bool = False


@frozen
class Allowance:
    """
    The answer to one hit on a limit; ``retry_after`` is zero while hits are allowed.
    """

    allowed: bool
    retry_after: timedelta = timedelta(0)
