"""
``todo add``, ``todo edit``, ``todo done``, ``todo undo``, ``todo rm`` and ``todo restore``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, Unpack

import click

from todo_web.cli.mine.finding import list_called, short, todo_called
from todo_web.cli.mine.service import Service
from todo_web.cli.mine.sessions import service
from todo_web.cli.mine.showing import PRIORITY_MARKS, harmless
from todo_web.cli.mine.told import TodoJson
from todo_web.cli.mine.words import CLEARED, DUE, REMINDER, RULE

Command = TypeVar("Command", bound=Callable[..., object])

_ids = click.argument("names", metavar="ID...", nargs=-1, required=True)


class _Said(TypedDict):
    notes: str | None
    due: Mapping[str, str | None] | None
    remind: Mapping[str, str | None] | None
    repeat: Mapping[str, str | None] | None
    priority: str | None
    list_name: str | None
    tag: tuple[str, ...]


def _fields(command: Command) -> Command:
    """
    Give *command* an option for each field that both a new todo and an old one take.
    """
    options = (
        click.option("--notes", help="More about it."),
        click.option(
            "--due", type=DUE, help="today, tomorrow, friday, 2026-12-31, with a time such as 14:00 or without."
        ),
        click.option("--remind", type=REMINDER, help="When to be reminded by mail, such as 'friday 9:00'."),
        click.option("--repeat", type=RULE, help="daily, weekly, monthly, yearly, or an RRULE."),
        click.option("--priority", type=click.Choice(list(PRIORITY_MARKS)), help="How much it matters."),
        click.option("--list", "list_name", metavar="NAME", help="The list it is in."),
        click.option("--tag", multiple=True, help="A tag; as often as you like."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("title")
@_fields
@click.option("--step-of", metavar="ID", help="The todo that it is a step of.")
def add(title: str, step_of: str | None, **said: Unpack[_Said]) -> None:
    """
    Add a todo.

    Should the connection be lost before the answer comes, it is asked for once more: it is added once all the same.
    """
    asked = service()
    body = {"title": title, **_changes(asked, said)}
    if said["tag"]:
        body["tags"] = list(said["tag"])
    if step_of is not None:
        body["parent_id"] = todo_called(step_of, asked)["id"]
    _tell("Added", asked.add("/todos", body))


@click.command()
@click.argument("name", metavar="ID")
@click.option("--title", help="What to call it.")
@_fields
@click.option("--untag", multiple=True, metavar="TEXT", help="A tag to take off; as often as you like.")
def edit(name: str, title: str | None, untag: Sequence[str], **said: Unpack[_Said]) -> None:
    """
    Change a todo; what is not named stays as it is.

    "none" clears --due, --remind, --repeat and --list, and --notes "" clears the notes. A change that another made
    meanwhile is not overwritten.
    """
    asked = service()
    todo = todo_called(name, asked)
    changes = _changes(asked, said)
    if title is not None:
        changes["title"] = title
    if said["tag"] or untag:
        changes["tags"] = [tag for tag in dict.fromkeys([*todo["tags"], *said["tag"]]) if tag not in untag]
    if not changes:
        raise click.UsageError("Say what to change.")
    _tell("Changed", asked.edit(todo, changes))


@click.command()
@_ids
def done(names: Sequence[str]) -> None:
    """
    Tick todos off.
    """
    _each(names, lambda asked, todo: _tell("Done", asked.edit(todo, {"completed": True})))


@click.command()
@_ids
def undo(names: Sequence[str]) -> None:
    """
    Open todos again.
    """
    _each(names, lambda asked, todo: _tell("Open again", asked.edit(todo, {"completed": False})))


@click.command(name="rm")
@_ids
def remove(names: Sequence[str]) -> None:
    """
    Put todos into the bin, where they are kept for 30 days.
    """

    def put_away(asked: Service, todo: TodoJson) -> None:
        asked.remove(todo)
        _tell("In the bin", todo)

    _each(names, put_away)


@click.command()
@_ids
def restore(names: Sequence[str]) -> None:
    """
    Take todos out of the bin.
    """
    _each(
        names,
        lambda asked, todo: _tell("Restored", asked.ask("POST", f"/todos/{todo['id']}/restore")),
        deleted=True,
    )


def _each(names: Sequence[str], act: Callable[[Service, TodoJson], None], *, deleted: bool = False) -> None:
    asked = service()
    for name in names:
        act(asked, todo_called(name, asked, deleted=deleted))


def _changes(asked: Service, said: _Said) -> dict[str, Any]:
    changes: dict[str, Any] = {**(said["due"] or {}), **(said["remind"] or {}), **(said["repeat"] or {})}
    if said["notes"] is not None:
        changes["notes"] = said["notes"] or None
    if said["priority"] is not None:
        changes["priority"] = said["priority"]
    if said["list_name"] is not None:
        changes["list_id"] = None if said["list_name"] == CLEARED else list_called(said["list_name"], asked)["id"]
    return changes


def _tell(what: str, todo: TodoJson) -> None:
    click.echo(f"{what}: {short(todo['id'])}  {harmless(todo['title'])}")
