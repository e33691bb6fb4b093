"""
An examination told to people, or to machines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from textwrap import indent, wrap
from typing import Any

from todo_web.doctor.findings import Finding, State

_WIDTH = 78
_MARKS = {State.PASSED: "ok", State.FAILED: "FAILED", State.SKIPPED: "-"}


def is_sound(findings: Sequence[Finding]) -> bool:
    """
    Tell whether nothing has failed.
    """
    return all(finding.state is not State.FAILED for finding in findings)


def told(finding: Finding) -> str:
    """
    Return the finding as lines for people.
    """
    return "\n".join(_lines(finding))


def as_json(findings: Sequence[Finding]) -> str:
    """
    Return the findings as one JSON document.
    """
    document = {"sound": is_sound(findings), "findings": [_object(finding) for finding in findings]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _lines(finding: Finding) -> Iterator[str]:
    yield f"{_MARKS[finding.state]:6}  {finding.step:11}  {finding.found or ''}".rstrip()
    if finding.advice is not None:
        for sentences in (finding.advice.cause, finding.advice.remedy):
            yield indent("\n".join(wrap(sentences, _WIDTH - 8, break_on_hyphens=False)), " " * 8)


def _object(finding: Finding) -> dict[str, Any]:
    step = {"step": finding.step, "state": finding.state, "found": finding.found}
    if finding.advice is None:
        return step
    advice = finding.advice
    return {**step, "cause": advice.cause, "remedy": advice.remedy, "settings": advice.settings}
