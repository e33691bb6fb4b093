"""
Pages of todos: the statements for each set of questions and each order, written when they are first needed.

A page after the first is read in two parts. What has not changed since the first page is found by an index from
behind the mark. What has is placed where it stood then, which the change log knows; what was not there is left out.
Where the log has holes by now, everything is placed where it stands now.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array, distinct_on
from sqlalchemy.types import TypeEngine

from todo_adapters.postgres.todo_rows import fields, lexemes_of
from todo_adapters.postgres.todo_tables import change_counters, changes, todos
from todo_adapters.postgres.todo_writes import own
from todo_adapters.postgres.transaction import Statement, question
from todo_core.model.change import ChangedThing
from todo_core.model.ids import UserId
from todo_core.model.todo import SortKey, TodoFilter, TodoSort, words_of

_MOMENT = DateTime(timezone=True)
_OWNER = bindparam("owner", type_=Uuid)
_AS_OF = bindparam("as_of", type_=BigInteger)
_LIMIT = bindparam("limit", type_=Integer)

_KEYS: dict[SortKey, ColumnElement[object]] = {
    SortKey.POSITION: todos.c.position,
    SortKey.DUE_AT: todos.c.due,
    SortKey.CREATED_AT: todos.c.created_at,
    SortKey.UPDATED_AT: todos.c.updated_at,
    SortKey.PRIORITY: todos.c.priority,
}
_VALUES: dict[SortKey, TypeEngine[Any]] = {
    SortKey.POSITION: Text(collation="C"),
    SortKey.DUE_AT: _MOMENT,
    SortKey.CREATED_AT: _MOMENT,
    SortKey.UPDATED_AT: _MOMENT,
    SortKey.PRIORITY: SmallInteger(),
}
_QUESTIONS: dict[str, ColumnElement[bool]] = {
    "open": todos.c.completed_at.is_(None),
    "done": todos.c.completed_at.is_not(None),
    "list_id": todos.c.list_id == bindparam("list_id"),
    "parent_id": todos.c.parent_id == bindparam("parent_id"),
    "priority": todos.c.priority == bindparam("priority", type_=SmallInteger),
    "tag": todos.c.tags.contains(cast(array([bindparam("tag")]), ARRAY(Text))),
    "due_after": todos.c.due >= bindparam("due_after", type_=_MOMENT),
    "due_before": todos.c.due < bindparam("due_before", type_=_MOMENT),
    "has_due": todos.c.due_at.is_not(None) | todos.c.due_date.is_not(None),
    "words": todos.c.words.bool_op("@@")(cast(bindparam("words", type_=Text), TSQUERY)),
    "deleted": todos.c.deleted_at.is_not(None),
    "kept": todos.c.deleted_at.is_(None),
}

_LATEST = select(change_counters.c.latest).where(change_counters.c.owner_id == _OWNER).scalar_subquery()
_SINCE = select(changes).where(changes.c.owner_id == _OWNER, changes.c.number > _AS_OF).cte("since")
_FORGOTTEN = select(func.count()).select_from(_SINCE).scalar_subquery() < _LATEST - _AS_OF
"""The log has holes: what happened to some todos since the first page is not known any more."""


def questions_of(wanted: TodoFilter, owner_id: UserId) -> tuple[frozenset[str], dict[str, object]]:
    """
    Return which questions *wanted* asks of the owner's todos, and the values that their statement needs.
    """
    lexemes = lexemes_of(words_of(wanted.text or ""), owner_id)
    values: dict[str, object] = {
        "list_id": wanted.list_id,
        "parent_id": wanted.parent_id,
        "priority": wanted.priority,
        "tag": wanted.tag,
        "due_after": wanted.due_after,
        "due_before": wanted.due_before,
        "words": None if wanted.text is None else " & ".join(f"'{lexeme}':*" for lexeme in lexemes),
    }
    asked = {name: value for name, value in values.items() if value is not None}
    named = {"deleted" if wanted.deleted else "kept", *asked}
    if wanted.completed is not None:
        named.add("done" if wanted.completed else "open")
    if {"due_after", "due_before"} & named:
        named.add("has_due")
    return frozenset(named), asked


@cache
def first_page(questions: frozenset[str], sort: TodoSort) -> Statement:
    """
    Return the statement for a first page: todos, their values to sort by, and the number as of which they stand.
    """
    key = _KEYS[sort.key]
    page = select(
        *fields, key.label("place"), func.coalesce(_LATEST, literal_column("0", BigInteger)).label("as_of")
    ).where(_fit(questions))
    return question(_sorted(page, key, todos.c.id, sort))


@cache
def following_page(questions: frozenset[str], sort: TodoSort) -> Statement:
    """
    Return the statement for a page from behind a mark, with the same columns.
    """
    key = _KEYS[sort.key]
    unchanged = select(*fields, key.label("place")).where(
        _fit(questions), (todos.c.changed <= _AS_OF) | _FORGOTTEN, _behind(key, sort)
    )
    both = union_all(_sorted(unchanged, key, todos.c.id, sort), _moved(questions, sort)).subquery("both")
    page = select(*both.c, _AS_OF.label("as_of"))
    return question(_sorted(page, both.c.place, both.c.id, sort))


def _moved(questions: frozenset[str], sort: TodoSort) -> Select[object]:
    """
    Return what has changed since and was there before, where it stood.
    """
    first = (
        select(_SINCE)
        .where(_SINCE.c.thing == own(ChangedThing.TODO))
        .order_by(_SINCE.c.id, _SINCE.c.number)
        .ext(distinct_on(_SINCE.c.id))
        .subquery("first")
    )
    place = todos.c.created_at if sort.key is SortKey.CREATED_AT else first.c[f"old_{_KEYS[sort.key].name}"]
    return (
        select(*fields, place.label("place"))
        .join_from(todos, first, todos.c.id == first.c.id)
        .where(_fit(questions), first.c.old_position.is_not(None), ~_FORGOTTEN, _behind(place, sort))
    )


def _fit(questions: frozenset[str]) -> ColumnElement[bool]:
    fitting: ColumnElement[bool] = todos.c.owner_id == _OWNER
    for name in sorted(questions):
        fitting &= _QUESTIONS[name]
    return fitting


def _behind(place: ColumnElement[object], sort: TodoSort) -> ColumnElement[bool]:
    here = tuple_(place, todos.c.id)
    mark = tuple_(bindparam("value", type_=_VALUES[sort.key]), bindparam("id", type_=Uuid))
    return here < mark if sort.descending else here > mark


def _sorted(
    page: Select[object], place: ColumnElement[object], last: ColumnElement[object], sort: TodoSort
) -> Select[object]:
    order = (place.desc(), last.desc()) if sort.descending else (place, last)
    return page.order_by(*order).limit(_LIMIT)
