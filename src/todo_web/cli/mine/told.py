"""
What the service tells, as far as it is looked at here.
"""

from __future__ import annotations

from typing import TypedDict


class TodoJson(TypedDict):
    """
    A todo.
    """

    id: str
    list_id: str | None
    title: str
    notes: str | None
    completed: bool
    completed_at: str | None
    priority: str
    due_at: str | None
    due_date: str | None
    tags: list[str]
    position: str
    parent_id: str | None
    recurrence: str | None
    remind_at: str | None
    created_at: str
    updated_at: str
    version: int


class ListJson(TypedDict):
    """
    A list.
    """

    id: str
    name: str
    colour: str | None
