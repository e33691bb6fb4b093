"""
Mail providers' reports: one module each, found by its name.

A provider's module has ``build(environment)``, which returns its ``MailHook``, or None while the secret that
its reports are verified with is not set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from todo_adapters.environment import InvalidEnvironment
from todo_core.ports import MailHook


def load_mail_hooks(environment: Mapping[str, str]) -> Mapping[str, MailHook]:
    """
    Return the hooks whose secrets are set, by the names of their providers.

    Raises:
        InvalidEnvironment: some secrets cannot be used; all are named.
    """
    hooks: dict[str, MailHook] = {}
    problems: list[str] = []
    for provider in sorted(module.name for module in iter_modules(__path__)):
        try:
            hook = _build_of(provider)(environment)
        except InvalidEnvironment as error:
            problems += error.problems
        else:
            hooks |= {provider: hook} if hook is not None else {}
    if problems:
        raise InvalidEnvironment(problems)
    return hooks


def _build_of(provider: str) -> Callable[[Mapping[str, str]], MailHook | None]:
    build: Callable[[Mapping[str, str]], MailHook | None] = import_module(f"{__name__}.{provider}").build
    return build
