"""
Traces: how long requests and their statements took, and nothing of what was said in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Sequence

import pytest
from attrs import define
from dependency_injector import providers
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, StatusCode

from tests.support.app import client_of, container_for
from tests.support.canaries import Aviary, canary
from todo_core.use_cases.sessions import LogIn
from todo_web.container import Container
from todo_web.tracing import TOLD, Tracing

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class KeptSpans(SpanExporter):
    """
    A collector in memory.
    """

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """
        Keep them.
        """
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


@define
class Scene:
    """
    The service with a collector.
    """

    container: Container
    kept: KeptSpans

    def requests(self) -> list[ReadableSpan]:
        """
        Return the spans of requests, in order.
        """
        return [span for span in self.kept.spans if span.kind is SpanKind.SERVER]


@pytest.fixture
def scene(database_url: str) -> Generator[Scene]:
    """
    Yield it.
    """
    container, _ = container_for(database_url)
    kept = KeptSpans()
    container.tracing.override(providers.Object(Tracing(kept)))
    return Scene(container, kept)


def test_a_request_and_its_statements_are_told(scene):
    """
    The request is called after its route, goes on with the trace of whoever asks, and its statements are within it.
    """
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-00", "tracestate": "stranger=words"}
    with client_of(scene.container) as client:
        assert client.get("/api/v1/ready", headers=headers).status_code == 200
        request_id = client.get("/nowhere/at-all").headers["X-Request-ID"]
    ready, lost = scene.requests()
    assert ready.name == "GET /api/v1/ready"
    assert f"{ready.context.trace_id:032x}" == TRACE
    assert f"{ready.parent.span_id:016x}" == SPAN
    assert not ready.context.trace_state
    assert ready.attributes["http.response.status_code"] == 200
    assert ready.resource.attributes["service.name"] == "todo"
    assert (lost.name, lost.attributes["todo.request_id"]) == ("GET", request_id)
    statements = [span for span in scene.kept.spans if span.kind is SpanKind.CLIENT]
    assert statements
    assert {span.context.trace_id for span in statements} == {ready.context.trace_id}
    assert all("SELECT" in span.attributes["db.statement"] for span in statements)


def test_what_nobody_asked_for_is_not_told(scene):
    """
    The courier's looks and other work beside the requests begin no trace.
    """
    with client_of(scene.container) as client:
        client.get("/health")
    assert [span.name for span in scene.kept.spans] == ["GET /health"]


def test_a_fault_is_told_without_its_words(scene, monkeypatch):
    """
    By the kind of the exception and the status of the answer.
    """
    secret = canary()

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(LogIn, "__call__", fail)
    with client_of(scene.container) as client:
        body = {"email": "ann@example.org", "password": "a quiet old password"}
        assert client.post("/api/v1/auth/login", json=body).status_code == 500
    (span,) = scene.requests()
    assert span.attributes["error.type"] == "RuntimeError"
    assert span.status.status_code is StatusCode.ERROR
    assert secret not in written(scene.kept.spans)


def written(spans: Sequence[ReadableSpan]) -> str:
    """
    Return all that the spans say.
    """
    return "\n".join(f"{span.to_json()} {span.status.description} {span.events} {span.links}" for span in spans)


def test_no_secret_is_told(scene):
    """
    Whatever stands in a path, query, header, cookie or body, in a parameter or in what PostgreSQL says of a conflict.
    """
    aviary = Aviary()
    words = {name: aviary.add(name, canary()) for name in ("query", "header", "cookie", "password", "title", "agent")}
    email = aviary.add("address", "very-secret-ann@example.org")
    hidden = aviary.add("path", "verysecretcalendaraddress")
    person = {"email": email, "password": words["password"]}
    with client_of(scene.container) as client:
        headers = {"Authorization": b"Bearer " + words["header"].encode(), "User-Agent": words["agent"].encode()}
        headers |= {"Cookie": b"__Host-session=" + words["cookie"].encode(), "X-Forwarded-For": b"203.0.113.77"}
        client.get(f"/api/v1/calendar/{hidden}.ics", params={"token": words["query"]}, headers=headers)
        client.get(f"/nowhere/{hidden}", params={"token": words["query"]}, headers=headers)
        client.post("/api/v1/auth/register", json=person, headers=headers)
        client.post("/api/v1/auth/register", json=person)
        client.post("/api/v1/auth/login", json=person)
        client.post("/api/v1/todos", json={"title": words["title"]}, headers=headers)
        client.request("BREW", f"/{hidden}")
    assert len(scene.requests()) == 7
    told = written(scene.kept.spans)
    assert not aviary.seen_in({"the spans": told})
    assert "203.0.113.77" not in told
    assert not {name for span in scene.kept.spans for name in span.attributes} - TOLD
    for span in scene.kept.spans:
        assert not re.search(r"'[^']*@[^']*'", json.dumps(dict(span.attributes)))


def test_what_libraries_add_is_left_out(scene):
    """
    An attribute, an event or a reason that somebody else writes into a span does not leave.
    """
    secret = canary()
    tracing = scene.container.tracing()
    with tracing._provider.get_tracer("x").start_as_current_span("x", kind=SpanKind.SERVER) as span:
        span.set_attribute("url.query", secret)
        span.add_event(secret, {"exception.message": secret})
        span.record_exception(ValueError(secret))
        span.set_status(StatusCode.ERROR, secret)
    tracing._provider.shutdown()
    assert [kept.name for kept in scene.kept.spans] == ["x"]
    assert secret not in written(scene.kept.spans)
    assert json.dumps(secret)[1:-1] not in written(scene.kept.spans)
