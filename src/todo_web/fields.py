"""
The kinds of text that requests carry, with the bounds that OpenAPI tells of.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from todo_core.model.email import LONGEST_ADDRESS, EmailAddress
from todo_core.model.password import LONGEST_PASSWORD, Password
from todo_core.model.todo import LONGEST_NOTES, LONGEST_TITLE
from todo_core.model.user import LONGEST_DISPLAY_NAME
from todo_web.decoding import NO_NUL

Email = Annotated[
    str, Meta(min_length=6, max_length=LONGEST_ADDRESS, pattern=NO_NUL, extra_json_schema={"format": "email"})
]
PasswordText = Annotated[
    str,
    Meta(min_length=1, max_length=LONGEST_PASSWORD, pattern=NO_NUL, extra_json_schema={"format": "password"}),
]
DisplayName = Annotated[str, Meta(min_length=1, max_length=LONGEST_DISPLAY_NAME, pattern=NO_NUL)]
Locale = Annotated[str, Meta(min_length=2, max_length=35, pattern="^[A-Za-z0-9-]*$", description="RFC 5646: `de-AT`")]
TimeZone = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL, description="The IANA's: `Europe/Vienna`")]
LinkToken = Annotated[str, Meta(min_length=1, max_length=512, pattern=NO_NUL)]
Title = Annotated[str, Meta(min_length=1, max_length=LONGEST_TITLE, pattern=NO_NUL)]
Notes = Annotated[str, Meta(max_length=LONGEST_NOTES, pattern=NO_NUL)]
SearchText = Annotated[str, Meta(min_length=1, max_length=LONGEST_TITLE, pattern=NO_NUL)]


def is_email(_: object, __: Any, text: str) -> None:
    """
    Refuse what is no address, where it stands.
    """
    EmailAddress(text)


def is_password(_: object, __: Any, text: str) -> None:
    """
    Refuse what no password can be, where it stands.
    """
    Password(text)
