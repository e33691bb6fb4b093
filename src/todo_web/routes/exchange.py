"""
/todos/export and /todos/import.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from todo_core.errors import InvalidFile, InvalidInput, RetryKeyReused
from todo_core.model.todo import TodoFilter
from todo_core.model.todo_file import TodoFile
from todo_core.use_cases.exchange import Imported
from todo_web.answers import json_answer
from todo_web.decoding import IMPORT_DEADLINE, JSON, LARGEST_IMPORT, check_media_type, read_bytes, read_query
from todo_web.files import icalendar_file
from todo_web.files.csv_file import read_csv, write_csv
from todo_web.files.icalendar_file import write_icalendar
from todo_web.files.json_file import TodoFileBody, read_json, write_json
from todo_web.idempotency import IDEMPOTENCY_KEY, Told, answer_once, retry_of
from todo_web.operations import Answer, Operation
from todo_web.state import State, caller_of

CSV = "text/csv"
_MEDIA_TYPES: Mapping[str, str] = {"json": JSON, "csv": CSV, "ics": icalendar_file.MEDIA_TYPE}
_READERS: Mapping[str, Callable[[bytes], TodoFile]] = {"json": read_json, "csv": read_csv}
_DISPOSITION = {"Content-Disposition": "A file, under a name"}


@frozen
class ExportTodosQuery:
    """
    As what to export.
    """

    format: Literal["json", "csv", "ics"] = "json"


@frozen
class ImportTodosQuery:
    """
    What is imported; a `dry_run` changes nothing.
    """

    format: Literal["json", "csv"] = "json"
    dry_run: bool = False


@frozen(slots=False)
class ImportAnswer:
    """
    How many todos were imported, or would be, and how many lists made for them.
    """

    todos: int
    lists: int
    dry_run: bool


async def export_todos(request: Request[State]) -> Response:
    """
    Give all todos as a file, but for those in the bin.
    """
    query = read_query(request, ExportTodosQuery)
    core, user = request.state["core"], caller_of(request).user
    if query.format == "ics":
        pieces = write_icalendar(core.read_todos(TodoFilter(), owner_id=user.id), zone=user.zone)
    else:
        write = write_csv if query.format == "csv" else write_json
        pieces = write(await core.export_todos(owner_id=user.id))
    headers = {"Content-Disposition": f'attachment; filename="todos.{query.format}"'}
    return StreamingResponse(pieces, headers=headers, media_type=_MEDIA_TYPES[query.format])


async def import_todos(request: Request[State]) -> Response:
    """
    Bring in the todos of a file.
    """
    query = read_query(request, ImportTodosQuery)
    check_media_type(request, {_MEDIA_TYPES[query.format]})

    def tell(imported: Imported) -> Told:
        answer = ImportAnswer(imported.todos, imported.lists, query.dry_run)
        return Told(200, {}, bytes(json_answer(answer).body))

    body = await read_bytes(request, largest=LARGEST_IMPORT, deadline=IMPORT_DEADLINE)
    retry = None if query.dry_run else retry_of(request, body, tell)
    with request.state["imports"].taken():
        file = await asyncio.to_thread(_READERS[query.format], body)
        outcome = await request.state["core"].import_todos(
            file, owner_id=caller_of(request).user.id, dry_run=query.dry_run, retry=retry
        )
    return answer_once(outcome, tell)


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/todos/export",
        endpoint=export_todos,
        summary="Export all todos: as JSON or CSV to import them elsewhere, or as iCalendar",
        tag="Todos",
        query=ExportTodosQuery,
        answers=(
            Answer(200, "The todos, the oldest first", TodoFileBody, headers=_DISPOSITION),
            Answer(200, "The todos, the oldest first", media_type=CSV, headers=_DISPOSITION),
            Answer(200, "The todos, the oldest first", media_type=icalendar_file.MEDIA_TYPE, headers=_DISPOSITION),
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/todos/import",
        endpoint=import_todos,
        summary="Import todos from JSON or CSV, all of them or none; or try it",
        tag="Todos",
        query=ImportTodosQuery,
        body=TodoFileBody,
        body_types=(JSON, CSV),
        request_headers=IDEMPOTENCY_KEY,
        answers=(Answer(200, "So many were imported, or would be", ImportAnswer),),
        problems=(InvalidInput, InvalidFile, RetryKeyReused),
    ),
)
