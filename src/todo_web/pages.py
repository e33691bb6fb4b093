"""
The few HTML pages the shell has itself, beside the web page.
"""

from __future__ import annotations

import os
from http import HTTPStatus
from importlib.resources import files
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

STATIC = files("todo_web") / "static"
_OF_DOCS = ("docs", "swagger-ui")
_PAGES = {
    name: Template((STATIC / f"{name}.html").read_text("utf-8"))
    for name in (
        "dev-mail",
        "docs",
        "no-page",
        "problem",
    )
}


class Files(StaticFiles):
    """
    The files that pages load; without *docs* those that only ``/docs`` needs are not there.
    """

    def __init__(self, *, docs: bool) -> None:
        super().__init__(packages=[("todo_web", "static")])
        self._docs = docs

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """
        Find the file, if it is one to be served.
        """
        return super().lookup_path(path) if self._docs or not path.startswith(_OF_DOCS) else ("", None)


def is_lost(request: Request[Any]) -> bool:
    """
    Tell whether a browser asks for something to read where nothing is, and where the API has nothing either.
    """
    known = "endpoint" in request.scope or request.url.path.startswith("/api/")
    return not known and "text/html" in request.headers.get("accept", "")


def page(name: str, *, status_code: int = HTTPStatus.OK, **facts: str) -> HTMLResponse:
    """
    Return the page with its *facts*, which must be escaped already.
    """
    return HTMLResponse(_PAGES[name].substitute(facts), status_code)
