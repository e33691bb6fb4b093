"""
``todo disable``, ``todo enable``, ``todo revoke-sessions`` and ``todo after-restore``: who may not come in any more.
"""

from __future__ import annotations

import click

from todo_core.errors import NotFound
from todo_core.model.email import EmailAddress
from todo_web.cli.start import Sentences, ask_core

_SENTENCES: Sentences = {NotFound: "No account has that address."}

_CONFIRM = (
    "Every session, mailed link and calendar address ends, and no mail that is due is sent. The service must be"
    " stopped. Go on?"
)


@click.command()
@click.argument("address")
def disable(address: str) -> None:
    """
    Keep the person with ADDRESS out: sessions end, links die, and no mail is sent to them any more.
    """
    ended = ask_core(lambda core: core.disable_user(email=EmailAddress(address)), sentences=_SENTENCES)
    click.echo(f"That account is disabled. Sessions ended: {ended}.")


@click.command()
@click.argument("address")
def enable(address: str) -> None:
    """
    Let the person with ADDRESS in again.
    """
    ask_core(lambda core: core.enable_user(email=EmailAddress(address)), sentences=_SENTENCES)
    click.echo("That account can log in.")


@click.command()
@click.argument("address", required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody's.")
def revoke_sessions(*, address: str | None, everybody: bool) -> None:
    """
    End every session of the person with ADDRESS, or everybody's; whoever knows the password can log in again.
    """
    if (address is None) is not everybody:
        raise click.UsageError("Give an address, or --all.")
    ended = ask_core(
        lambda core: core.revoke_sessions(email=None if address is None else EmailAddress(address)),
        sentences=_SENTENCES,
    )
    click.echo(f"Sessions ended: {ended}.")


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def after_restore(*, yes: bool) -> None:
    """
    End what a restored backup revives: sessions, links, calendars, and mail that may have been sent since.

    Run it after a restore and before the service starts.
    """
    if not yes:
        click.confirm(_CONFIRM, abort=True)
    settle()


def settle() -> None:
    """
    End what a restored backup revives, and print how much it was.
    """
    settled = ask_core(lambda core: core.settle_restore(), sentences={})
    click.echo(
        f"Sessions ended: {settled.sessions}. Links retired: {settled.tokens}. Mails buried: {settled.mails}."
        f" Calendars ended: {settled.calendars}."
    )
