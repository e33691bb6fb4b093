"""
``todo create-user``, ``todo send-reset`` and ``todo reset-link``: what an operator does for one person.
"""

from __future__ import annotations

import sys

import click

from todo_core.errors import Conflict, NotFound
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_web.cli.start import Sentences, ask_core

_SENTENCES: Sentences = {
    NotFound: "No account has that address.",
    Conflict: "That address has an account already.",
}


@click.command()
@click.argument("address")
def create_user(address: str) -> None:
    """
    Open an account for ADDRESS that needs no verification.

    The password is asked for, or read as one line where there is no terminal; it is never an argument.
    """
    password = _new_password()
    user = ask_core(
        lambda core: core.create_user(email=EmailAddress(address), password=Password(password)), sentences=_SENTENCES
    )
    click.echo(f"{user.email} can log in.")


@click.command()
@click.argument("address")
def send_reset(address: str) -> None:
    """
    Queue a password reset mail for ADDRESS once more, whatever limits it has used up.
    """
    ask_core(lambda core: core.send_password_reset(email=EmailAddress(address)), sentences=_SENTENCES)
    click.echo("A reset mail is queued.")


@click.command()
@click.argument("address")
def reset_link(address: str) -> None:
    """
    Print one reset link for ADDRESS, to hand over in person; it is noted as a security event.
    """
    click.echo(ask_core(lambda core: core.make_reset_link(email=EmailAddress(address)), sentences=_SENTENCES))


def _new_password() -> str:
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\n")
