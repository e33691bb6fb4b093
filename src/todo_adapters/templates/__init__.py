"""
The words of our messages, rendered by Jinja.

For each language a folder, in it one for each kind of message, in that ``subject.txt``, ``body.txt`` and
``body.html``. To add a language, copy ``en`` and translate it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from todo_core.model.mail import MailKind, RenderedMessage
from todo_core.ports import MessageRenderer

_OURS = Path(__file__).parent
_ENGLISH = "en"
_NOT_FOR_A_LINE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


class JinjaMessageRenderer(MessageRenderer):
    """
    Fills in the templates of this folder, or an operator's own.

    Args:
        templates_dir: a folder built like this one; each file in it stands in for ours of the same name.
        app_name: what the messages call the service.
    """

    def __init__(self, templates_dir: Path | None = None, *, app_name: str = "Todo App") -> None:
        folders = [folder for folder in (templates_dir, _OURS) if folder is not None]
        self._templates = Environment(
            loader=FileSystemLoader(folders),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._app_name = app_name

    def render(self, kind: MailKind, *, locale: str, facts: Mapping[str, str]) -> RenderedMessage:
        def words(file: str) -> str:
            choices = [f"{language}/{kind}/{file}" for language in (locale.partition("-")[0], _ENGLISH)]
            return self._templates.select_template(choices).render(facts, app_name=self._app_name)

        subject = _NOT_FOR_A_LINE.sub(" ", words("subject.txt")).strip()
        return RenderedMessage(subject=subject, text=words("body.txt"), html=words("body.html"))
