"""
The service, asked over HTTP as anybody may ask it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple, cast
from uuid import uuid4

import httpx2
from attrs import field, frozen

from todo_web.cli.mine.errors import NotLoggedIn, Refused, Unreachable
from todo_web.cli.mine.told import ListJson, TodoJson
from todo_web.version import VERSION

DEADLINE = 20.0
"""Seconds for an answer, whole."""

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes; 200 todos with the longest notes fit."""

LARGEST_PAGE = 200
MOST_PAGES = 500
"""With the largest page, 100,000 todos."""

_UNAUTHENTICATED = 401
_CHANGED = 412
_TOO_MANY = 429
_FIRST_ERROR = 400


class _Answer(NamedTuple):
    status: int
    retry_after: str
    content: bytes


@frozen
class Service:
    """
    The service at ``url``, asked with the ``token`` of a session, or with None to get one.
    """

    url: str
    token: str | None = field(repr=False)
    transport: httpx2.BaseTransport | None = None

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """
        Return what the answer's JSON says; None where it has no body.

        Raises:
            NotLoggedIn: the session is over.
            Refused: the service says no.
            Unreachable: nothing that this service would say came in 20 seconds.
        """
        try:
            with self._client() as client:
                request = client.build_request(method, f"/api/v1{path}", json=body, params=query, headers=headers)
                answer = _answered(client, request)
        except (httpx2.TransportError, httpx2.DecodingError, TimeoutError) as error:
            raise Unreachable(f"{self.url} cannot be reached: {error or type(error).__name__}") from error
        return self._understood(answer)

    def add(self, path: str, body: Mapping[str, Any]) -> Any:
        """
        Return what was added, once: when no answer comes, it is asked for again under the same key.

        Raises:
            As ``ask``.
        """
        headers = {"Idempotency-Key": str(uuid4())}
        try:
            return self.ask("POST", path, body=body, headers=headers)
        except Unreachable:
            return self.ask("POST", path, body=body, headers=headers)

    def edit(self, todo: TodoJson, changes: Mapping[str, Any]) -> TodoJson:
        """
        Return the *todo* with these *changes*, if nobody has changed it since it was read.

        Raises:
            As ``ask``.
        """
        edited = self.ask("PATCH", f"/todos/{todo['id']}", body=changes, headers=_if_still(todo))
        return cast("TodoJson", edited)

    def remove(self, todo: TodoJson) -> None:
        """
        Put the *todo* into the bin, if nobody has changed it since it was read.

        Raises:
            As ``ask``.
        """
        self.ask("DELETE", f"/todos/{todo['id']}", headers=_if_still(todo))

    def todos(self, query: Mapping[str, str]) -> list[TodoJson]:
        """
        Return all todos that *query* asks for, page after page.

        Raises:
            As ``ask``; Refused too where there are more than 100,000.
        """
        found: list[TodoJson] = []
        asked: dict[str, Any] = {**query, "limit": LARGEST_PAGE}
        for _ in range(MOST_PAGES):
            page = self.ask("GET", "/todos", query=asked)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            asked["cursor"] = page["next_cursor"]
        raise Refused(f"There are more than {LARGEST_PAGE * MOST_PAGES} todos: ask for fewer.")

    def lists(self) -> list[ListJson]:
        """
        Return all lists.

        Raises:
            As ``ask``.
        """
        return cast("list[ListJson]", self.ask("GET", "/lists")["items"])

    def _client(self) -> httpx2.Client:
        headers = {"User-Agent": f"todo/{VERSION}"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        return httpx2.Client(base_url=self.url, headers=headers, timeout=DEADLINE, transport=self.transport)

    def _understood(self, answer: _Answer) -> Any:
        if answer.status < _FIRST_ERROR and not answer.content:
            return None
        try:
            told = json.loads(answer.content)
        except ValueError as error:
            raise Unreachable(
                f"{self.url} answered {answer.status}, and not as this service does: is it the right URL?"
            ) from error
        if answer.status >= _FIRST_ERROR:
            raise _complaint(answer, cast("Mapping[str, Any]", told) if isinstance(told, dict) else {})
        return told


def _answered(client: httpx2.Client, request: httpx2.Request) -> _Answer:
    """
    Return the whole answer; it may neither trickle in for longer than the deadline, nor fill the memory.
    """
    end = time.monotonic() + DEADLINE
    content = bytearray()
    with closing(client.send(request, stream=True)) as response:
        for chunk in response.iter_bytes():
            content += chunk
            if time.monotonic() > end:
                raise TimeoutError("the answer took too long")
            if len(content) > LARGEST_ANSWER:
                raise httpx2.DecodingError("the answer is too long")
        return _Answer(response.status_code, response.headers.get("Retry-After", "some"), bytes(content))


def _complaint(answer: _Answer, problem: Mapping[str, Any]) -> NotLoggedIn | Refused:
    title = str(problem.get("title", f"The service answered {answer.status}"))
    if answer.status == _UNAUTHENTICATED and str(problem.get("type", "")).endswith("/unauthenticated"):
        return NotLoggedIn("You are not logged in any more: todo login EMAIL --url URL.")
    if answer.status == _CHANGED:
        return Refused("It was changed meanwhile: look at it, and try again.")
    if answer.status == _TOO_MANY:
        return Refused(f"{title}: try again in {answer.retry_after} seconds.")
    errors: Sequence[Mapping[str, Any]] = problem.get("errors") or []
    wrong = [f"{_field(error)}{error.get('detail', '')}" for error in errors]
    return Refused("\n".join([f"{title}:", *wrong] if wrong else [str(problem.get("detail") or f"{title}.")]))


def _field(error: Mapping[str, Any]) -> str:
    name = str(error.get("pointer", "")).removeprefix("/")
    return f"{name}: " if name else ""


def _if_still(todo: TodoJson) -> Mapping[str, str]:
    return {"If-Match": f'"{todo["version"]}"'}
