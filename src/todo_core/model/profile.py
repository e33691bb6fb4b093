"""
What a person may say about themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TypedDict
from zoneinfo import available_timezones

from todo_core.errors import InvalidInput

DEFAULT_TIMEZONE = "UTC"

_REGION = re.compile("[A-Za-z]{2}|[0-9]{3}")
"""RFC 5646 §2.1."""

_NOWHERE = frozenset({"Factory", "localtime"})
"""Names that a machine's own database may have, and that mean another place on the next machine, or none."""


class ProfileChanges(TypedDict, total=False):
    """
    What to change of a profile: a key that is absent leaves its field alone.
    """

    display_name: str | None
    locale: str | None
    timezone: str | None


def known_locale(text: str, *, offered: Sequence[str]) -> str:
    """
    Return the language *text* names in its usual spelling: one that is *offered*, or a region of one.

    Raises:
        InvalidInput: it is no such language.
    """
    by_tag = {locale.lower(): locale for locale in offered}
    if whole := by_tag.get(text.lower()):
        return whole
    language, _, region = text.rpartition("-")
    if language.lower() not in by_tag or not _REGION.fullmatch(region):
        raise InvalidInput(f"This is none of {', '.join(offered)}, nor a region of one.", field="locale")
    return f"{by_tag[language.lower()]}-{region.upper()}"


def known_timezone(name: str) -> str:
    """
    Return *name*, if it is one of the IANA's time zones, in its own spelling.

    Raises:
        InvalidInput: it is none.
    """
    if name not in _timezones():
        raise InvalidInput('This is no time zone of the IANA\'s, such as "Europe/Vienna".', field="timezone")
    return name


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NOWHERE
