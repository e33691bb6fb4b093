"""
Changes to somebody's todos and lists, numbered: what their other devices are told.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from todo_core.model.ids import UserId


class ChangedThing(StrEnum):
    """
    What was changed.
    """

    TODO = "todo"
    LIST = "list"


class ChangeKind(StrEnum):
    """
    What was done to it; what is restored counts as added.
    """

    ADDED = "added"
    EDITED = "edited"
    DELETED = "deleted"


@frozen
class Change:
    """
    One change to one thing.

    ``number`` counts a person's changes from 1, in the order in which they were kept, with none left out.
    ``version`` is the thing's, after the change.
    """

    owner_id: UserId
    number: int
    at: datetime
    thing: ChangedThing
    kind: ChangeKind
    id: UUID
    version: int
