"""
Every setting there is, for documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import attrs
from attrs import frozen

from todo_adapters.email.smtp.settings import SmtpSettings
from todo_web.settings.model import Settings


@frozen
class Setting:
    """
    One environment variable; *default* is what stands for it when it is unset, as one would write it.
    """

    name: str
    group: str
    default: str
    help: str
    secret: bool


def catalog() -> list[Setting]:
    """
    Return the settings of the program and of its e-mail providers, in the order of their classes.
    """
    return [*_settings_of(Settings), *_settings_of(SmtpSettings, prefix="SMTP_", group="SMTP")]


def _settings_of(kind: type[attrs.AttrsInstance], *, prefix: str = "", group: str = "") -> Iterator[Setting]:
    for field in attrs.fields(kind):
        yield Setting(
            name=f"{prefix}{field.name.upper()}",
            group=field.metadata.get("group", group),
            default=_written(field.default),
            help=field.metadata["help"],
            secret=not field.repr,
        )


def _written(default: Any) -> str:
    if default is attrs.NOTHING or default is None or default == ():
        return ""
    if isinstance(default, Enum):
        return str(default.value)
    return str(default).lower() if isinstance(default, bool) else str(default)
