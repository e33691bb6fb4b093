"""
``todo doctor``: why no mail comes, and which setting to change.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import click

from todo_core.model.email import EmailAddress
from todo_web.app import opened
from todo_web.cli.start import container_on, database, speaking_plainly
from todo_web.container import Container
from todo_web.doctor.findings import Advice, Finding, State
from todo_web.doctor.report import as_json, is_sound, told
from todo_web.logs import configure_logging
from todo_web.settings import InvalidSettings, Settings, load_settings, surroundings, with_development_key

_SAID_ALREADY = "The settings cannot be used like this, so nothing else was tried."


@click.command()
@click.option("--mail", "address", metavar="ADDRESS", help="Send one real message to ADDRESS; it needs no account.")
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of lines.")
def doctor(address: str | None, *, for_machines: bool) -> None:
    """
    Find out why no mail comes: try each step of its way, as real mail does.

    Settings, database, clock, schema, outbox, and then the way to the mail provider. For what fails, the likely
    cause and the setting to change are told, and the exit code is 1.
    """
    with speaking_plainly():
        recipient = None if address is None else EmailAddress(address)
        findings = _examined(recipient, tell=_nothing if for_machines else _tell)
    if for_machines:
        click.echo(as_json(findings))
    elif recipient is not None and is_sound(findings):
        click.echo(f"The message to {recipient} was accepted: look into its mailbox, and into the spam folder.")
    sys.exit(0 if is_sound(findings) else 1)


def _examined(recipient: EmailAddress | None, *, tell: Callable[[Finding], None]) -> list[Finding]:
    try:
        settings = with_development_key(load_settings(surroundings()))
    except InvalidSettings as error:
        findings = [_wrong_setting(problem) for problem in error.problems]
        for finding in findings:
            tell(finding)
        return findings
    configure_logging(level=settings.log_level, log_format=settings.logs)
    return _examined_with(settings, recipient, tell=tell)


def _examined_with(
    settings: Settings, recipient: EmailAddress | None, *, tell: Callable[[Finding], None]
) -> list[Finding]:
    sound = [Finding("settings", State.PASSED), Finding("provider", State.PASSED, settings.mail_provider)]
    for finding in sound:
        tell(finding)
    with database(settings) as url:
        return [*sound, *asyncio.run(_ask(container_on(url, settings), recipient, tell=tell))]


async def _ask(
    container: Container, recipient: EmailAddress | None, *, tell: Callable[[Finding], None]
) -> list[Finding]:
    findings: list[Finding] = []
    async with opened(container):
        async for finding in container.doctor().examine(recipient=recipient):
            tell(finding)
            findings.append(finding)
    return findings


def _wrong_setting(problem: str) -> Finding:
    name = problem.partition(":")[0]
    return Finding("settings", State.FAILED, problem, Advice(_SAID_ALREADY, f"Change {name}.", (name,)))


def _tell(finding: Finding) -> None:
    click.echo(told(finding))


def _nothing(_: Finding) -> None:
    pass
