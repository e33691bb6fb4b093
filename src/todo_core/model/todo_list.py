"""
Lists that people sort their todos into.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TypedDict

from attrs import evolve, frozen

from todo_core.errors import InvalidInput
from todo_core.model.ids import ListId, UserId
from todo_core.model.position import check_position

LONGEST_LIST_NAME = 100
"""Characters."""

MOST_LISTS = 500
"""Of one person: all are listed at once."""

_COLOUR = re.compile("#[0-9a-f]{6}")


class ListChanges(TypedDict, total=False):
    """
    What to change of a list: a key that is absent leaves its field alone.
    """

    name: str
    colour: str | None
    position: str


@frozen
class TodoList:
    """
    A list of somebody's todos; ``colour`` is ``#rrggbb``, in lower case.

    Raises:
        InvalidInput: a field breaks its rule.
    """

    id: ListId
    owner_id: UserId
    name: str
    position: str
    created_at: datetime
    updated_at: datetime
    colour: str | None = None
    version: int = 1

    def __attrs_post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > LONGEST_LIST_NAME:
            raise InvalidInput(
                f"A list's name needs 1 to {LONGEST_LIST_NAME} characters that are not all blank.", field="name"
            )
        if self.colour is not None and _COLOUR.fullmatch(self.colour) is None:
            raise InvalidInput("A colour is written as #1e90ff, in lower case.", field="colour")
        check_position(self.position)

    def edited(self, changes: ListChanges, *, now: datetime) -> TodoList:
        """
        Return the list with *changes* made, one version on; or itself, when they change nothing.
        """
        changed = evolve(self, **changes)
        return self if changed == self else evolve(changed, updated_at=now, version=self.version + 1)
