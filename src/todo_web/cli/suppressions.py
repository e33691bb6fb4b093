"""
``todo suppressions``: addresses that get no mail because it bounced, or because somebody called it spam.
"""

from __future__ import annotations

import click

from todo_core.model.email import EmailAddress
from todo_web.cli.start import ask_core, give_up


@click.group()
def suppressions() -> None:
    """
    List the addresses that get no mail because of a bounce or a complaint, or let one have mail again.
    """


@suppressions.command(name="list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="How many at most.")
@click.option("--show-addresses", is_flag=True, help="Write addresses out instead of masking them.")
def list_suppressions(*, limit: int, show_addresses: bool) -> None:
    """
    List the latest, newest first: since when, why, and which address.
    """
    for suppression in ask_core(lambda core: core.list_suppressions(limit=limit), sentences={}):
        address = suppression.address.text if show_addresses else suppression.address.masked
        click.echo(f"{suppression.at:%Y-%m-%d %H:%M}Z  {suppression.reason:9}  {address}")


@suppressions.command()
@click.argument("address")
def remove(address: str) -> None:
    """
    Let ADDRESS have mail again, whatever the reason was that it got none.

    The mail provider keeps a list of its own: take the address off there too.
    """
    if not ask_core(lambda core: core.remove_suppression(email=EmailAddress(address)), sentences={}):
        give_up("That address is not suppressed.")
    click.echo("That address gets mail again.")
