"""
``todo move``: another place in the order that people make by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from todo_core.model.position import between
from todo_web.cli.mine.errors import NotFound
from todo_web.cli.mine.finding import ending_in, short
from todo_web.cli.mine.sessions import service
from todo_web.cli.mine.showing import harmless


@click.command()
@click.argument("name", metavar="ID")
@click.option("--after", metavar="ID", help="The todo to stand behind.")
@click.option("--before", metavar="ID", help="The todo to stand in front of.")
def move(name: str, after: str | None, before: str | None) -> None:
    """
    Move a todo behind another, or in front of it.

    No other todo is changed by it.
    """
    if (after is None) == (before is None):
        raise click.UsageError("Say either --after or --before.")
    asked = service()
    todos = asked.todos({"sort": "position"})
    todo = ending_in(name, todos)
    beside = ending_in(after or before or "", todos)
    if todo["id"] == beside["id"]:
        raise NotFound("A todo cannot stand beside itself.")
    others = [other["position"] for other in todos if other["id"] != todo["id"]]
    position = behind(beside["position"], others) if after else in_front_of(beside["position"], others)
    moved = asked.edit(todo, {"position": position})
    click.echo(f"Moved: {short(moved['id'])}  {harmless(moved['title'])}")


def behind(position: str, others: Sequence[str]) -> str:
    """
    Return a position behind *position*, and in front of all *others* that stand behind it.
    """
    return between(position, min((other for other in others if other > position), default=None))


def in_front_of(position: str, others: Sequence[str]) -> str:
    """
    Return a position in front of *position*, and behind all *others* that stand in front of it.
    """
    return between(max((other for other in others if other < position), default=None), position)
