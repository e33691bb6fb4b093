"""
``todo outbox``: the mail that waits, was sent or was given up.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import click

from todo_core.errors import Conflict, NotFound
from todo_core.model.ids import MailId
from todo_core.model.mail import Mail, MailState
from todo_web.cli.start import Sentences, ask_core

_UNKNOWN: Sentences = {NotFound: "No mail has that id."}
_CANNOT_RETRY: Sentences = {
    **_UNKNOWN,
    Conflict: "It cannot be sent again: it was sent, is on its way, or another one like it waits.",
}
_CANNOT_DROP: Sentences = {**_UNKNOWN, Conflict: "It cannot be dropped while it is on its way: try again in a minute."}

_show_addresses = click.option("--show-addresses", is_flag=True, help="Write addresses out instead of masking them.")
_mail_id = click.argument("mail_id", metavar="ID", type=click.UUID)


@click.group()
def outbox() -> None:
    """
    Look into the mail that waits, was sent or was given up; send one again, or forget it.
    """


@outbox.command(name="list")
@click.option("--state", type=click.Choice(MailState, case_sensitive=False), help="Only those in this state.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many at most.")
@_show_addresses
def list_mail(*, state: MailState | None, limit: int, show_addresses: bool) -> None:
    """
    List the latest, newest first: id, when it was asked for, state, tries, kind, address, and why it was not sent.
    """
    for mail in ask_core(lambda core: core.list_mail(state=state, limit=limit), sentences={}):
        click.echo(
            f"{mail.id}  {_moment(mail.created_at)}  {mail.state:7}  {mail.attempts:2}  {mail.kind:16}  "
            f"{_address(mail, show=show_addresses)}  {mail.last_error or ''}".rstrip()
        )


@outbox.command()
@_mail_id
@_show_addresses
def show(*, mail_id: UUID, show_addresses: bool) -> None:
    """
    Show all that is known of one mail.
    """
    mail = ask_core(lambda core: core.show_mail(mail_id=MailId(mail_id)), sentences=_UNKNOWN)
    lines = {
        "id": mail.id,
        "kind": mail.kind,
        "address": _address(mail, show=show_addresses),
        "state": mail.state,
        "attempts": mail.attempts,
        "asked for": _moment(mail.created_at),
        "due": _moment(mail.due_at),
        "expires": _moment(mail.expires_at),
        "leased until": _moment(mail.lease_until),
        "sent": _moment(mail.sent_at),
        "last error": mail.last_error or "-",
    }
    for name, value in lines.items():
        click.echo(f"{name:12}  {value}")


@outbox.command()
@_mail_id
def retry(mail_id: UUID) -> None:
    """
    Send a mail that was given up, or that waits, now, with a whole life before it.
    """
    ask_core(lambda core: core.retry_mail(mail_id=MailId(mail_id)), sentences=_CANNOT_RETRY)
    click.echo("It is due now.")


@outbox.command()
@_mail_id
def drop(mail_id: UUID) -> None:
    """
    Forget a mail; one that waits is not sent.
    """
    ask_core(lambda core: core.drop_mail(mail_id=MailId(mail_id)), sentences=_CANNOT_DROP)
    click.echo("It is forgotten.")


@outbox.command()
def stats() -> None:
    """
    Tell how many mails are in each state, since when some is due, and whether mail is misconfigured.
    """
    found = ask_core(lambda core: core.count_mail(), sentences={})
    for state, number in found.counts.items():
        click.echo(f"{state:14}{number}")
    click.echo(f"{'due since':14}{_moment(found.backlog.oldest_due)}")
    click.echo(f"{'misconfigured':14}{found.backlog.misconfigured or 'no'}")


def _address(mail: Mail, *, show: bool) -> str:
    return mail.address.text if show else mail.address.masked


def _moment(at: datetime | None) -> str:
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"
