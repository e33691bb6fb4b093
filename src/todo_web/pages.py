"""
The few HTML pages the shell has itself.
"""

from __future__ import annotations

from importlib.resources import files
from string import Template

from starlette.responses import HTMLResponse

STATIC = files("todo_web") / "static"
_PAGES = {
    name: Template((STATIC / f"{name}.html").read_text("utf-8"))
    for name in (
        "dev-mail",
        "docs",
        "index",
        "problem",
        "reset-password",
        "verify-email",
    )
}


def page(name: str, **facts: str) -> HTMLResponse:
    """
    Return the page with its *facts*, which must be escaped already.
    """
    return HTMLResponse(_PAGES[name].substitute(facts))
