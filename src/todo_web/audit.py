"""
The log of authentication: how each request ended that opens, changes or ends a session or an account.

One event ``auth`` for each (ASVS 16.3.1, OWASP Logging Cheat Sheet), with the time and the request's id, as every
event has them. It holds no address but its pseudonym, by which events about one person are found together.
"""

from __future__ import annotations

import hmac
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from attrs import field, frozen
from starlette.requests import ClientDisconnect, Request

from todo_core.model.email import EmailAddress
from todo_web.problems import problem_of

_log: structlog.stdlib.BoundLogger = structlog.get_logger("todo.auth")

_DIGITS = 16
"""Of a pseudonym; so many that no two people of one service have the same."""


@frozen
class Pseudonyms:
    """
    What the log calls people: for one address always the same, and of no use to whoever lacks the key.
    """

    _key: bytes = field(repr=False)

    def __call__(self, email: EmailAddress) -> str:
        """
        Return the pseudonym of *email*.
        """
        return hmac.digest(self._key, str(email).encode(), "sha256").hex()[:_DIGITS]


@contextmanager
def logged(action: str, request: Request[Any]) -> Generator[None]:
    """
    Run the block, and log whether *action* was done, or else which problem it met.

    Whoever goes away before all is said has met none, and done nothing: that is ``disconnected``.
    """
    try:
        yield
    except Exception as error:
        outcome = "disconnected" if isinstance(error, ClientDisconnect) else problem_of(error).slug
        _log.warning("auth", action=action, outcome=outcome, **_who(request))
        raise
    _log.info("auth", action=action, outcome="ok", **_who(request))


def _who(request: Request[Any]) -> dict[str, str]:
    state: Mapping[str, Any] = request.scope["state"]
    if "caller" in state:
        email = state["caller"].user.email
    elif (text := getattr(state.get("body"), "email", None)) is not None:
        email = EmailAddress(text)
    else:
        return {}
    return {"pseudonym": state["pseudonyms"](email)}
