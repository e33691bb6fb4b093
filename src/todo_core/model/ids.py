"""
Typed identifiers.

Most are UUIDv7 (RFC 9562), so that rows sort by the moment they were made. A token's id is the
secret half of a mailed link and therefore 128 random bits instead.
"""

from __future__ import annotations

from datetime import datetime
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
TokenId = NewType("TokenId", UUID)
MailId = NewType("MailId", UUID)
EventId = NewType("EventId", UUID)
TodoId = NewType("TodoId", UUID)
ListId = NewType("ListId", UUID)

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_BITS = 0xFFF << 64 | (1 << 62) - 1


def uuid7(at: datetime, entropy: bytes) -> UUID:
    """
    Return the UUIDv7 of the moment *at*, its 74 free bits taken from 10 bytes of *entropy*.
    """
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | _VERSION | _VARIANT | int.from_bytes(entropy, "big") & _RANDOM_BITS)
