from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

from todo_core import contracts
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailRejected, EmailUnavailable
from todo_web.promises import all_contracts, contracts_page, fixtures_of, promises_of

FILES = sorted(Path(contracts.__path__[0]).glob("*.py"))


@pytest.fixture(params=all_contracts(), ids=lambda contract: contract.__name__)
def contract(request):
    """
    Return each contract, in turn.
    """
    return request.param


def test_every_class_of_tests_is_a_contract():
    """
    A class with tests is called a contract, so that the page lists it.
    """
    listed = {kind.__name__ for kind in all_contracts()}
    for found in pkgutil.iter_modules(contracts.__path__):
        module = importlib.import_module(f"todo_core.contracts.{found.name}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if any(member.startswith("test_") for member in dir(kind)):
                assert name in listed


def test_every_promise_is_in_words(contract):
    """
    Each test says in sentences what is promised, and the page has them.
    """
    page = contracts_page("")
    assert promises_of(contract)
    for promise in promises_of(contract):
        assert promise.endswith(".")
        assert promise.replace("``", "`").replace("|", "\\|") in page


def test_every_fixture_is_explained(contract):
    """
    The docstring tells what each fixture is that a test asks for, and no other.
    """
    tests = [test for name, test in inspect.getmembers(contract, inspect.isfunction) if name.startswith("test_")]
    wanted = {name for test in tests for name in list(inspect.signature(test).parameters)[1:]}
    assert fixtures_of(contract).keys() == wanted


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_contracts_import_no_pytest(file):
    """
    Whoever installs the package without pytest can import the contracts.
    """
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        imported = [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in getattr(node, "names", [])]
        assert not any(str(name).split(".")[0] in {"pytest", "anyio"} for name in imported)


def test_an_error_that_must_be_raised():
    """
    ``raises`` says which error was promised, and which came instead.
    """
    with raises(EmailRejected) as raised:
        raise EmailRejected("550")
    assert raised.error.code == "550"
    with pytest.raises(AssertionError, match=r"^EmailRejected must be raised$"), raises(EmailRejected):
        pass
    with (
        pytest.raises(AssertionError, match=r"^EmailRejected must be raised, not EmailUnavailable$"),
        raises(EmailRejected),
    ):
        raise EmailUnavailable("450")
    with pytest.raises(ValueError, match="other"), raises(EmailRejected):
        raise ValueError("other")
