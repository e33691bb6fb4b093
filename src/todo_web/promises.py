"""
The reference page of the contracts, written from their docstrings.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

from todo_core import contracts

_HEAD = """\
# Contracts

{note}

What every adapter keeps. A contract is a class of tests in `todo_core.contracts`, which is part of the package:
subclass it, give it its fixtures, and run it with pytest and anyio's plugin, in this repository or in a
distribution of yours. [Write an adapter](../how-to/write-an-adapter.md) shows how;
[`examples/mail-adapter-template`](../../examples/mail-adapter-template/README.md) is a whole distribution to copy.

## Versions

The contracts' version is the version of the distribution, todo-app.

* A patch release (0.1.**1**) neither adds a promise nor takes one away. It may mend a test that held an adapter
  to something that was not promised.
* A minor release (0.**2**.0) may add, change or drop promises and fixtures. The changelog says which. So an
  adapter's distribution depends on `"todo-app>=0.1,<0.2"`, runs the contract of each new minor version, and then
  moves the bound.
* From 1.0 on only a major release takes a promise away or wants another fixture; a minor release may add promises.

Public are the classes below, what their fixtures are made of (`Arrival`, `Provider`, ... in the same modules, the
ports and the model), and `todo_core.contracts.expectations.raises`. Names with an underscore are not.
"""


def contracts_page(note: str) -> str:
    """
    Return the page, with every contract there is.
    """
    return "\n".join([_HEAD.format(note=note), *(line for contract in all_contracts() for line in _section(contract))])


def all_contracts() -> list[type]:
    """
    Return every contract, by the order of their modules' names and of their own.
    """
    modules = [
        importlib.import_module(f"{contracts.__name__}.{found.name}")
        for found in pkgutil.iter_modules(contracts.__path__)
    ]
    return [
        kind
        for module in modules
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if name.endswith("Contract") and kind.__module__ == module.__name__
    ]


def fixtures_of(contract: type) -> dict[str, str]:
    """
    Return what the docstrings of *contract* and of those it extends say about its fixtures, by name.
    """
    found: dict[str, str] = {}
    for kind in reversed(contract.__mro__):
        _, _, section = (inspect.cleandoc(vars(kind).get("__doc__") or "")).partition("Fixtures:\n")
        found |= dict(re.findall(r"^ +(\w+): (.+(?:\n {5,}.+)*)", section, re.MULTILINE))
    return {name: " ".join(text.split()) for name, text in found.items()}


def promises_of(contract: type) -> list[str]:
    """
    Return what the tests that stand in *contract* itself say, in their order.
    """
    tests = [member for name, member in vars(contract).items() if name.startswith("test_")]
    return [" ".join((inspect.getdoc(test) or "").split()) for test in tests]


def _section(contract: type) -> Iterator[str]:
    yield from (f"## {contract.__name__}", "")
    yield from (f"`from {contract.__module__} import {contract.__name__}`", "")
    yield from (_markdown(" ".join((inspect.getdoc(contract) or "").partition("\n\n")[0].split())), "")
    for base in contract.__bases__:
        if base.__name__.endswith("Contract"):
            yield from (f"It has all of [{base.__name__}](#{base.__name__.lower()}), and more.", "")
    yield from ("| Fixture | What it is |", "| --- | --- |")
    yield from (f"| `{name}` | {_markdown(text)} |" for name, text in fixtures_of(contract).items())
    yield ""
    yield from (f"* {_markdown(promise)}" for promise in promises_of(contract))
    yield ""


def _markdown(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")
