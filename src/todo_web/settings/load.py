"""
Settings are read once, and everything that is wrong is told at once.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import attrs
from dotenv import dotenv_values

from todo_adapters.email import load_email_service
from todo_adapters.environment import InvalidEnvironment, read
from todo_adapters.mail_hooks import load_mail_hooks
from todo_web.settings.model import Environment, Settings
from todo_web.settings.rules import crossed_ports, unfit_for_production, weak_secrets


class InvalidSettings(Exception):
    """
    The program cannot start like this.

    Args:
        problems: one for each fault, as ``NAME: what is wrong``; none quotes a value.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_settings(environment: Mapping[str, str]) -> Settings:
    """
    Return the settings that *environment* holds.

    Raises:
        InvalidSettings: some are wrong; all are named, those of e-mail providers too.
    """
    try:
        settings = read(Settings, environment)
    except InvalidEnvironment as error:
        raise InvalidSettings(
            [*error.problems, *_mail_problems(environment.get("EMAIL_PROVIDER"), environment)]
        ) from None
    problems = weak_secrets(settings) + crossed_ports(settings) + _mail_problems(settings.email_provider, environment)
    if settings.is_production:
        problems += unfit_for_production(settings)
    if problems:
        raise InvalidSettings(problems)
    return settings


def _mail_problems(provider: str | None, environment: Mapping[str, str]) -> list[str]:
    sending = _problems_of(partial(load_email_service, provider), environment) if provider else []
    return sending + _problems_of(load_mail_hooks, environment)


def _problems_of(load: Callable[[Mapping[str, str]], object], environment: Mapping[str, str]) -> list[str]:
    try:
        load(environment)
    except InvalidEnvironment as error:
        return list(error.problems)
    return []


def surroundings(folder: Path = Path()) -> dict[str, str]:
    """
    Return the process's environment, on top of the ``.env`` in *folder* outside production.
    """
    stored = {name: value for name, value in dotenv_values(folder / ".env").items() if value is not None}
    merged = stored | dict(os.environ)
    return dict(os.environ) if os.environ.get("ENVIRONMENT") == Environment.PRODUCTION else merged


def with_development_key(settings: Settings) -> Settings:
    """
    Return *settings* with a signing key: in development one is made once and kept in the data folder.
    """
    if settings.jwt_secret_key is not None:
        return settings
    file = settings.data_dir / "development.key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return attrs.evolve(settings, jwt_secret_key=file.read_text(encoding="ascii"))
