"""
Todos as rows, and rows as todos.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import TableValuedAlias, bindparam, column, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Text

from todo_adapters.postgres.todo_tables import todos
from todo_adapters.postgres.transaction import Row
from todo_core.model.ids import UserId
from todo_core.model.recurrence import Recurrence
from todo_core.model.todo import Priority, Todo

OURS = ("due", "words", "changed")
"""Columns that only the store knows."""

fields = [each for each in todos.columns if each.name not in OURS]
"""Columns that make a todo, in the order of its fields."""

_RECURRENCE = [each.name for each in fields].index("recurrence")
_PRIORITY = [each.name for each in fields].index("priority")


def todo_of(row: Row) -> Todo:
    """
    Return the todo whose fields *row* has.
    """
    values = list(row)
    values[_PRIORITY] = Priority(values[_PRIORITY])
    if values[_RECURRENCE] is not None:
        values[_RECURRENCE] = Recurrence.parse(values[_RECURRENCE])
    return Todo(*values)


def given_rows() -> TableValuedAlias:
    """
    Return the rows that a statement is given as ``:rows``, one JSON array: any number of todos is one parameter.
    """
    kinds = {"words": ARRAY(Text)}
    given = [column(each.name, kinds.get(each.name, each.type)) for each in todos.columns if each.name != "changed"]
    records = func.jsonb_to_recordset(bindparam("rows", type_=JSONB)).table_valued(*given)
    return records.render_derived(name="given", with_types=True)


def rows_of(some: Sequence[Todo]) -> dict[str, object]:
    """
    Return the parameters of a statement that is given *some* todos of one owner.
    """
    return {"rows": Jsonb([_row_of(todo) for todo in some]), "owner": some[0].owner_id}


def lexemes_of(words: Collection[str], owner_id: UserId) -> list[str]:
    """
    Return the *words* as they are indexed: marked as their owner's, so that a search reads nobody else's.

    Two owners may share a mark, for it is short; it only says where to look.
    """
    return [f"{owner_id.hex[-12:]}{word}" for word in sorted(words)]


def _row_of(todo: Todo) -> dict[str, Any]:
    row = {each.name: getattr(todo, each.name) for each in fields}
    return {
        **{name: None if value is None else _PLAIN.get(name, str)(value) for name, value in row.items()},
        "due": todo.due.isoformat(),
        "words": lexemes_of(todo.words, todo.owner_id),
    }


_PLAIN = {"priority": int, "version": int, "tags": list}
"""How what is not written as text is put into JSON."""
