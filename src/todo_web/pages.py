"""
The few HTML pages the shell has itself.
"""

from __future__ import annotations

import os
from importlib.resources import files
from string import Template

from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

STATIC = files("todo_web") / "static"
_OF_DOCS = ("docs", "swagger-ui")
_PAGES = {
    name: Template((STATIC / f"{name}.html").read_text("utf-8"))
    for name in (
        "confirm-email",
        "dev-mail",
        "docs",
        "index",
        "problem",
        "reset-password",
        "undo-deletion",
        "undo-email-change",
        "verify-email",
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


def page(name: str, **facts: str) -> HTMLResponse:
    """
    Return the page with its *facts*, which must be escaped already.
    """
    return HTMLResponse(_PAGES[name].substitute(facts))
