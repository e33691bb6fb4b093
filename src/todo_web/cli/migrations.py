"""
``todo migrate``: the database's schema.
"""

from __future__ import annotations

import sys

import click

from todo_adapters.postgres import migrate as migrations
from todo_web.cli.start import direct_database, read_settings, speaking_plainly


@click.group()
def migrate() -> None:
    """
    Bring the database's schema up to date, back, or tell where it stands.
    """


@migrate.command()
def up() -> None:
    """
    Bring the schema to the newest revision; any number may do so at once.
    """
    with speaking_plainly(), direct_database(read_settings()) as url:
        migrations.upgrade(url)
        click.echo(f"The schema is at {migrations.head()}.")


@migrate.command()
@click.argument("revision")
@click.confirmation_option(prompt="Going back can lose data. Go on?")
def down(revision: str) -> None:
    """
    Take the schema back to REVISION ("base" is empty).
    """
    with speaking_plainly(), direct_database(read_settings()) as url:
        migrations.downgrade(url, revision)
        click.echo(f"The schema is at {revision}.")


@migrate.command()
def status() -> None:
    """
    Tell where the schema stands; the exit code is 1 when it is behind.
    """
    with speaking_plainly(), direct_database(read_settings()) as url:
        found = migrations.status(url)
    click.echo(f"The schema is at {found.current or 'nothing'}; this program expects {found.head}.")
    sys.exit(0 if found.up_to_date else 1)
