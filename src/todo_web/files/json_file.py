"""
Todos as one JSON document, which can be imported again as it was exported.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from attrs import field, frozen
from msgspec import Meta

from todo_core.model.todo_file import MOST_FILED, Place, TodoFile
from todo_core.model.todo_list import MOST_LISTS
from todo_core.use_cases.exchange import ExportedTodos
from todo_web.decoding import read_document
from todo_web.files.records import ListRecord, TodoRecord


@frozen(slots=False)
class TodoFileBody:
    """
    Lists and todos, to move anywhere.
    """

    version: Literal[1]
    lists: Annotated[list[ListRecord], Meta(max_length=MOST_LISTS)] = field(factory=list[ListRecord])
    todos: Annotated[list[TodoRecord], Meta(max_length=MOST_FILED)] = field(factory=list[TodoRecord])


def read_json(body: bytes) -> TodoFile:
    """
    Return the file that *body* is; of many faults the first hundred are told.

    Raises:
        MalformedJson: it is not JSON (RFC 8259), or an object in it has a member twice.
        InvalidFields: it is not a file of todos.
        InvalidFile: something in it breaks a rule.
    """
    document = read_document(body, TodoFileBody)
    return TodoFile(
        [record.filed(Place(f"/lists/{index}")) for index, record in enumerate(document.lists)],
        [
            record.filed(Place(f"/todos/{index}"), list_ref=record.list_ref)
            for index, record in enumerate(document.todos)
        ],
    )


async def write_json(exported: ExportedTodos) -> AsyncIterator[bytes]:
    """
    Yield the document piece by piece, one list or todo a line.
    """
    yield b'{"version":1,"lists":['
    yield _lines(ListRecord.of(filed) for filed in exported.lists).lstrip(b",")
    yield b'\n],"todos":['
    separator = b""
    async for page in exported.todos:
        yield separator + _lines(TodoRecord.of(filed) for filed in page).lstrip(b",")
        separator = b","
    yield b"\n]}\n"


def _lines(records: Iterator[ListRecord | TodoRecord]) -> bytes:
    return b"".join(b",\n" + msgspec.json.encode(_said(vars(record))) for record in records)


def _said(members: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the *members* that say something: what is left out is null, an empty list or the priority "none".
    """
    kept = {name: value for name, value in members.items() if value is not None and value != []}
    if kept.get("priority") == "none":
        del kept["priority"]
    return kept
