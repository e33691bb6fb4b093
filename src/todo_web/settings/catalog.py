"""
Every setting there is, for documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import attrs
from attrs import frozen

from todo_adapters.email.file import FileSettings
from todo_adapters.email.postmark import PostmarkSettings
from todo_adapters.email.resend import ResendSettings
from todo_adapters.email.sendgrid import SendGridSettings
from todo_adapters.email.smtp.settings import SmtpSettings
from todo_adapters.environment import variable_of
from todo_adapters.mail_hooks.postmark import PostmarkHookSettings
from todo_adapters.mail_hooks.resend import ResendHookSettings
from todo_adapters.mail_hooks.sendgrid import SendgridHookSettings
from todo_adapters.sender import Sender
from todo_web.settings.given import Given


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
    return [*_settings_of(Given), *_of_providers(), *_of_hooks()]


def _of_providers() -> Iterator[Setting]:
    yield from _settings_of(Sender, group="Mail, whatever the provider")
    yield from _settings_of(SmtpSettings, prefix="SMTP_", group="SMTP")
    yield from _settings_of(ResendSettings, prefix="RESEND_", group="Resend")
    yield from _settings_of(PostmarkSettings, prefix="POSTMARK_", group="Postmark")
    yield from _settings_of(SendGridSettings, prefix="SENDGRID_", group="SendGrid")
    yield from _settings_of(FileSettings, prefix="EMAIL_FILE_", group="Mail in files")


def _of_hooks() -> Iterator[Setting]:
    group = "Bounces and complaints"
    yield from _settings_of(SendgridHookSettings, prefix="SENDGRID_", group=group)
    yield from _settings_of(PostmarkHookSettings, prefix="POSTMARK_", group=group)
    yield from _settings_of(ResendHookSettings, prefix="RESEND_", group=group)


def _settings_of(kind: type[attrs.AttrsInstance], *, prefix: str = "", group: str = "") -> Iterator[Setting]:
    for field in (field for field in attrs.fields(kind) if not field.inherited):
        yield Setting(
            name=variable_of(field, prefix),
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
