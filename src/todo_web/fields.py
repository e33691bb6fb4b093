"""
The kinds of text that requests carry, with the bounds that OpenAPI tells of.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from todo_core.errors import InvalidInput
from todo_core.model.email import LONGEST_ADDRESS, EmailAddress
from todo_core.model.password import LONGEST_PASSWORD, Password
from todo_core.model.position import LONGEST_POSITION
from todo_core.model.recurrence import LONGEST_RULE, Recurrence
from todo_core.model.todo import LONGEST_NOTES, LONGEST_TAG, LONGEST_TITLE, MOST_TAGS
from todo_core.model.todo_list import LONGEST_LIST_NAME
from todo_core.model.user import LONGEST_DISPLAY_NAME
from todo_web.structuring import NO_NUL

FIRST_YEAR = 1970
LAST_YEAR = 9998

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


def is_within_years(day: date) -> None:
    """
    Refuse what is before 1970 or after 9998, there or in UTC: then no time zone takes it out of the calendar.
    """
    fits = FIRST_YEAR <= day.year <= LAST_YEAR
    if fits and isinstance(day, datetime):
        fits = FIRST_YEAR <= day.astimezone(UTC).year <= LAST_YEAR
    if not fits:
        raise InvalidInput(f"A year is between {FIRST_YEAR} and {LAST_YEAR}.")


def is_recurrence(text: str) -> None:
    """
    Refuse what is no rule, where it stands.
    """
    Recurrence.parse(text)


Moment = Annotated[
    datetime, Meta(tz=True, description="RFC 3339, with its offset from UTC; 1970 to 9998"), is_within_years
]
Day = Annotated[date, Meta(description="A day wherever one is, as `2026-12-31`; 1970 to 9998"), is_within_years]
PriorityWord = Literal["none", "low", "medium", "high"]
Tag = Annotated[str, Meta(min_length=1, max_length=LONGEST_TAG, pattern=NO_NUL)]
Tags = Annotated[list[Tag], Meta(max_length=MOST_TAGS)]
PositionText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_POSITION,
        pattern="^[0-9A-Za-z]*[1-9A-Za-z]$",
        description="Compared as ASCII; what is to stand between two has one between theirs",
    ),
]
RecurrenceText = Annotated[
    str,
    Meta(
        max_length=LONGEST_RULE,
        pattern=NO_NUL,
        description="An RRULE (RFC 5545) of a day, a week, a month or a year: `FREQ=WEEKLY;BYDAY=MO,FR`",
    ),
    is_recurrence,
]
ListName = Annotated[str, Meta(min_length=1, max_length=LONGEST_LIST_NAME, pattern=NO_NUL)]
Colour = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", description="`#rrggbb`, in lower case")]
VersionNumber = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Ref = Annotated[str, Meta(min_length=1, max_length=50, pattern=NO_NUL)]
