"""
What a form does that is sent without script: it is read, the core is asked as by its JSON twin, and a page answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from todo_core.errors import DomainError, InvalidToken
from todo_web.decoding import FORM
from todo_web.errors import HttpError
from todo_web.filling import Filling, Notice, filled
from todo_web.form_words import WORDS, FormWords
from todo_web.operations import Access, Answer, Operation
from todo_web.problems import MEDIA_TYPE, faults_of, headers_of, problem_of
from todo_web.state import State

LOG_IN_PAGE = "/log-in"
FORGOT_PAGE = "/forgot-password"
VERIFY_PAGE = "/verify-email"

_WITH_ANOTHER = (FORGOT_PAGE, VERIFY_PAGE)
"""Pages with a form that has another link mailed."""

_LINK_PAGES = ("/reset-password", VERIFY_PAGE, "/confirm-email", "/undo-email-change", "/undo-deletion")
_LONGEST_TOKEN = 512
_DONE = (Answer(303, "Done", headers={"Location": "The page to go on with"}),)


@frozen(kw_only=True)
class FormOperation(Operation):
    """
    An operation that people ask by a form, and that answers them with a page.

    What goes wrong is told on the ``page`` that has the form, with all that was typed but passwords still in it, or on
    another, ``elsewhere``, where that leads on.
    """

    page: str
    elsewhere: Mapping[type[Exception], str] = field(factory=dict[type[Exception], str])
    method: str = "POST"
    tag: str = "Forms"
    access: Access = Access.PUBLIC
    body_types: tuple[str, ...] = (FORM,)
    answers: tuple[Answer, ...] = _DONE
    problem_types: tuple[str, ...] = ("text/html", MEDIA_TYPE)

    async def __call__(self, request: Request[State]) -> Response:
        """
        Admit the request, then answer it; where the web page was left out of this build, a problem is told as always.
        """
        try:
            return await super().__call__(request)
        except (DomainError, HttpError) as error:
            path = self.elsewhere.get(type(error), self.page)
            found = await request.state["web_page"].text(request, path)
            if found is None:
                raise
            language, html = found
            filling = _of_error(error, path, words=WORDS[language], given=request.scope["state"].get("given", {}))
            return HTMLResponse(filled(html, filling), problem_of(error).status, headers_of(error))


def _of_error(error: Exception, path: str, *, words: FormWords, given: Mapping[str, str]) -> Filling:
    """
    Return what to put into the page of *path*; not a dead token, a press of whose button would tell nothing new.
    """
    faults = {fault.pointer.removeprefix("/"): fault.detail for fault in faults_of(error) or ()}
    dead = isinstance(error, InvalidToken)
    return Filling(
        values={name: value for name, value in given.items() if not dead or name != "token"},
        faults={name: words.of_fault(name, detail) for name, detail in faults.items()},
        notice=Notice("error", _sentence(error, path, words=words)),
        titled=f"{words.error}: ",
    )


def _sentence(error: Exception, path: str, *, words: FormWords) -> str:
    retry_after = headers_of(error).get("Retry-After")
    said = words.of_problem(problem_of(error).slug, retry_after=None if retry_after is None else int(retry_after))
    return f"{said} {words.another}" if isinstance(error, InvalidToken) and path in _WITH_ANOTHER else said


def done(name: str) -> RedirectResponse:
    """
    Lead on to the log-in page, which tells that the form *name* was done.
    """
    return RedirectResponse(f"{LOG_IN_PAGE}?done={name}", HTTPStatus.SEE_OTHER)


async def spoken_to(request: Request[State], path: str) -> Response | None:
    """
    Return the page with what its address says put into it for who has no script; None where it says nothing for them.

    That is the token of a mailed link, or what was done. No cache keeps it.
    """
    found = await request.state["web_page"].text(request, path) if request.url.query else None
    filling = None if found is None else _of_query(request, path, WORDS[found[0]])
    return None if found is None or filling is None else HTMLResponse(filled(found[1], filling))


def _of_query(request: Request[Any], path: str, words: FormWords) -> Filling | None:
    token, what = request.query_params.get("token", ""), request.query_params.get("done", "")
    if path in _LINK_PAGES and 0 < len(token) <= _LONGEST_TOKEN:
        return Filling(values={"token": token})
    if path == LOG_IN_PAGE and what in words.done:
        return Filling(notice=Notice("done", words.done[what]))
    return None
