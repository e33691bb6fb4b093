"""
Going on from page to page: a cursor is the id of the last thing seen.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from starlette.requests import Request

Cursor = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{21}[AQgw]$", description="`next_cursor` of the page before")]
"""Where a page starts: the 16 bytes of an id in URL-safe base64 (RFC 4648 §5), unpadded."""


def cursor_at(position: UUID | None) -> str | None:
    """
    Return the cursor of this *position*, if there is one.
    """
    return None if position is None else base64.urlsafe_b64encode(position.bytes).rstrip(b"=").decode()


def position_of(cursor: str) -> UUID:
    """
    Return the position of this *cursor*.
    """
    return UUID(bytes=base64.urlsafe_b64decode(f"{cursor}=="))


def next_link(request: Request[Any], cursor: str | None) -> Mapping[str, str]:
    """
    Return the header that leads to the following page (RFC 8288), if there is one.
    """
    return {} if cursor is None else {"Link": f'<{request.url.include_query_params(cursor=cursor)}>; rel="next"'}
