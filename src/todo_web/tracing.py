"""
Traces: how long each request took, and each statement in it, told by OpenTelemetry.

Importing this module imports OpenTelemetry. What is told is written down here, name by name, and nothing else leaves:
no query, header, body, address, parameter of a statement, nor the words of an exception.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import structlog
from attrs import frozen
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, TraceState
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from todo_web.version import VERSION

TOLD = frozenset(
    {
        *("http.request.method", "http.route", "http.response.status_code", "error.type", "todo.request_id"),
        *("db.system", "db.system.name", "db.name", "db.namespace", "db.statement", "db.query.text"),
    }
)
"""All that a span may carry beside its name and its times; statements are told as they were written, at import."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_FAULT = 500


class OnlyRequests(Sampler):
    """
    Tells of requests, and of what is done for them; not of the courier's endless looks, nor as strangers want it.
    """

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,  # noqa: ARG002 - as OpenTelemetry has it
        name: str,  # noqa: ARG002 - as above
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,  # noqa: ARG002 - as above
        trace_state: TraceState | None = None,  # noqa: ARG002 - as above
    ) -> SamplingResult:
        """
        Say whether to tell of a span.
        """
        around = trace.get_current_span(parent_context).get_span_context()
        told = kind is SpanKind.SERVER or (not around.is_remote and around.trace_flags.sampled)
        return SamplingResult(Decision.RECORD_AND_SAMPLE if told else Decision.DROP, attributes)

    def get_description(self) -> str:
        """
        Return its name.
        """
        return "OnlyRequests"


@frozen
class Discreet(SpanExporter):
    """
    Hands on what may be told of each span, whatever libraries wrote into it.
    """

    exporter: SpanExporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """
        Hand on.
        """
        return self.exporter.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        """
        Let go of what is held open.
        """
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """
        Hand on what waits.
        """
        return self.exporter.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in TOLD},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def exporter_to(endpoint: str) -> SpanExporter:
    """
    Return what sends spans to the collector at *endpoint*, with the headers that OpenTelemetry's own variables say.
    """
    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)


def _resource() -> Resource:
    named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": "todo"}
    return Resource.create({**named, "service.version": VERSION})


class Tracing:
    """
    Traces that go to *exporter*.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._provider = TracerProvider(resource=_resource(), sampler=OnlyRequests(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(Discreet(exporter)))

    def traced(self, app: ASGIApp) -> ASGIApp:
        """
        Return *app*, with a span around each request.
        """
        return RequestSpan(app, self._provider.get_tracer("todo"))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """
        Have statements told of while the block runs, and tell the rest at its end.
        """
        instrumentor = PsycopgInstrumentor()
        instrumentor.instrument(tracer_provider=self._provider)
        try:
            yield
        finally:
            instrumentor.uninstrument()
            await asyncio.to_thread(self._provider.shutdown)


@frozen
class RequestSpan:
    """
    A span around each request, called after its route; it goes on with the trace of whoever asks.
    """

    app: ASGIApp
    tracer: trace.Tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass the request on.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with self.tracer.start_as_current_span(
            "request",
            context=_asked_by(scope),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _tell_status(span, message["status"])
                await send(message)

            try:
                await self.app(scope, receive, answer)
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise
            finally:
                _tell_request(span, scope)


def _asked_by(scope: Scope) -> Context:
    parent = Headers(scope=scope).get("traceparent", "")
    return TraceContextTextMapPropagator().extract({"traceparent": parent}, Context())


def _tell_status(span: trace.Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= _FAULT:
        span.set_status(StatusCode.ERROR)


def _tell_request(span: trace.Span, scope: Scope) -> None:
    route = getattr(scope.get("route"), "path", None)
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    span.update_name(method if route is None else f"{method} {route}")
    span.set_attribute("http.request.method", method)
    if route is not None:
        span.set_attribute("http.route", route)
    span.set_attribute("todo.request_id", structlog.contextvars.get_contextvars().get("request_id", ""))
