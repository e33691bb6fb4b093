"""
Entity tags: a todo's version as HTTP says it (RFC 9110 §8.8.3, §13.1).
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from todo_core.errors import PreconditionFailed

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag(version: int) -> str:
    """
    Return the strong entity tag of a *version*.
    """
    return f'"{version}"'


def seen_version(request: Request[Any]) -> int | None:
    """
    Return the version that ``If-Match`` names, or None where anything (``*``, or no header) will do.

    Raises:
        PreconditionFailed: it names no version that could ever match. Weak tags never do (RFC 9110 §13.1.1).
    """
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return None
    match = re.fullmatch(r'"([1-9][0-9]{0,9})"', header.strip())
    if match is None:
        raise PreconditionFailed
    return int(match[1])


def is_known(request: Request[Any], tag: str) -> bool:
    """
    Tell whether ``If-None-Match`` names *tag*, weakly compared (RFC 9110 §13.1.2).
    """
    header = request.headers.get("if-none-match", "")
    return header.strip() == "*" or tag.strip('"') in _TAG.findall(header)
