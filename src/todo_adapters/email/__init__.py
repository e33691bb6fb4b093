"""
Mail providers: one module each, found by its name.

A provider's module has ``build(environment)``, which reads its own settings and returns an
``EmailService``. ``docs/how-to/add-an-email-provider.md`` shows how to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

from todo_adapters.environment import InvalidEnvironment
from todo_core.ports import EmailService

_UNKNOWN = "EMAIL_PROVIDER: must be one of {}, or the dotted name of a module"
_NO_MODULE = "EMAIL_PROVIDER: names a module that is not installed, or that has no build(environment)"


def known_providers() -> list[str]:
    """
    Return the names of the providers in this package.
    """
    return sorted(module.name for module in iter_modules(__path__))


def load_email_service(provider: str, environment: Mapping[str, str]) -> EmailService:
    """
    Return the service of *provider*: a module's name in this package, or a dotted one outside it.

    Raises:
        InvalidEnvironment: there is no such provider, or its settings cannot be used.
    """
    if "." not in provider:
        if provider not in known_providers():
            raise InvalidEnvironment([_UNKNOWN.format(", ".join(known_providers()))])
        return _built(import_module(f"{__name__}.{provider}"), environment)
    if not _is_installed(provider):
        raise InvalidEnvironment([_NO_MODULE])
    return _built(import_module(provider), environment)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


def _built(module: ModuleType, environment: Mapping[str, str]) -> EmailService:
    build: Callable[[Mapping[str, str]], EmailService] | None = getattr(module, "build", None)
    if build is None:
        raise InvalidEnvironment([_NO_MODULE])
    return build(environment)
