"""
What schemathesis is told beside its own checks: for ``benchmarks/fuzz_two_users.py``, by SCHEMATHESIS_HOOKS.

FUZZ_FOREIGN_WORDS are words that only somebody else's things hold; FUZZ_FOREIGN_IDS, by the names of parameters,
the ids of those things. Both are JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import MutableMapping
from typing import Any

import schemathesis

WORDS: list[str] = json.loads(os.environ["FUZZ_FOREIGN_WORDS"])
IDS: dict[str, list[str]] = json.loads(os.environ["FUZZ_FOREIGN_IDS"])

Parameters = MutableMapping[str, Any]


def _lot(text: str) -> int:
    """
    Return a number that *text* decides, so that a request can be made again.
    """
    return int.from_bytes(hashlib.sha256(text.encode(errors="replace")).digest()[:4], "big")


def _with_foreign(parameters: Parameters | None) -> Parameters | None:
    """
    Put somebody else's in the place of every second id, and of every second cursor.
    """
    for name, value in (parameters or {}).items():
        if parameters and name in IDS and (lot := _lot(str(value))) % 2:
            parameters[name] = IDS[name][lot // 2 % len(IDS[name])]
    return parameters


@schemathesis.hook
def map_path_parameters(_: Any, parameters: Parameters | None) -> Parameters | None:
    """
    Ask for somebody else's thing every second time.
    """
    return _with_foreign(parameters)


@schemathesis.hook
def map_query(_: Any, parameters: Parameters | None) -> Parameters | None:
    """
    Filter by somebody else's things, and go on behind their todos, every second time.
    """
    return _with_foreign(parameters)


@schemathesis.check
def nothing_of_somebody_else(_: Any, response: Any, case: Any) -> None:
    """
    Expect no word of somebody else's in an answer, and no success where their thing was asked for.
    """
    shown = [word for word in WORDS if word.encode() in response.content]
    assert not shown, f"somebody else's words were shown: {shown}"
    foreign = any(value in IDS.get(name, ()) for name, value in (case.path_parameters or {}).items())
    assert not (foreign and response.status_code < 400), "somebody else's thing was served"
