"""
The OpenAPI document says what is served, all of it and nothing else.
"""

from __future__ import annotations

import json
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route, compile_path

from todo_web.app import describe
from todo_web.operations import routes
from todo_web.problems import PROBLEMS
from todo_web.routes import OPERATIONS

DOCUMENT: dict[str, Any] = json.loads(describe())


def test_it_is_valid() -> None:
    """
    The document keeps the rules of OpenAPI 3.1.
    """
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_each_route_is_described_and_each_description_served() -> None:
    """
    The router's paths and methods are those of the document.
    """
    served = {
        (compile_path(route.path)[1], method.lower())
        for route in routes(OPERATIONS)
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {(path, method) for path, item in DOCUMENT["paths"].items() for method in item}
    assert served == described


def test_each_operation_has_its_own_name() -> None:
    """
    No two operations share an operationId, and no two routes a path.
    """
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    paths = [route.path for route in routes(OPERATIONS) if isinstance(route, Route)]
    assert len(paths) == len(set(paths))


def test_each_operation_tells_of_its_errors() -> None:
    """
    Whatever needs a session can answer 401, whatever takes a body 400, 413, 415 and 422, anything 500.
    """
    for operation in OPERATIONS:
        path = compile_path(operation.path)[1]
        described = DOCUMENT["paths"][path][operation.method.lower()]
        expected = {"500"}
        if "security" not in described:
            expected |= {"401", "429", "503"}
        if operation.body is not None:
            expected |= {"400", "413", "415", "422"}
        expected |= {str(PROBLEMS[kind].status) for kind in operation.problems}
        assert expected <= set(described["responses"]), operation.name


def test_unknown_fields_are_forbidden_in_every_body() -> None:
    """
    Each request body is an object that allows no other fields than its own.
    """
    for operation in OPERATIONS:
        if operation.body is not None:
            schema = DOCUMENT["components"]["schemas"][operation.body.__name__]
            assert schema["additionalProperties"] is False


def test_what_is_added_links_to_all_that_takes_its_id() -> None:
    """
    Todos and lists, each to every operation with their id in its path, and to those that filter by it.
    """
    for adding, name, others in (("todos", "todo_id", set[str]()), ("lists", "list_id", {"list_todos"})):
        links = DOCUMENT["paths"][f"/api/v1/{adding}"]["post"]["responses"]["201"]["links"]
        taking = {operation.name for operation in OPERATIONS if f"{{{name}:uuid}}" in operation.path}
        assert taking
        assert links.keys() == taking | others
        for operation_id, link in links.items():
            place = "path" if operation_id in taking else "query"
            assert link == {"operationId": operation_id, "parameters": {f"{place}.{name}": "$response.body#/id"}}
    linking = [
        answers
        for path in DOCUMENT["paths"].values()
        for each in path.values()
        for answers in each["responses"].values()
        if "links" in answers
    ]
    assert len(linking) == 2
