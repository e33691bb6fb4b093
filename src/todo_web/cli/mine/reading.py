"""
``todo list``, ``todo show`` and ``todo lists``.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

import click

from todo_web.cli.mine.finding import list_called, short, todo_called
from todo_web.cli.mine.service import Service
from todo_web.cli.mine.sessions import service
from todo_web.cli.mine.showing import PRIORITY_MARKS, aligned, cut, due_of, harmless, is_due_today, is_overdue, moment
from todo_web.cli.mine.told import ListJson, TodoJson

_SORTS = ("position", "due_at", "created_at", "updated_at", "priority")
_ORDERS = tuple(f"{sign}{key}" for key in _SORTS for sign in ("", "-"))
_BESIDE = 48
"""Columns that are kept free beside a title on a terminal."""

_NARROWEST = 24


class _Wanted(TypedDict):
    every: bool
    completed: bool
    in_bin: bool
    tag: str | None
    list_name: str | None
    search: str | None
    sort: str


@click.command(name="list")
@click.option("--all", "every", is_flag=True, help="Those that are done too.")
@click.option("--done", "completed", is_flag=True, help="Those that are done.")
@click.option("--bin", "in_bin", is_flag=True, help="Those in the bin.")
@click.option("--tag", help="Those with this tag.")
@click.option("--list", "list_name", metavar="NAME", help="Those in this list.")
@click.option("--search", metavar="WORDS", help="Those with words that begin so in title or notes.")
@click.option(
    "--sort",
    type=click.Choice(_ORDERS),
    default="position",
    show_default=True,
    metavar="KEY",
    help=f"{', '.join(_SORTS[:-1])} or {_SORTS[-1]}; a - in front of it turns the order round.",
)
@click.option("--json", "for_machines", is_flag=True, help="Print what the service tells, as JSON.")
def list_todos(*, for_machines: bool, **wanted: Unpack[_Wanted]) -> None:
    """
    List the todos that are open, in their order.

    Steps stand under their todo. A todo is named by the end of its id, which stands in front of its title.
    """
    asked = service()
    todos = asked.todos(_query(asked, wanted))
    if for_machines:
        click.echo(json.dumps(todos, indent=2))
        return
    lists = asked.lists() if any(todo["list_id"] for todo in todos) else []
    for line in lines_of(todos, lists, now=datetime.now().astimezone()):
        click.echo(line)


@click.command()
@click.argument("name", metavar="ID")
def show(name: str) -> None:
    """
    Show all that is known of a todo.
    """
    asked = service()
    todo = todo_called(name, asked)
    names = {one["id"]: one["name"] for one in asked.lists()} if todo["list_id"] else {}
    for label, value in _facts(todo, names, now=datetime.now().astimezone()):
        click.echo(f"{label:9}  {harmless(value)}")
    if todo["notes"]:
        click.echo("\n" + "\n".join(harmless(line) for line in todo["notes"].splitlines()))


@click.command()
def lists() -> None:
    """
    List the lists.
    """
    rows = [[short(one["id"]), harmless(one["name"]), one["colour"] or ""] for one in service().lists()]
    for row in aligned(rows):
        click.echo("  ".join(row).rstrip())


def lines_of(todos: Sequence[TodoJson], lists: Sequence[ListJson], *, now: datetime) -> Iterator[str]:
    """
    Yield a line for each of *todos*, each step under its todo.
    """
    names = {one["id"]: one["name"] for one in lists}
    ordered = list(_with_steps(todos))
    rows = aligned([_cells(todo, names, depth=depth, now=now) for todo, depth in ordered])
    for (todo, _), row in zip(ordered, rows, strict=True):
        yield _coloured(todo, "  ".join(row).rstrip(), now=now)


def _query(asked: Service, wanted: _Wanted) -> Mapping[str, str]:
    query = {"sort": wanted["sort"], "deleted": str(wanted["in_bin"]).lower()}
    if wanted["completed"] or not (wanted["every"] or wanted["in_bin"]):
        query["completed"] = str(wanted["completed"]).lower()
    if wanted["list_name"] is not None:
        query["list_id"] = list_called(wanted["list_name"], asked)["id"]
    said = {"tag": wanted["tag"], "q": wanted["search"]}
    return query | {name: value for name, value in said.items() if value is not None}


def _with_steps(todos: Sequence[TodoJson]) -> Iterator[tuple[TodoJson, int]]:
    here = {todo["id"] for todo in todos}
    steps: dict[str, list[TodoJson]] = {}
    for todo in todos:
        if todo["parent_id"] in here:
            steps.setdefault(todo["parent_id"], []).append(todo)
    for todo in todos:
        if todo["parent_id"] not in here:
            yield todo, 0
            yield from ((step, 1) for step in steps.get(todo["id"], []))


def _cells(todo: TodoJson, names: Mapping[str, str], *, depth: int, now: datetime) -> list[str]:
    title = "  " * depth + harmless(todo["title"])
    return [
        "[x]" if todo["completed"] else "[ ]",
        short(todo["id"]),
        PRIORITY_MARKS.get(todo["priority"], ""),
        cut(title, _room()) if sys.stdout.isatty() else title,
        due_of(todo, now=now) + (", repeats" if todo["recurrence"] else ""),
        harmless(names.get(todo["list_id"] or "", "")),
        harmless(" ".join(f"#{tag}" for tag in todo["tags"])),
    ]


def _room() -> int:
    return max(shutil.get_terminal_size().columns - _BESIDE, _NARROWEST)


def _coloured(todo: TodoJson, line: str, *, now: datetime) -> str:
    if todo["completed"]:
        return click.style(line, dim=True)
    if is_overdue(todo, now=now):
        return click.style(line, fg="red")
    if is_due_today(todo, now=now):
        return click.style(line, fg="yellow")
    return line


def _facts(todo: TodoJson, names: Mapping[str, str], *, now: datetime) -> Iterator[tuple[str, str]]:
    facts = {
        "id": todo["id"],
        "title": todo["title"],
        "done": todo["completed_at"] and moment(todo["completed_at"]),
        "due": due_of(todo, now=now),
        "repeats": todo["recurrence"],
        "reminder": todo["remind_at"] and moment(todo["remind_at"]),
        "priority": todo["priority"],
        "list": names.get(todo["list_id"] or ""),
        "tags": " ".join(f"#{tag}" for tag in todo["tags"]),
        "step of": todo["parent_id"],
        "added": moment(todo["created_at"]),
        "changed": moment(todo["updated_at"]),
    }
    yield from ((label, value) for label, value in facts.items() if value)
