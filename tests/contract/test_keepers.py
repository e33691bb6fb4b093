from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import pytest

import todo_adapters
from todo_core import ports

PORTS = [
    port
    for _, port in inspect.getmembers(ports, inspect.isclass)
    if port.__module__.startswith(f"{ports.__name__}.") and getattr(port, "_is_protocol", False)
]


def adapters_of(port: type) -> Iterator[type]:
    """
    Yield every class in the tree that names *port* as its base.
    """
    for found in pkgutil.walk_packages(todo_adapters.__path__, "todo_adapters."):
        importlib.import_module(found.name)
    for adapter in port.__subclasses__():
        if adapter.__module__.startswith("todo_adapters."):
            yield adapter


def keepers_of(port: type) -> list[str]:
    """
    Return the names of the classes in *port*'s file of tests that are bound to a contract.
    """
    words = re.findall("[A-Z][a-z]+", port.__name__)
    module = importlib.import_module(f"tests.contract.test_{'_'.join(words).lower()}")
    return [
        name
        for name, keeper in inspect.getmembers(module, inspect.isclass)
        if any(base.__module__.startswith("todo_core.contracts.") for base in keeper.__mro__[1:])
    ]


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_every_adapter_has_a_keeper(port):
    """
    For each adapter ``SmtpEmailService`` of a port, a class ``TestSmtp...`` holds it to the port's contract.
    """
    adapters = list(adapters_of(port))
    keepers = keepers_of(port)
    assert adapters
    for adapter in adapters:
        technology = adapter.__name__.removesuffix(port.__name__)
        assert [name for name in keepers if name.startswith(f"Test{technology}")], adapter


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_every_port_is_abstract(port):
    """
    A class that names a port as its base and leaves a method out cannot be made.
    """
    forgetful = type("Forgetful", (port,), {})
    with pytest.raises(TypeError, match="abstract"):
        forgetful()
