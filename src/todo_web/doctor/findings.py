"""
What an examination finds.
"""

from __future__ import annotations

import re
from enum import StrEnum

from attrs import Factory, frozen

_SETTING = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")


class State(StrEnum):
    """
    How a step went; it is skipped when one that it needs has failed.
    """

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


def _named_in(advice: Advice) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_SETTING.findall(advice.remedy)))


@frozen
class Advice:
    """
    Why a step is likely to have failed, and what to do: sentences, and the *settings* to change that they name.
    """

    cause: str
    remedy: str
    settings: tuple[str, ...] = Factory(_named_in, takes_self=True)


@frozen
class Finding:
    """
    How one step went; *found* is what was seen there, in short and without a secret.
    """

    step: str
    state: State
    found: str | None = None
    advice: Advice | None = None
