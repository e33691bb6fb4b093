"""
What a request likes better: the weights in ``Accept-Encoding`` and ``Accept-Language`` (RFC 9110 §12.4.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MOST = 20
_WISH = re.compile(
    r"\s*(?P<name>[\w!#$%&'*+.^`|~-]+)\s*(?:;\s*q\s*=\s*(?P<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.ASCII | re.IGNORECASE,
)


def weights(header: str) -> dict[str, float]:
    """
    Return what a *header* names, in lower case and its order, with how much it is liked: from 0, never, to 1.

    What is no wish is passed over, and so is what comes after twenty of them.
    """
    return dict(_wishes(header))


def _wishes(header: str) -> Iterator[tuple[str, float]]:
    for element in header.split(",")[:_MOST]:
        if found := _WISH.fullmatch(element):
            yield found["name"].lower(), float(found["weight"] or 1)
