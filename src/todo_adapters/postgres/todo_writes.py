"""
Writing todos: one statement takes the owner's next numbers, changes the rows, and notes what it changed.

The owner's row in ``change_counters`` is the turn that those who write one owner's things take. It is locked before
anything else, so nobody waits in a circle, and numbers come in the order of the commits.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from todo_adapters.postgres.todo_rows import given_rows
from todo_adapters.postgres.todo_tables import change_counters, changes, todos
from todo_adapters.postgres.transaction import Statement, change
from todo_core.model.change import ChangedThing, ChangeKind

_OWNER = bindparam("owner", type_=Uuid)
_FREE_TO_CHANGE = tuple(each.name for each in todos.columns if each.name not in {"id", "owner_id", "created_at"})

_counter = select(change_counters.c.owner_id).where(change_counters.c.owner_id == _OWNER).with_for_update()

turn = _counter.cte("turn")
"""The owner's counter, locked. Whoever has no counter has nothing that could be held."""

TAKE_TURN = change(_counter)
"""For whoever holds many: what was added while they waited for their turn is seen by the next statement only."""


def own(text: str) -> ColumnElement[str]:
    """
    Return *text*, one of our own words, as it stands in SQL.
    """
    return literal_column(f"'{text}'", Text)


def numbered(count: ColumnElement[int], *, unless_none: CTE | None = None) -> CTE:
    """
    Return the statement's part that moves the owner's counter on by *count*, and yields its latest number.
    """
    source = select(_OWNER, count) if unless_none is None else select(_OWNER, count).select_from(unless_none)
    source = source if unless_none is None else source.having(func.count() > literal_column("0"))
    upsert = insert(change_counters).from_select(["owner_id", "latest"], source)
    latest = change_counters.c.latest + upsert.excluded.latest
    moved_on = upsert.on_conflict_do_update(index_elements=[change_counters.c.owner_id], set_={"latest": latest})
    return moved_on.returning(change_counters.c.latest).cte("counter")


def noted(kind: ColumnElement[str], rows: CTE, **old: ColumnElement[Any]) -> Any:
    """
    Return the statement's part that notes a change of *kind* for each of the *rows*, with the *old* values of a todo.
    """
    values = {
        "owner_id": _OWNER,
        "number": rows.c.changed,
        "at": rows.c.updated_at,
        "thing": own(ChangedThing.TODO),
        "kind": kind,
        "id": rows.c.id,
        "version": rows.c.version,
        **old,
    }
    return insert(changes).from_select(list(values), select(*values.values()).select_from(rows))


def forgetting(moment: Column[Any]) -> Statement:
    """
    Return the statement that deletes up to ``:limit`` rows whose *moment* is before ``:before``, the earliest first.

    What somebody else has locked is left for another time. The rows are found again where they lie, by ``ctid``:
    a join by their keys would read the whole table.
    """
    place: ColumnElement[object] = literal_column(f"{moment.table.name}.ctid")
    old = select(place).where(moment < bindparam("before")).order_by(moment, *moment.table.primary_key)
    some = old.limit(bindparam("limit", type_=Integer)).with_for_update(skip_locked=True)
    return change(delete(moment.table).where(place == any_(func.array(some.scalar_subquery()))))


def _place(counter: CTE, order: ColumnElement[Any]) -> ColumnElement[int]:
    return counter.c.latest - func.count().over() + func.row_number().over(order_by=order)


def _vector(rows: Any) -> dict[str, ColumnElement[Any]]:
    """
    Return the columns of *rows* as the table has them: its words as a vector, for it comes without one.
    """
    return {name: func.array_to_tsvector(each) if name == "words" else each for name, each in rows.c.items()}


def _add() -> Statement:
    given = given_rows()
    counter = numbered(func.jsonb_array_length(bindparam("rows", type_=JSONB)))
    place = _place(counter, given.c.id)
    new = select(*(each.label(name) for name, each in _vector(given).items()), place.label("changed"))
    rows = new.select_from(given.join(counter, literal_column("true"))).cte("rows")
    added = insert(todos).from_select(list(rows.c.keys()), select(rows)).cte("added")
    return change(noted(own(ChangeKind.ADDED), rows).add_cte(added))


def _replace() -> Statement:
    given = given_rows()
    old = (
        select(todos.c.id, todos.c.position, todos.c.due, todos.c.updated_at, todos.c.priority, todos.c.deleted_at)
        .where(todos.c.owner_id == _OWNER, todos.c.id == given.c.id)
        .cte("old")
    )
    counter = numbered(func.count(), unless_none=old)
    before = [each.label(f"old_{name}") for name, each in old.c.items() if name != "id"]
    new = select(
        *(each.label(name) for name, each in _vector(given).items()),
        *before,
        _place(counter, given.c.id).label("changed"),
    )
    rows = new.select_from(given.join(old, old.c.id == given.c.id).join(counter, literal_column("true"))).cte("rows")
    replaced = (
        update(todos)
        .where(todos.c.owner_id == _OWNER, todos.c.id == rows.c.id)
        .values({name: rows.c[name] for name in _FREE_TO_CHANGE})
        .cte("replaced")
    )
    kind = case(
        (rows.c.old_deleted_at.is_(null()) & rows.c.deleted_at.is_not(null()), own(ChangeKind.DELETED)),
        (rows.c.old_deleted_at.is_not(null()) & rows.c.deleted_at.is_(null()), own(ChangeKind.ADDED)),
        else_=own(ChangeKind.EDITED),
    )
    names = ("position", "due", "updated_at", "priority")
    return change(noted(kind, rows, **{f"old_{name}": rows.c[f"old_{name}"] for name in names}).add_cte(replaced))


ADD_TODOS = _add()
REPLACE_TODOS = _replace()
