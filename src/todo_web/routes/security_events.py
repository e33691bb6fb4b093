"""
/me/events: what happened to one's account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from attrs import frozen
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from todo_core.model.event import LARGEST_PAGE, EventKind, SecurityEvent
from todo_core.model.ids import EventId
from todo_web.answers import json_answer
from todo_web.cursors import Cursor, cursor_at, next_link, position_of
from todo_web.decoding import read_query
from todo_web.operations import Answer, Operation
from todo_web.state import State, caller_of


@frozen
class ListEventsQuery:
    """
    Which page of one's events.
    """

    limit: Annotated[int, Meta(ge=1, le=LARGEST_PAGE)] = 50
    cursor: Cursor | None = None


@frozen(slots=False)
class EventAnswer:
    """
    Something that happened to one's account; ``network`` is part of the address that the request came from.
    """

    id: UUID
    kind: EventKind
    at: datetime
    network: str | None

    @classmethod
    def of(cls, event: SecurityEvent) -> EventAnswer:
        """
        Return what to tell of *event*.
        """
        return cls(id=event.id, kind=event.kind, at=event.at, network=event.network)


@frozen(slots=False)
class EventListAnswer:
    """
    One page of events, newest first; ``next_cursor`` gives the following page, null on the last.
    """

    items: Sequence[EventAnswer]
    next_cursor: str | None


async def list_events(request: Request[State]) -> Response:
    """
    List what happened to one's account.
    """
    query = read_query(request, ListEventsQuery)
    page = await request.state["core"].list_events(
        user_id=caller_of(request).user.id,
        before=None if query.cursor is None else EventId(position_of(query.cursor)),
        limit=query.limit,
    )
    answer = EventListAnswer([EventAnswer.of(event) for event in page.items], cursor_at(page.next_before))
    return json_answer(answer, headers=next_link(request, answer.next_cursor))


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/me/events",
        endpoint=list_events,
        summary="List what happened to one's account, newest first, by cursor",
        tag="Accounts",
        query=ListEventsQuery,
        answers=(Answer(200, "One page", EventListAnswer),),
    ),
)
