"""
Why a command cannot go on, in a sentence for whoever typed it; the exit code is 1.

Stopped
├── NotLoggedIn
├── Unreachable
├── Refused         the service said no
└── NotFound        no todo or list is meant, or more than one
"""

from __future__ import annotations

from typing import IO, Any

import click

from todo_web.cli.mine.showing import harmless


class Stopped(click.ClickException):
    """
    The command ends here.
    """

    def show(self, file: IO[Any] | None = None) -> None:
        """
        Say why, and nothing else.
        """
        click.echo("\n  ".join(harmless(line) for line in self.message.splitlines()), file=file, err=file is None)


class NotLoggedIn(Stopped):
    """
    There is no session on this machine, or it is over.
    """

    def __init__(self, message: str = "You are not logged in: todo login EMAIL --url URL.") -> None:
        super().__init__(message)


class Unreachable(Stopped):
    """
    The service gave no answer that can be understood.
    """


class Refused(Stopped):
    """
    The service said no.
    """


class NotFound(Stopped):
    """
    What was named is none of one's own, or does not say which.
    """
