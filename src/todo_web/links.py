"""
Links in the OpenAPI document: what can be done with a thing that was just added (OpenAPI 3.1 §4.8.20).

They follow from the paths, so a new operation has them by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from todo_web.operations import Operation

CREATED = 201


def links_from(adding: Operation, table: Iterable[Operation]) -> Mapping[str, Any]:
    """
    Return links from what *adding* adds to every operation of the *table* that takes its id, in the path or the query.
    """
    operations = list(table)
    name = _id_name(adding, operations)
    if name is None:
        return {}
    return {
        operation.name: {"operationId": operation.name, "parameters": {f"{place}.{name}": "$response.body#/id"}}
        for operation in operations
        if (place := _place_of(name, operation)) is not None
    }


def _id_name(adding: Operation, operations: Iterable[Operation]) -> str | None:
    """
    Return what the id of a thing that *adding* adds is called in the paths below it.
    """
    if adding.method != "POST" or CREATED not in {answer.status for answer in adding.answers}:
        return None
    below = re.compile(rf"{re.escape(adding.path)}/{{(\w+):uuid}}")
    found = (below.match(operation.path) for operation in operations)
    return next((match[1] for match in found if match), None)


def _place_of(name: str, operation: Operation) -> str | None:
    if f"{{{name}:uuid}}" in operation.path:
        return "path"
    return "query" if operation.query is not None and name in operation.query.__annotations__ else None
