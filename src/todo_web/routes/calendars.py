"""
/me/calendar, and the feed at its secret address.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Literal, TypedDict

from attrs import frozen
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from todo_core.errors import NotFound
from todo_core.use_cases.calendars import Feed
from todo_web.answers import json_answer
from todo_web.decoding import read_query
from todo_web.etags import is_known
from todo_web.files.icalendar_file import MEDIA_TYPE, write_icalendar
from todo_web.operations import Access, Answer, Operation
from todo_web.state import State, caller_of
from todo_web.version import VERSION

_Kind = Annotated[Literal["event", "todo"], Meta(description="As what todos come; `event` if it is not said")]
_SECRET = re.compile("[A-Za-z0-9_-]{43}")
_CACHED = {"Cache-Control": "private, no-cache"}
_TOLD = {
    "ETag": "For `If-None-Match`",
    "Cache-Control": "`private, no-cache`: kept by the program that asks, and by nobody between",
}


_Query = TypedDict("_Query", {"as": _Kind}, total=False)  # a class can have no field of this name


class ReadCalendarQuery(_Query):
    """
    As what todos come: most calendar programs show events only.
    """


@frozen(slots=False)
class CalendarAnswer:
    """
    A calendar; its address is told this once, and whoever knows it can read the due todos.
    """

    url: str
    created_at: datetime


async def make_calendar(request: Request[State]) -> Response:
    """
    Make a secret address, and end the one that was given before.
    """
    made = await request.state["core"].make_calendar(owner_id=caller_of(request).user.id)
    secret = base64.urlsafe_b64encode(made.secret).rstrip(b"=").decode()
    url = f"{request.state['backend']}/api/v1/calendar/{secret}.ics"
    return json_answer(CalendarAnswer(url, made.calendar.created_at), status=201)


async def end_calendar(request: Request[State]) -> Response:
    """
    End the secret address.
    """
    await request.state["core"].end_calendar(owner_id=caller_of(request).user.id)
    return Response(status_code=204)


async def read_calendar(request: Request[State]) -> Response:
    """
    Give a calendar program the open todos that are due.
    """
    kind = read_query(request, ReadCalendarQuery).get("as", "event")
    core = request.state["core"]
    feed = await core.read_calendar(secret=_secret(request.path_params["secret"]))
    await core.admit_request(key=f"calendar:{feed.owner.id}")
    headers = {**_CACHED, "ETag": _tag(feed, kind)}
    if feed.changed_at is not None:
        headers["Last-Modified"] = format_datetime(feed.changed_at.replace(microsecond=0), usegmt=True)
    if _is_seen(request, headers):
        return Response(status_code=304, headers=headers)
    pieces = write_icalendar(feed.todos, zone=feed.owner.zone, kind=kind, named=True)
    return StreamingResponse(pieces, headers=headers, media_type=MEDIA_TYPE)


def _secret(text: str) -> bytes:
    if _SECRET.fullmatch(text) is None:
        raise NotFound
    return base64.urlsafe_b64decode(f"{text}=")


def _tag(feed: Feed, kind: str) -> str:
    """
    Return the entity tag of the feed, for which no todo need be read: all that its bytes depend on, hashed.
    """
    known = f"{VERSION} {feed.calendar.digest.hex()} {feed.number} {feed.owner.timezone} {kind}"
    return f'"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'


def _is_seen(request: Request[State], headers: Mapping[str, str]) -> bool:
    """
    Tell whether the program has just this; without a tag it must name the very second of the last change.
    """
    if "if-none-match" in request.headers:
        return is_known(request, headers["ETag"])
    return request.headers.get("if-modified-since", "") == headers.get("Last-Modified")


_NEW = "Keep it as one keeps a password: who knows it can read the todos that are due"

OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/me/calendar",
        endpoint=make_calendar,
        summary="Make a secret address for calendar programs, in the place of the one before",
        tag="Calendars",
        answers=(Answer(201, _NEW, CalendarAnswer),),
    ),
    Operation(
        method="DELETE",
        path="/api/v1/me/calendar",
        endpoint=end_calendar,
        summary="End the secret address",
        tag="Calendars",
        answers=(Answer(204, "Whoever knows it reads nothing any more"),),
    ),
    Operation(
        method="GET",
        path="/api/v1/calendar/{secret}.ics",
        endpoint=read_calendar,
        summary="The open todos that are due, as iCalendar",
        tag="Calendars",
        access=Access.SECRET,
        query=ReadCalendarQuery,
        request_headers={
            "If-None-Match": "An `ETag` seen before; 304 if it is still the same",
            "If-Modified-Since": "A `Last-Modified` seen before; 304 if it is still the same",
        },
        answers=(
            Answer(200, "A calendar", media_type=MEDIA_TYPE, headers=_TOLD),
            Answer(304, "As it was when you saw it", headers=_TOLD),
        ),
        problems=(NotFound,),
    ),
)
