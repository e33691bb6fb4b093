"""
A connection for what takes longer than a request: one that notices when the other side has gone.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from todo_adapters.postgres.engine import KEEPALIVE, conninfo

_TIMEOUT = 10
"""Seconds."""


def connected(url: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    """
    Return a connection to the database at *url*; as a context it ends its transaction and closes.
    """
    return psycopg.connect(make_conninfo(conninfo(url), connect_timeout=_TIMEOUT, **KEEPALIVE), autocommit=autocommit)
