from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.unit.driving import run
from todo_web.middleware.request_log import RequestLog
from todo_web.problems import Problems


async def nothing(*_: object):
    """
    Neither hear nor say anything.
    """


@pytest.mark.parametrize("status", [204, 401, 403, 404, 422, 429, 503])
def test_a_refusal_is_logged(status):
    """
    Whoever was refused, and for whatever reason, is one line with what was asked for and how it was answered.
    """

    async def app(_, __, send):
        await send({"type": "http.response.start", "status": status, "headers": []})

    scope = {"type": "http", "method": "POST", "path": "/api/v1/todos", "query_string": b"token=x", "headers": []}
    with capture_logs() as lines:
        run(RequestLog(app, Problems("https://todo.example"))(scope, nothing, nothing))
    [line] = lines
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "POST", "/api/v1/todos", status)
    assert "token" not in str(line)


@pytest.mark.parametrize("path", ["/api/v1/calendar/secret.ics", "/calendar/secret/x", "/Calendar//secret\n"])
def test_the_secret_in_a_path_is_not_logged(path):
    """
    Whatever stands behind the name of a calendar is one, though no route may know it.
    """

    async def app(_, __, send):
        await send({"type": "http.response.start", "status": 404, "headers": []})

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    with capture_logs() as lines:
        run(RequestLog(app, Problems("https://todo.example"))(scope, nothing, nothing))
    assert lines[0]["path"].endswith("/calendar/{secret}")
    assert "secret.ics" not in str(lines)
    assert "/secret" not in str(lines)


@pytest.mark.parametrize(("status", "level"), [(200, "debug"), (304, "debug"), (404, "info"), (503, "info")])
def test_the_files_of_a_page_bury_nothing(status, level):
    """
    They are logged at DEBUG, but where they fail.
    """

    async def app(_, __, send):
        await send({"type": "http.response.start", "status": status, "headers": []})

    scope = {"type": "http", "method": "GET", "path": "/assets/todos.js", "query_string": b"", "headers": []}
    with capture_logs() as lines:
        run(RequestLog(app, Problems("https://todo.example"))(scope, nothing, nothing))
    assert [(line["event"], line["log_level"]) for line in lines] == [("request", level)]
