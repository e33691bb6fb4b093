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
