"""
``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header): a request that is sent again is answered as before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidInput
from todo_core.model.answer import LONGEST_RETRY_KEY, KeptAnswer, Retry
from todo_web.decoding import JSON

T = TypeVar("T")

IDEMPOTENCY_KEY = {
    "Idempotency-Key": "1 to 255 visible ASCII characters of your choice: for 24 hours the same request with the same"
    " key is done once, and answered as it was then"
}
"""For the request headers of operations that honour it."""

REPLAYED = {"Idempotency-Replayed": "true"}

_KEY = re.compile(rf"[!-~]{{1,{LONGEST_RETRY_KEY}}}")


@frozen(slots=False)
class Told:
    """
    An answer in the words in which it is told, and told again.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def retry_key_of(request: Request[Any]) -> str | None:
    """
    Return the request's key, if it has one.

    Raises:
        InvalidInput: it is no key, or there are several.
    """
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1 or _KEY.fullmatch(keys[0]) is None:
        rule = f"An Idempotency-Key is given once, with 1 to {LONGEST_RETRY_KEY} visible ASCII characters."
        raise InvalidInput(rule, field="Idempotency-Key")
    return keys[0]


def digest_of(request: Request[Any], body: bytes) -> bytes:
    """
    Return the SHA-256 of what is asked: method, path, query and *body*.
    """
    asked = f"{request.method} {request.scope['path']}?{request.url.query}\n".encode()
    return hashlib.sha256(asked + body).digest()


def retry_of(request: Request[Any], body: bytes, tell: Callable[[T], Told]) -> Retry[T] | None:
    """
    Return what makes the *request* known when it is sent again, if it has a key; *tell* answers it.

    Raises:
        InvalidInput: the key is none.
    """
    key = retry_key_of(request)
    if key is None:
        return None
    return Retry(key, digest_of(request, body), lambda outcome: msgspec.msgpack.encode(tell(outcome)))


def answer_once(outcome: T | KeptAnswer, tell: Callable[[T], Told]) -> Response:
    """
    Return the response for the *outcome*, byte for byte that of the first time if there was one.
    """
    if isinstance(outcome, KeptAnswer):
        told, replayed = msgspec.msgpack.decode(outcome.body, type=Told), REPLAYED
    else:
        told, replayed = tell(outcome), {}
    return Response(told.body, told.status, headers={**told.headers, **replayed}, media_type=JSON)
