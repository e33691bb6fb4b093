"""
Faults of ours, told to Sentry: which exception, where in the code, while answering which route.

Importing this module imports ``sentry_sdk``. What is told is written down here, name by name, and nothing else leaves:
no query, header, cookie, body, local variable, nor the words of an exception, which may quote any of these.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Mapping, MutableMapping
from functools import cache
from typing import Any

from sentry_sdk.client import Client
from sentry_sdk.transport import Transport
from sentry_sdk.utils import event_from_exception

from todo_web.version import VERSION

_EVENT = ("event_id", "timestamp", "platform", "level", "release", "environment", "sdk", "tags", "fingerprint")
_FRAME = (
    "filename",
    "abs_path",
    "function",
    "module",
    "lineno",
    "in_app",
    "pre_context",
    "context_line",
    "post_context",
)
_TAGS = ("method", "route", "request_id", "mail_id", "action")


class Faults:
    """
    Tells of each exception that is logged; a step in the way that log lines take.

    Args:
        dsn: the project.
        environment: ``development`` or ``production``.
        transport: how it is told, if not over HTTPS.
    """

    def __init__(self, dsn: str, environment: str, transport: Transport | None = None) -> None:
        self._client = Client(
            dsn=dsn,
            environment=environment,
            release=f"todo-app@{VERSION}",
            transport=transport,
            server_name="",
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            send_client_reports=False,
            auto_session_tracking=False,
            enable_backpressure_handling=False,
            before_send=_discreet,
        )

    def __call__(self, _: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """
        Tell of the exception that *line* logs, if it does, and hand the line on.
        """
        error = _exception_of(line.get("exc_info"))
        if error is not None:
            event, hint = event_from_exception(error, client_options=self._client.options)
            event["tags"] = {"event": str(line["event"]), **{name: str(line[name]) for name in _TAGS if name in line}}
            self._client.capture_event(event, hint)
        return line

    def close(self) -> None:
        """
        Tell what is not told yet, within two seconds.
        """
        self._client.close(timeout=2.0)


@cache
def faults_to(dsn: str, environment: str) -> Faults:
    """
    Return what tells the project *dsn*; one for each process.
    """
    faults = Faults(dsn, environment)
    atexit.register(faults.close)
    return faults


def _exception_of(info: object) -> BaseException | None:
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    if isinstance(info, BaseException):
        return info
    return sys.exc_info()[1] if info else None


def _discreet(event: Any, _: Any) -> Any:
    """
    Return what may be told of *event*, whatever the library wrote into it.
    """
    exceptions: list[Any] = event.get("exception", {}).get("values", [])
    return {**_some(event, _EVENT), "exception": {"values": [_without_words(one) for one in exceptions]}}


def _without_words(exception: Mapping[str, Any]) -> dict[str, Any]:
    stack: Mapping[str, Any] = exception.get("stacktrace") or {}
    frames: list[dict[str, Any]] = stack.get("frames", [])
    return {
        **_some(exception, ("type", "module")),
        "stacktrace": {"frames": [_some(frame, _FRAME) for frame in frames]},
    }


def _some(mapping: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: mapping[name] for name in names if name in mapping}
