"""
Which todo or list is meant: todos by their id or its last characters, lists by their name too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar, cast

from todo_web.cli.mine.errors import NotFound
from todo_web.cli.mine.service import Service
from todo_web.cli.mine.told import ListJson, TodoJson

SHORT_ID = 6
"""Characters of an id that are shown: its last, which are random. One in 16 million is equal to another."""

FEWEST = 4
"""Characters of an id that may be given."""

_HEX = re.compile(rf"[0-9a-f]{{{FEWEST},32}}")
_WHOLE = 32

Told = TypeVar("Told", TodoJson, ListJson)


def short(identifier: str) -> str:
    """
    Return the end of an id, by which people name it.
    """
    return identifier[-SHORT_ID:]


def todo_called(name: str, service: Service, *, deleted: bool = False) -> TodoJson:
    """
    Return the todo whose id is *name* or ends so; of those in the bin, where it is to be *deleted*.

    Raises:
        NotFound: there is none, or more than one.
    """
    digits = _digits(name)
    if len(digits) == _WHOLE and not deleted:
        return cast("TodoJson", service.ask("GET", f"/todos/{digits}"))
    return ending_in(digits, service.todos({"deleted": "true"} if deleted else {}))


def ending_in(name: str, told: Sequence[Told]) -> Told:
    """
    Return the one whose id ends in *name*.

    Raises:
        NotFound: there is none, or more than one.
    """
    digits = _digits(name)
    found: list[Told] = [one for one in told if one["id"].replace("-", "").endswith(digits)]
    if not found:
        raise NotFound(f"No id ends in {name}.")
    if len(found) > 1:
        raise NotFound("\n".join([f"More than one id ends in {name}; give more of it:", *(one["id"] for one in found)]))
    return found[0]


def list_called(name: str, service: Service) -> ListJson:
    """
    Return the list with this *name*, without regard to case, or whose id ends so.

    Raises:
        NotFound: there is none, or more than one.
    """
    lists = service.lists()
    found = [one for one in lists if one["name"].casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    if not found and _HEX.fullmatch(name.replace("-", "").lower()):
        return ending_in(name, lists)
    if not found:
        raise NotFound(f"No list is called {name}.")
    raise NotFound("\n".join([f"More than one list is called {name}; give one's id:", *(one["id"] for one in found)]))


def _digits(name: str) -> str:
    digits = name.replace("-", "").lower()
    if _HEX.fullmatch(digits) is None:
        raise NotFound(f"{name} is no id: give at least {FEWEST} of its last characters.")
    return digits
