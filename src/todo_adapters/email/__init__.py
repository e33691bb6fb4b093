"""
Mail providers: one module each, found by its name.

A provider's module has ``build(environment)``, which reads its own settings and returns an
``EmailService``. ``docs/how-to/add-an-email-provider.md`` shows how to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

from todo_adapters.email_chain import ChainEmailService
from todo_adapters.environment import InvalidEnvironment, read
from todo_adapters.sender import Sender
from todo_core.ports import EmailService

DEVELOPMENT_ONLY = frozenset({"console", "file"})
"""Providers that show live links to whoever is around."""

_UNKNOWN = "EMAIL_PROVIDER: must be one of {}, or the dotted name of a module"
_NO_MODULE = "EMAIL_PROVIDER: names a module that is not installed, or that has no build(environment)"
_TWICE = "EMAIL_PROVIDER: names a provider twice"


def known_providers() -> list[str]:
    """
    Return the names of the providers in this package.
    """
    return sorted(module.name for module in iter_modules(__path__))


def names_in(provider: str) -> Sequence[str]:
    """
    Return the names in a value of ``EMAIL_PROVIDER``, which are separated by commas.
    """
    return [name.strip() for name in provider.split(",")]


Around = Callable[[str, EmailService], EmailService]
"""What stands around the service of the provider of this name."""


def load_email_service(provider: str, environment: Mapping[str, str], around: Around | None = None) -> EmailService:
    """
    Return the service of *provider*: a module's name in this package, or a dotted one outside it.

    Several names make a chain, in which each has its share of the time that a message may take. If there is something
    to put *around* a service, it is put around each.

    Raises:
        InvalidEnvironment: there is no such provider, or its settings cannot be used.
    """
    names = names_in(provider)
    if len(names) == 1:
        return _load(names[0], environment, around)
    if len(set(names)) < len(names):
        raise InvalidEnvironment([_TWICE])
    return ChainEmailService(_load_all(names, _with_shared_time(environment, len(names)), around))


def _load_all(
    names: Sequence[str], environment: Mapping[str, str], around: Around | None
) -> Mapping[str, EmailService]:
    services = dict[str, EmailService]()
    problems = list[str]()
    for name in names:
        try:
            services[name] = _load(name, environment, around)
        except InvalidEnvironment as error:
            problems += error.problems
    if problems:
        raise InvalidEnvironment(list(dict.fromkeys(problems)))
    return services


def _with_shared_time(environment: Mapping[str, str], shares: int) -> Mapping[str, str]:
    """
    Return *environment* with a share of its ``SMTP_TIMEOUT``, or as it is where that cannot be read.
    """
    try:
        timeout = read(Sender, environment).timeout
    except InvalidEnvironment:
        return environment
    return {**environment, "SMTP_TIMEOUT": str(timeout / shares), "SMTP_TIMEOUT_FILE": ""}


def _load(provider: str, environment: Mapping[str, str], around: Around | None) -> EmailService:
    service = _found(provider, environment)
    return service if around is None else around(provider, service)


def _found(provider: str, environment: Mapping[str, str]) -> EmailService:
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
