"""
Commands that are imported when they are asked for: the help, and the commands for one's own todos, need no server.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple

import click


class Promised(NamedTuple):
    """
    A command that stands at ``module:name``, and its summary, so that the help need not import it.
    """

    place: str
    summary: str


class PromisedCommands(MutableMapping[str, click.Command]):
    """
    Commands by their names; each is imported when it is looked at.
    """

    def __init__(self, promised: Mapping[str, Promised]) -> None:
        self._promised = dict(promised)
        self._found: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._found:
            self._found[name] = pkgutil.resolve_name(self._promised[name].place)
        return self._found[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._promised[name] = Promised("", command.get_short_help_str())
        self._found[name] = command

    def __delitem__(self, name: str) -> None:
        del self._promised[name]
        self._found.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._promised)

    def __len__(self) -> int:
        return len(self._promised)


class LazyGroup(click.Group):
    """
    A group of such commands, in sections that have a heading each.
    """

    def __init__(self, *, sections: Mapping[str, Mapping[str, Promised]], **rest: Any) -> None:
        promised = {name: command for section in sections.values() for name, command in section.items()}
        super().__init__(**rest, commands=PromisedCommands(promised))
        self.sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:
        """
        Return the names in the order they are promised in.
        """
        del ctx  # the same for all
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """
        Write the summaries, importing nothing.
        """
        del ctx  # the same for all
        for heading, section in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name, promised.summary) for name, promised in section.items()])
