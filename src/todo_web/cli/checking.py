"""
``todo check``: whether all that the service depends on is well.
"""

from __future__ import annotations

import asyncio
import sys

import click

from todo_web.app import opened
from todo_web.cli.start import container_on, database, read_settings
from todo_web.container import Container
from todo_web.probes import SOUND, ask


@click.command()
def check() -> None:
    """
    Check settings, database, Redis if there is one, and mail: a line each; the exit code is 1 when one is wrong.
    """
    settings = read_settings()
    click.echo("settings  ok")
    with database(settings) as url:
        sound = asyncio.run(_check(container_on(url, settings)))
    sys.exit(0 if sound else 1)


async def _check(container: Container) -> bool:
    probes = {**container.all_probes(), "mail": container.mail_probe()}
    async with opened(container):
        answers = await ask(probes)
    for name, answer in answers.items():
        click.echo(f"{name:9} {answer}")
    return all(answer == SOUND for answer in answers.values())
