"""
Links into the web page.
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from attrs import frozen

from todo_core.model.token import Purpose

_PAGES = {
    Purpose.PASSWORD_RESET: "/reset-password",
    Purpose.VERIFY_EMAIL: "/verify-email",
    Purpose.CHANGE_EMAIL: "/confirm-email",
    Purpose.UNDO_EMAIL_CHANGE: "/undo-email-change",
    Purpose.UNDO_DELETION: "/undo-deletion",
}


class TokenPlace(StrEnum):
    """
    Where a link carries its token: as a query parameter, or behind ``#`` where no server sees it.
    """

    QUERY = "query"
    FRAGMENT = "fragment"


@frozen
class Frontend:
    """
    The web page that people see; ``url`` has no slash at its end.
    """

    url: str
    token_in: TokenPlace = TokenPlace.QUERY

    @property
    def host(self) -> str:
        """
        Return the page's host name.
        """
        return urlsplit(self.url).hostname or "localhost"

    def link(self, purpose: Purpose, signed: str) -> str:
        """
        Return the address of the page where the *signed* token is redeemed.
        """
        separator = "#" if self.token_in is TokenPlace.FRAGMENT else "?"
        return f"{self.url}{_PAGES[purpose]}{separator}{urlencode({'token': signed})}"

    def todo(self, todo_id: UUID) -> str:
        """
        Return the address of the page that shows a todo.
        """
        return f"{self.url}/todos/{todo_id}"
