"""
Tokens of whoever runs the service, as machines bear them (RFC 6750 §2.1).
"""

from __future__ import annotations

import hmac
from typing import Any

from starlette.requests import Request


def bears(request: Request[Any], token: str) -> bool:
    """
    Tell whether *request* bears the *token*, in the same time for each that is wrong.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    return scheme.lower() == "bearer" and same
