"""
Addresses that mail is no longer sent to, and the reports that say so.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from todo_core.errors import InvalidInput
from todo_core.model.email import EmailAddress

_EVENT_ID = re.compile(r"[!-~]{1,255}")


class MailEventKind(StrEnum):
    """
    Why mail to an address is of no use: it cannot arrive, or its reader called it spam.
    """

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


def _is_event_id(_: object, __: object, text: str) -> None:
    if not _EVENT_ID.fullmatch(text):
        raise InvalidInput("An event's id is 1 to 255 visible ASCII characters.")


@frozen
class MailEvent:
    """
    One thing a mail provider reports: it ends deliveries to *address*.

    The provider gives it the same *id* however often it is reported.

    Raises:
        InvalidInput: the id is empty, too long, or has other than visible ASCII characters.
    """

    id: str = field(validator=_is_event_id)
    address: EmailAddress
    kind: MailEventKind
    at: datetime


@frozen
class Suppression:
    """
    An address that gets no mail, why, and since when.
    """

    address: EmailAddress
    reason: MailEventKind
    at: datetime
