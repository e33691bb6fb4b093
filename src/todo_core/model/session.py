"""
Sessions: who is logged in, from when until when.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta

from attrs import frozen

from todo_core.model.ids import SessionId, UserId
from todo_core.model.user import User

SECRET_BYTES = 32

SEEN_TO = timedelta(minutes=5)
"""How exactly it is known when a session was last seen."""

LONGEST_USER_AGENT = 200
"""Characters that are kept of what a program calls itself."""


@frozen
class Session:
    """
    One log-in of one person.

    The bearer holds a secret and the row holds its digest, so a copy of the table lets nobody in.
    ``last_seen_at`` is right to five minutes; ``user_agent`` and ``network`` are what the log-in came from, for the
    person to know it again by.
    """

    id: SessionId
    user_id: UserId
    digest: bytes
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime
    user_agent: str | None = None
    network: str | None = None


@frozen
class Caller:
    """
    Who is behind a request: a live session and its enabled user.
    """

    session: Session
    user: User


def network_of(client: str) -> str | None:
    """
    Return the network of the *client*'s address, too large to tell one person by: a /24 of IPv4, a /48 of IPv6.

    None stands for a client without an address.
    """
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return None
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))  # noqa: PLR2004 - IPv4


def digest_of(secret: bytes) -> bytes:
    """
    Return what is stored of a session's *secret*: its SHA-256 (32 bytes).

    The secret has 256 random bits, so there is nothing to guess and no need for a slow hash.
    """
    return hashlib.sha256(secret).digest()
