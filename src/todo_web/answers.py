"""
Answers that went well.

Classes of answers have no slots: msgspec writes the fields of a slotted class in an order of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.responses import Response


def json_answer(body: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """
    Return *body* as JSON; attrs classes are written field by field.
    """
    return Response(msgspec.json.encode(body), status, headers=headers, media_type="application/json")
