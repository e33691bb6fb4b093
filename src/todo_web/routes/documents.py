"""
The API's own description: the OpenAPI document, the pages that show it, and a page for each problem.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import NotFound
from todo_web import problems
from todo_web.operations import Access, Answer, Operation
from todo_web.pages import page
from todo_web.state import State


async def get_openapi(request: Request[State]) -> Response:
    """
    Return the OpenAPI document.
    """
    return Response(request.state["openapi"], media_type="application/json")


async def get_docs(_: Request[State]) -> Response:
    """
    Show the API, to read and to try.
    """
    return page("docs")


async def get_problem(request: Request[State]) -> Response:
    """
    Explain a kind of problem.
    """
    slug = request.path_params["slug"]
    problem = next((problem for problem in problems.ALL if problem.slug == slug), None)
    if problem is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return problems.problem_page(problem)


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/openapi.json",
        endpoint=get_openapi,
        summary="This document",
        tag="Documents",
        access=Access.UNCOUNTED,
        answers=(Answer(200, "OpenAPI 3.1", dict),),
    ),
    Operation(
        method="GET",
        path="/docs",
        endpoint=get_docs,
        summary="The API, to read and to try in a browser",
        tag="Documents",
        access=Access.UNCOUNTED,
        answers=(Answer(200, "A page", media_type="text/html"),),
    ),
    Operation(
        method="GET",
        path="/problems/{slug}",
        endpoint=get_problem,
        summary="What a problem type means",
        tag="Documents",
        access=Access.UNCOUNTED,
        answers=(Answer(200, "A page", media_type="text/html"),),
        problems=(NotFound,),
    ),
)
