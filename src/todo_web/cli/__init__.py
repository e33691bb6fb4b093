"""
The command line, two doors in one: for one's own todos, and for whoever runs the service.
"""

from __future__ import annotations

import os

import click

from todo_web.cli.lazily import LazyGroup, Promised
from todo_web.version import VERSION

_MINE = {
    "login": Promised("todo_web.cli.mine.sessions:login", "Log in as EMAIL, and stay logged in on this machine."),
    "logout": Promised("todo_web.cli.mine.sessions:logout", "Log out, and forget the session on this machine."),
    "add": Promised("todo_web.cli.mine.writing:add", "Add a todo."),
    "list": Promised("todo_web.cli.mine.reading:list_todos", "List the todos that are open, in their order."),
    "show": Promised("todo_web.cli.mine.reading:show", "Show all that is known of a todo."),
    "done": Promised("todo_web.cli.mine.writing:done", "Tick todos off."),
    "undo": Promised("todo_web.cli.mine.writing:undo", "Open todos again."),
    "edit": Promised("todo_web.cli.mine.writing:edit", "Change a todo; what is not named stays as it is."),
    "move": Promised("todo_web.cli.mine.moving:move", "Move a todo behind another, or in front of it."),
    "rm": Promised("todo_web.cli.mine.writing:remove", "Put todos into the bin, where they are kept for 30 days."),
    "restore": Promised("todo_web.cli.mine.writing:restore", "Take todos out of the bin."),
    "lists": Promised("todo_web.cli.mine.reading:lists", "List the lists."),
}
_SERVING = {
    "serve": Promised("todo_web.cli.serving:serve", "Serve the API and its pages, and deliver mail beside them."),
    "worker": Promised("todo_web.cli.serving:worker", "Deliver mail, and nothing else."),
    "migrate": Promised(
        "todo_web.cli.migrations:migrate", "Bring the database's schema up to date, back, or tell where it stands."
    ),
    "check": Promised(
        "todo_web.cli.checking:check",
        "Check settings, database, Redis if there is one, and mail: a line each; the exit code is 1 when one is wrong.",
    ),
    "doctor": Promised(
        "todo_web.cli.doctor:doctor", "Find out why no mail comes: try each step of its way, as real mail does."
    ),
    "create-user": Promised(
        "todo_web.cli.people:create_user", "Open an account for ADDRESS that needs no verification."
    ),
    "send-reset": Promised(
        "todo_web.cli.people:send_reset",
        "Queue a password reset mail for ADDRESS once more, whatever limits it has used up.",
    ),
    "reset-link": Promised(
        "todo_web.cli.people:reset_link",
        "Print one reset link for ADDRESS, to hand over in person; it is noted as a security event.",
    ),
    "disable": Promised(
        "todo_web.cli.recovery:disable",
        "Keep the person with ADDRESS out: sessions end, links die, and no mail is sent to them any more.",
    ),
    "enable": Promised("todo_web.cli.recovery:enable", "Let the person with ADDRESS in again."),
    "revoke-sessions": Promised(
        "todo_web.cli.recovery:revoke_sessions",
        "End every session of the person with ADDRESS, or everybody's; whoever knows the password can log in again.",
    ),
    "backup": Promised(
        "todo_web.cli.backup:backup", "Back the database up, prove that a backup can be restored, or restore one."
    ),
    "after-restore": Promised(
        "todo_web.cli.recovery:after_restore",
        "End what a restored backup revives: sessions, links, calendars, and mail that may have been sent since.",
    ),
    "outbox": Promised(
        "todo_web.cli.outbox:outbox",
        "Look into the mail that waits, was sent or was given up; send one again, or forget it.",
    ),
    "suppressions": Promised(
        "todo_web.cli.suppressions:suppressions",
        "List the addresses that get no mail because of a bounce or a complaint, or let one have mail again.",
    ),
    "mail": Promised("todo_web.cli.mail:mail", "Look at the messages that are sent to people."),
    "export-openapi": Promised("todo_web.cli.documents:export_openapi", "Print the OpenAPI document."),
}


@click.group(cls=LazyGroup, sections={"Your own todos": _MINE, "The service": _SERVING})
@click.version_option(VERSION, prog_name="todo")
@click.pass_context
def main(context: click.Context) -> None:
    """
    Keep your todos, or run a todo service whose password reset never fails the person who forgot.
    """
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        context.color = False
