"""
Going on from page to page of todos: a cursor says how they are sorted, where the page ended, and as of when.

It is not signed: whoever makes one up sees their own todos from elsewhere on, nothing more.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, cast, get_args
from uuid import UUID

import msgspec
from msgspec import Meta

from todo_core.errors import InvalidInput
from todo_core.model.ids import TodoId
from todo_core.model.position import check_position
from todo_core.model.todo import PageMark, Priority, SortKey, TodoSort

TodoCursor = Annotated[
    str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=400, description="`next_cursor` of the page before")
]
SortWord = Literal[
    "position",
    "-position",
    "due_at",
    "-due_at",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "priority",
    "-priority",
]
SORTS: Mapping[SortWord, TodoSort] = {
    word: TodoSort(SortKey[word.removeprefix("-").upper()], descending=word.startswith("-"))
    for word in cast("tuple[SortWord, ...]", get_args(SortWord))
}

_Written = tuple[SortWord, str | int, UUID, Annotated[int, Meta(ge=0, le=2**63 - 1)]]
_Moment = Annotated[datetime, Meta(tz=True)]
_Priority = Annotated[int, Meta(ge=int(Priority.NONE), le=int(Priority.HIGH))]


def cursor_of(mark: PageMark | None, sort: SortWord) -> str | None:
    """
    Return the cursor of the page behind *mark*, if there is one.
    """
    if mark is None:
        return None
    written = msgspec.json.encode((sort, mark.value, mark.id, mark.as_of))
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


def mark_of(cursor: str, sort: SortWord) -> PageMark:
    """
    Return the mark that *cursor* says.

    Raises:
        InvalidInput: it is none of ours, or was given for todos that are sorted otherwise.
    """
    try:
        padded = f"{cursor}{'=' * (-len(cursor) % 4)}".encode()
        written = base64.b64decode(padded, altchars=b"-_", validate=True)
        word, value, todo_id, as_of = msgspec.json.decode(written, type=_Written)
        mark = PageMark(_READ[SORTS[word].key](value), TodoId(todo_id), as_of)
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, InvalidInput):
        raise InvalidInput("This is no cursor that was given out.", field="cursor") from None
    if word != sort:
        raise InvalidInput("This cursor was given for another sort.", field="cursor")
    return mark


def _position(value: Any) -> str:
    text = msgspec.convert(value, str)
    check_position(text)
    return text


def _moment(value: Any) -> datetime:
    return msgspec.convert(value, _Moment)


def _priority(value: Any) -> int:
    return msgspec.convert(value, _Priority)


_READ: Mapping[SortKey, Callable[[Any], str | datetime | int]] = {
    SortKey.POSITION: _position,
    SortKey.DUE_AT: _moment,
    SortKey.CREATED_AT: _moment,
    SortKey.UPDATED_AT: _moment,
    SortKey.PRIORITY: _priority,
}
