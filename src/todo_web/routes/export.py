"""
/me/export: all that is held on a person.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from todo_core.model.mail import Mail, MailKind, MailState
from todo_core.model.suppression import MailEventKind, Suppression
from todo_core.use_cases.export import Export
from todo_web.decoding import JSON
from todo_web.operations import Answer, Operation
from todo_web.routes.lists import ListAnswer
from todo_web.routes.profile import Profile, profile_of
from todo_web.routes.security_events import EventAnswer
from todo_web.routes.sessions import SessionAnswer
from todo_web.state import State, caller_of, client_of
from todo_web.todo_json import TodoAnswer

T = TypeVar("T")

_DISPOSITION = {"Content-Disposition": 'attachment; filename="todo-export.json"'}


@frozen(slots=False)
class MailAnswer:
    """
    A mail to one's address: why it was written, and what became of it.
    """

    kind: MailKind
    state: MailState
    created_at: datetime
    sent_at: datetime | None

    @classmethod
    def of(cls, mail: Mail) -> MailAnswer:
        """
        Return what to tell of *mail*.
        """
        return cls(kind=mail.kind, state=mail.state, created_at=mail.created_at, sent_at=mail.sent_at)


@frozen(slots=False)
class SuppressionAnswer:
    """
    Why one's address gets no mail, and since when.
    """

    reason: MailEventKind
    at: datetime

    @classmethod
    def of(cls, suppression: Suppression) -> SuppressionAnswer:
        """
        Return what to tell of *suppression*.
        """
        return cls(reason=suppression.reason, at=suppression.at)


@frozen(slots=False)
class CalendarAnswer:
    """
    That one's todos can be read at a secret address, and since when.
    """

    created_at: datetime


@frozen(slots=False)
class ExportAnswer:
    """
    All that is held on a person, but for what keeps secrets: the hash of the password, and digests.
    """

    profile: Profile
    suppression: SuppressionAnswer | None
    sessions: Sequence[SessionAnswer]
    mails: Sequence[MailAnswer]
    calendar: CalendarAnswer | None
    lists: Sequence[ListAnswer]
    events: Sequence[EventAnswer]
    todos: Sequence[TodoAnswer]


async def export_data(request: Request[State]) -> Response:
    """
    Give somebody all that is held on them.
    """
    caller = caller_of(request)
    export = await request.state["core"].export_data(caller=caller, client=client_of(request))
    whole = ExportAnswer(
        profile=profile_of(export.user),
        suppression=None if export.suppression is None else SuppressionAnswer.of(export.suppression),
        sessions=[SessionAnswer.of(session, current=session == caller.session) for session in export.sessions],
        mails=[MailAnswer.of(mail) for mail in export.mails],
        calendar=None if export.calendar is None else CalendarAnswer(export.calendar.created_at),
        lists=[ListAnswer.of(todo_list) for todo_list in export.lists],
        events=[],
        todos=[],
    )
    return StreamingResponse(_streamed(whole, export), headers=_DISPOSITION, media_type=JSON)


async def _streamed(whole: ExportAnswer, export: Export) -> AsyncGenerator[bytes]:
    """
    Write *whole* with the lists at its end filled as they are read, so that memory is bounded by a page.
    """
    head, _, _ = msgspec.json.encode(whole).rpartition(b',"events":')
    yield head
    async for chunk in _list("events", export.events, EventAnswer.of):
        yield chunk
    async for chunk in _list("todos", export.todos, TodoAnswer.of):
        yield chunk
    yield b"}"


async def _list(name: str, pages: AsyncIterator[Sequence[T]], answer: Callable[[T], object]) -> AsyncGenerator[bytes]:
    yield f',"{name}":['.encode()
    separator = b""
    async for page in pages:
        yield separator + msgspec.json.encode([answer(thing) for thing in page])[1:-1]
        separator = b","
    yield b"]"


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/me/export",
        endpoint=export_data,
        summary="Get all that is held on oneself, as one JSON document",
        tag="Accounts",
        answers=(
            Answer(200, "All there is", ExportAnswer, headers={"Content-Disposition": "A file, under this name"}),
        ),
    ),
)
