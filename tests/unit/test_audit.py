from __future__ import annotations

import contextlib
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from structlog.testing import capture_logs

from todo_core.errors import CountersUnavailable, Unauthenticated, WrongCredentials
from todo_core.model.email import EmailAddress
from todo_web.audit import Pseudonyms, logged
from todo_web.operations import Operation
from todo_web.routes import OPERATIONS
from todo_web.routes.accounts import EmailBody, TokenBody

PSEUDONYMS = Pseudonyms(b"a key of the service's own")
ANN = "ann@example.org"


def request(**state: Any) -> Request[Any]:
    """
    Return a request that has learnt *state* on its way.
    """
    return Request({"type": "http", "headers": [], "state": {"pseudonyms": PSEUDONYMS, **state}})


def outcome(error: Exception | None, **state: Any) -> dict[str, Any]:
    """
    Return what is logged, once, when an action ends with *error*.
    """
    raised = contextlib.nullcontext() if error is None else pytest.raises(type(error))
    with capture_logs() as logs, raised, logged("log_in", request(**state)):
        if error is not None:
            raise error
    (line,) = logs
    return dict(line)


def test_what_was_done() -> None:
    """
    The action, that it was done, and for whom, by a pseudonym.
    """
    assert outcome(None, body=EmailBody(ANN)) == {
        "event": "auth",
        "log_level": "info",
        "action": "log_in",
        "outcome": "ok",
        "pseudonym": PSEUDONYMS(EmailAddress(ANN)),
    }


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (WrongCredentials(), "wrong-credentials"),
        (Unauthenticated(), "unauthenticated"),
        (CountersUnavailable(), "unavailable"),
        (ValueError("hunter2"), "internal"),
        (ClientDisconnect(), "disconnected"),
    ],
)
def test_what_was_not_done(error: Exception, slug: str) -> None:
    """
    The problem that is answered, as a warning; what nobody expected is told by no word of its own.
    """
    line = outcome(error)
    assert line == {"event": "auth", "log_level": "warning", "action": "log_in", "outcome": slug}


def test_who_is_told_apart() -> None:
    """
    One address has one pseudonym, however it is written; without an address there is none.
    """
    names = [outcome(None, body=EmailBody(email))["pseudonym"] for email in (ANN, f" {ANN.upper()}", "bob@example.org")]
    assert names[0] == names[1] != names[2]
    assert all(len(name) == 16 and "ann" not in name for name in names)
    assert "pseudonym" not in outcome(None, body=TokenBody("token"))
    assert names[0] != Pseudonyms(b"another key")(EmailAddress(ANN))
    assert "key" not in repr(PSEUDONYMS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_is_logged(operation: Operation) -> None:
    """
    All that opens, changes or ends a session or an account, by a form too; no todo, page or probe.
    """
    personal = operation.path.startswith("/api/v1/me") and operation.method != "GET"
    assert operation.is_audited is (personal or "/auth/" in operation.path or "/forms/" in operation.path)
