"""
Sessions: who is logged in, from when until when.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from attrs import frozen

from todo_core.model.ids import SessionId, UserId
from todo_core.model.user import User

SECRET_BYTES = 32


@frozen
class Session:
    """
    One log-in of one person.

    The bearer holds a secret and the row holds its digest, so a copy of the table lets nobody in.
    """

    id: SessionId
    user_id: UserId
    digest: bytes
    created_at: datetime
    expires_at: datetime


@frozen
class Caller:
    """
    Who is behind a request: a live session and its enabled user.
    """

    session: Session
    user: User


def digest_of(secret: bytes) -> bytes:
    """
    Return what is stored of a session's *secret*: its SHA-256 (32 bytes).

    The secret has 256 random bits, so there is nothing to guess and no need for a slow hash.
    """
    return hashlib.sha256(secret).digest()
