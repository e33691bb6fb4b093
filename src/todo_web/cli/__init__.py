"""
The command line: ``todo serve``, ``todo worker``, ``todo migrate``, ``todo check`` and an operator's tools.
"""

from __future__ import annotations

import click

from todo_web.cli.checking import check
from todo_web.cli.doctor import doctor
from todo_web.cli.documents import export_openapi
from todo_web.cli.mail import mail
from todo_web.cli.migrations import migrate
from todo_web.cli.outbox import outbox
from todo_web.cli.people import create_user, reset_link, send_reset
from todo_web.cli.recovery import after_restore, disable, enable, revoke_sessions
from todo_web.cli.serving import serve, worker
from todo_web.cli.suppressions import suppressions
from todo_web.version import VERSION


@click.group()
@click.version_option(VERSION, prog_name="todo")
def main() -> None:
    """
    Run a todo service whose password reset never fails the person who forgot.
    """


for command in (
    serve,
    worker,
    migrate,
    check,
    doctor,
    create_user,
    send_reset,
    reset_link,
    disable,
    enable,
    revoke_sessions,
    after_restore,
    outbox,
    suppressions,
    mail,
    export_openapi,
):
    main.add_command(command)
