"""
Answers that are kept, so that a request which is sent twice is done once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from attrs import field, frozen

from todo_core.model.ids import UserId

T = TypeVar("T")

LONGEST_RETRY_KEY = 255
"""Characters."""


@frozen
class Retry(Generic[T]):
    """
    What makes a request that is sent again known: the key that its sender chose for it, and what was asked.

    ``digest`` is the SHA-256 of what was asked, so that another wish under the same key is noticed; ``encode`` puts
    the outcome into the words in which it is told, and told again.
    """

    key: str
    digest: bytes
    encode: Callable[[T], bytes]


@frozen
class KeptAnswer:
    """
    What a request with an ``Idempotency-Key`` was answered (draft-ietf-httpapi-idempotency-key-header).
    """

    owner_id: UserId
    key: str
    digest: bytes
    at: datetime
    body: bytes = field(repr=False)
