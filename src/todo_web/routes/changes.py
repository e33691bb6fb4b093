"""
/events: the changes to one's own todos and lists, as they come.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from todo_web.event_stream import EVENT_STREAM, ChangeStream
from todo_web.operations import Answer, Operation
from todo_web.state import State, caller_of

_UNKNOWN = -1
"""Stands for a number that we never gave."""

_LONGEST_NUMBER = 18


async def follow_changes(request: Request[State]) -> Response:
    """
    Tell changes as they come.
    """
    follow, streams = request.state["core"].follow_changes, request.state["streams"]
    return ChangeStream(follow, streams, caller=caller_of(request), after=last_seen(request))


def last_seen(request: Request[State]) -> int | None:
    """
    Return the number of the last change that the reader saw, as the header ``Last-Event-ID`` has it.

    Whoever sends another text saw something that we know nothing of, and has to begin anew.
    """
    text = request.headers.get("last-event-id", "")
    if not text:
        return None
    is_number = text.isdecimal() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else _UNKNOWN


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/events",
        endpoint=follow_changes,
        summary="Follow one's own changes, as server-sent events",
        tag="Todos",
        request_headers={"Last-Event-ID": "The `id` of the last event seen: those that came after it are told first"},
        answers=(
            Answer(
                200,
                "A stream that goes on: `change` events, whose data says which `thing` was changed, of which `kind` the"
                " change is, the thing's `id` and `version`; `reset` where some were missed; comments as signs of life",
                media_type=EVENT_STREAM,
            ),
        ),
    ),
)
