"""
``todo mail preview``: the messages, as their readers will see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from jinja2 import TemplateError

from todo_core.model.mail import MailKind, RenderedMessage
from todo_core.ports import MessageRenderer
from todo_web.cli.start import give_up, read_settings
from todo_web.container import Container
from todo_web.settings import surroundings

MADE_UP: Mapping[str, str] = {
    "email": "ann@example.org",
    "new_email": "a***@e***.net",
    "link": "https://todo.example.org/reset-password?token=AZK3mN0XcYqv5p1tYw8h7g.kP0sV4mXb2q9TzR6uL1eYd8NcJ5wHa3GfB7oKiQxM0s",
    "expires_at": "2026-03-01T13:00:00+00:00",
    "minutes": "60",
    "todo": "Water the plants",
    "due": "2026-03-29T18:30",
    "zone": "Europe/Berlin",
}
"""Facts for every kind of message; the link leads nowhere, and is as long as a real one."""


@click.group()
def mail() -> None:
    """
    Look at the messages that are sent to people.
    """


@mail.command()
@click.argument("name", required=False, type=click.Choice([kind.value for kind in MailKind]), metavar="[NAME]")
@click.option("--locale", help="One language, such as de. Default: all of them.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="mail-preview",
    show_default=True,
    help="The folder to write into.",
)
def preview(name: str | None, locale: str | None, folder: Path) -> None:
    """
    Write the messages, or the one called NAME, as HTML and as text, with made-up facts.

    They are written in every language, with the operator's own words where TEMPLATES_DIR has some.
    """
    renderer = Container(settings=read_settings(), surroundings=surroundings()).renderer()
    for tag in _chosen(locale, renderer.locales):
        for kind in MailKind if name is None else [MailKind(name)]:
            for path in _write(_render(renderer, kind, tag), folder / tag / kind):
                click.echo(path)


def _chosen(locale: str | None, known: Sequence[str]) -> Sequence[str]:
    if locale is None:
        return known
    if locale not in known:
        give_up(f"There are no words in {locale}; there are some in {', '.join(known)}.")
    return [locale]


def _render(renderer: MessageRenderer, kind: MailKind, locale: str) -> RenderedMessage:
    try:
        return renderer.render(kind, locale=locale, facts=MADE_UP)
    except TemplateError as error:
        give_up(f"{kind} in {locale} cannot be rendered: {error}")


def _write(message: RenderedMessage, path: Path) -> Sequence[Path]:
    html, text = path.with_suffix(".html"), path.with_suffix(".txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    html.write_text(message.html, encoding="utf-8")
    text.write_text(f"Subject: {message.subject}\n\n{message.text}", encoding="utf-8")
    return html, text
