"""
The words of our messages, rendered by Jinja.

Each language has a folder: ``phrases.txt`` is what several messages say, and a folder for each kind of message has
its ``words.txt``. The shapes that words are put into, ``subject.txt``, ``body.txt`` and ``body.html``, are the same
for all. To add a language, copy ``en`` and translate it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from todo_core.model.mail import MailKind, RenderedMessage
from todo_core.model.user import DEFAULT_LOCALE
from todo_core.ports import MessageRenderer

_OURS = Path(__file__).parent
_WORDS = "words.txt"
_NOT_FOR_A_LINE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_LINE = 76
_HOUR = 60
_DAY = 24 * _HOUR


class JinjaMessageRenderer(MessageRenderer):
    """
    Puts the words of this folder, or an operator's own, into their shapes.

    The same words are escaped in HTML and plain in text: there is an environment for each.

    Args:
        templates_dir: a folder built like this one; each file in it stands in for ours of the same name, and a shape
            that stands beside a message's words is that message's own.
        app_name: what the messages call the service.
    """

    def __init__(self, templates_dir: Path | None = None, *, app_name: str = "Todo App") -> None:
        folders = [folder for folder in (templates_dir, _OURS) if folder is not None]
        self._text = _environment(folders, escaping=False)
        self._html = _environment(folders, escaping=True)
        self._locales = _locales(self._text)
        self._app_name = app_name

    @property
    def locales(self) -> Sequence[str]:
        return self._locales

    def render(self, kind: MailKind, *, locale: str, facts: Mapping[str, str]) -> RenderedMessage:
        tags = [tag for tag in (locale, locale.partition("-")[0], DEFAULT_LOCALE) if tag in self._locales]

        def filled(shape: str, templates: Environment) -> str:
            return _filled(shape, templates, kind=kind, tags=tags, facts={**facts, "app_name": self._app_name})

        return RenderedMessage(
            subject=_NOT_FOR_A_LINE.sub(" ", filled("subject.txt", self._text)).strip(),
            text=filled("body.txt", self._text),
            html=filled("body.html", self._html),
        )


def _filled(
    shape: str, templates: Environment, *, kind: MailKind, tags: Sequence[str], facts: Mapping[str, str]
) -> str:
    """
    Return a message in *shape*, in the first language of *tags* that has words for it, or a shape of its own.
    """
    found = templates.select_template([f"{tag}/{kind}/{file}" for tag in tags for file in (shape, _WORDS)])
    lang, _, file = str(found.name).split("/")
    known = tags[tags.index(lang) :]
    phrases = templates.select_template([f"{tag}/phrases.txt" for tag in known]).make_module(dict(facts))
    words = templates.select_template([f"{tag}/{kind}/{_WORDS}" for tag in known])
    return (found if file == shape else templates.get_template(shape)).render(
        facts, lang=lang, phrases=phrases, words=words.make_module({**facts, "phrases": phrases})
    )


def _environment(folders: Sequence[Path], *, escaping: bool) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(folders),
        autoescape=escaping,  # noqa: S701 - off for plain text, which has no markup to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # pyright takes the filters that Jinja brings for all that there can be
    templates.filters |= {"moment": _moment, "paragraph": _paragraph, "shown": _shown, "span": _span}  # pyright: ignore[reportAttributeAccessIssue]
    return templates


def _locales(templates: Environment) -> Sequence[str]:
    """
    Return every language that has a folder with a message in it.
    """
    paths = [name.split("/") for name in templates.list_templates()]
    tags = {path[0] for path in paths if len(path) > 1 and path[1] in set(MailKind)}
    return sorted(tags, key=lambda tag: (tag != DEFAULT_LOCALE, tag))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)  # str(): that is where a fact that is missing says so


def _shown(text: str) -> datetime:
    return datetime.fromisoformat(str(text))  # what a clock shows, which has no time zone; a day begins at midnight


def _paragraph(text: str) -> str:
    return textwrap.fill(text.strip(), _LINE, break_long_words=False, break_on_hyphens=False)


def _span(minutes: str) -> tuple[int, str]:
    """
    Return how many of which unit people would say: 60 minutes are an hour, 90 are 90 minutes, 2,880 are two days.
    """
    count = max(int(minutes), 1)
    if count >= 2 * _DAY:
        return count // _DAY, "day"
    whole_hours = count == _HOUR or count >= 2 * _HOUR
    return (count // _HOUR, "hour") if whole_hours else (count, "minute")
