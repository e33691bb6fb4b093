"""
The OpenAPI 3.1 document, from the table of operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from starlette.convertors import Convertor, UUIDConvertor
from starlette.routing import compile_path

from todo_core.errors import InvalidInput, TooManyRequests, Unauthenticated, Unavailable
from todo_web.cookies import SESSION_COOKIE
from todo_web.decoding import FORM, JSON
from todo_web.errors import (
    CrossOriginRequest,
    InvalidFields,
    InvalidHost,
    MalformedForm,
    MalformedJson,
    RequestTimeout,
    TooLarge,
    UnsupportedMediaType,
)
from todo_web.links import CREATED, links_from
from todo_web.operations import Access, Answer, Operation
from todo_web.problems import INTERNAL, MEDIA_TYPE, PROBLEMS, Problem, ProblemDocument

_Json = dict[str, Any]
_REFERENCE = "#/components/schemas/{name}"
_DESCRIPTION = """\
Accounts, password reset and todos. Every error is an RFC 9457 problem; times are RFC 3339 in UTC.
"""
_SECURITY_SCHEMES: _Json = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "For pages; read only without `Authorization`, and for changes only from the allowed origins.",
    },
}


def document(operations: Iterable[Operation], *, version: str) -> _Json:
    """
    Return the OpenAPI document of the *operations*, as JSON would have it.
    """
    table = list(operations)
    kinds = sorted({ProblemDocument, *_classes(table)}, key=lambda kind: kind.__name__)
    references, schemas = _schemas(kinds)
    reference = dict(zip(kinds, references, strict=True))
    for kind in _closed(table):
        schemas[kind.__name__]["additionalProperties"] = False
    paths: dict[str, _Json] = {}
    for operation in table:
        _, template, convertors = compile_path(operation.path)
        path = paths.setdefault(template, {})
        path[operation.method.lower()] = described = _operation(operation, reference, convertors)
        if links := links_from(operation, table):
            described["responses"][str(CREATED)]["links"] = links
    return {
        "openapi": "3.1.0",
        "info": {"title": "Todo", "version": version, "description": _DESCRIPTION, "license": {"name": "MIT"}},
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in _SECURITY_SCHEMES],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in table)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {_response_name(problem): _problem(problem, reference) for problem in _problems(table)},
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def _schemas(kinds: list[type]) -> tuple[tuple[_Json, ...], dict[str, _Json]]:
    """
    Return references to the *kinds* and the schemas behind them, those of a ``OneOf``'s classes among them.
    """
    choices: list[type] = []

    def one_of(kind: Any) -> _Json:
        choices.extend(kind.kinds.values())
        return {
            "oneOf": [{"$ref": _REFERENCE.format(name=choice.__name__)} for choice in kind.kinds.values()],
            "discriminator": {"propertyName": kind.tag},
        }

    references, schemas = msgspec.json.schema_components(kinds, schema_hook=one_of, ref_template=_REFERENCE)
    _, chosen = msgspec.json.schema_components(choices, ref_template=_REFERENCE)
    for choice in choices:
        chosen[choice.__name__]["additionalProperties"] = False
    return references, chosen | schemas


def _classes(table: Iterable[Operation]) -> set[type]:
    answers = [answer for operation in table for answer in operation.answers]
    answered = {kind for answer in answers for kind in (answer.body, answer.or_body)}
    return {kind for kind in answered | {operation.body for operation in table} if kind is not None}


def _closed(table: Iterable[Operation]) -> Iterator[type]:
    """
    Yield the classes without further members: what we are sent, and answers to be told apart by what they lack.
    """
    for operation in table:
        if operation.body is not None:
            yield operation.body
        for answer in operation.answers:
            if answer.body is not None and answer.or_body is not None:
                yield from (answer.body, answer.or_body)


def _operation(
    operation: Operation, reference: Mapping[type, _Json], convertors: Mapping[str, Convertor[Any]]
) -> _Json:
    described: _Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [*_path_parameters(convertors), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": {
            **_answers(operation, reference),
            **_problem_responses(operation),
        },
    }
    if operation.access is not Access.SESSION:
        described["security"] = []
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {
                kind: {"schema": reference[operation.body] if kind.endswith(("json", FORM)) else {"type": "string"}}
                for kind in operation.body_types
            },
        }
    return described


def _path_parameters(convertors: Mapping[str, Convertor[Any]]) -> list[_Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"}
            if isinstance(convertor, UUIDConvertor)
            else {"type": "string"},
        }
        for name, convertor in convertors.items()
    ]


def _query_parameters(operation: Operation) -> list[_Json]:
    if operation.query is None:
        return []
    (_,), schemas = msgspec.json.schema_components([operation.query], ref_template=_REFERENCE)
    properties: dict[str, _Json] = schemas[operation.query.__name__]["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": _without_null(schema)}
        for name, schema in properties.items()
    ]


def _without_null(schema: _Json) -> _Json:
    """
    Return the schema of a parameter, which is absent when it is not given, never null.
    """
    kept = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    if "anyOf" in kept:
        options = [option for option in kept.pop("anyOf") if option != {"type": "null"}]
        kept |= options[0]
    return kept


def _header_parameters(operation: Operation) -> list[_Json]:
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in operation.request_headers.items()
    ]


def _answers(operation: Operation, reference: Mapping[type, _Json]) -> _Json:
    """
    Several answers can share a status: they differ in their media types then.
    """
    described: _Json = {}
    for answer in operation.answers:
        one = _answer(answer, reference)
        described.setdefault(str(answer.status), one).get("content", {}).update(one.get("content", {}))
    return described


def _answer(answer: Answer, reference: Mapping[type, _Json]) -> _Json:
    described: _Json = {"description": answer.description}
    if answer.headers:
        described["headers"] = {
            name: {"description": text, "required": True, "schema": {"type": "string"}}
            for name, text in answer.headers.items()
        }
    if answer.body is not None:
        described["content"] = {answer.media_type: {"schema": _either(answer.body, answer.or_body, reference)}}
    elif answer.media_type != JSON:
        described["content"] = {answer.media_type: {"schema": {"type": "string"}}}
    return described


def _either(one: type, other: type | None, reference: Mapping[type, _Json]) -> _Json:
    return reference[one] if other is None else {"oneOf": [reference[one], reference[other]]}


def problems_of(operation: Operation) -> list[Problem]:
    """
    Return every problem that the operation can answer with.
    """
    kinds: list[type[Exception]] = [InvalidHost, *operation.problems]
    if operation.access is not Access.UNCOUNTED:
        kinds += [TooManyRequests, Unavailable]
    if operation.access is Access.SESSION:
        kinds.append(Unauthenticated)
    if operation.access is Access.SESSION and operation.method != "GET":
        kinds.append(CrossOriginRequest)
    if operation.body is not None:
        kinds.append(MalformedForm if FORM in operation.body_types else MalformedJson)
        kinds += [InvalidInput, UnsupportedMediaType, TooLarge, RequestTimeout]
    if operation.query is not None:
        kinds.append(InvalidFields)
    return list(dict.fromkeys([*(PROBLEMS[kind] for kind in kinds), INTERNAL]))


def _problem_responses(operation: Operation) -> _Json:
    """
    Several problems can share a status: the response then refers to the first and tells of the others.
    """
    by_status: dict[int, list[Problem]] = {}
    for problem in problems_of(operation):
        by_status.setdefault(problem.status, []).append(problem)
    media_types = operation.problem_types
    return {str(status): _reference(problems, media_types) for status, problems in sorted(by_status.items())}


def _reference(problems: list[Problem], media_types: Iterable[str]) -> _Json:
    if len(problems) == 1 and tuple(media_types) == (MEDIA_TYPE,):
        return {"$ref": f"#/components/responses/{_response_name(problems[0])}"}
    document = {"$ref": _REFERENCE.format(name=ProblemDocument.__name__)}
    return {
        "description": "; or ".join(f"{problem.title} (`{problem.slug}`)" for problem in problems),
        "content": {kind: {"schema": document if kind == MEDIA_TYPE else {"type": "string"}} for kind in media_types},
    }


def _problems(table: Iterable[Operation]) -> list[Problem]:
    return list(dict.fromkeys(problem for operation in table for problem in problems_of(operation)))


def _problem(problem: Problem, reference: Mapping[type, _Json]) -> _Json:
    return {
        "description": f"{problem.title}. {problem.help}",
        "content": {MEDIA_TYPE: {"schema": reference[ProblemDocument]}},
    }


def _response_name(problem: Problem) -> str:
    return problem.slug
