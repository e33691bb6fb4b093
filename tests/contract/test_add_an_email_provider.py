"""
Follows ``docs/how-to/add-an-email-provider.md`` to the letter.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from todo_adapters.email import load_email_service
from todo_core.contracts.email_service import EmailServiceContract

_PAGE = (Path(__file__).parents[2] / "docs/how-to/add-an-email-provider.md").read_text(encoding="utf-8")
_FILE = re.compile(r"^Save this as `([\w/]+\.py)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TEST_COMMAND = re.compile(r"^Run it:\n\n```console\n\$ (.*?)\n```$", re.MULTILINE)
_PROVIDER = re.compile(r"\$ EMAIL_PROVIDER=([\w.]+) ")
_BREAK = re.compile(r"change `(.*?)` to `(.*?)`, and `(\w+)` fails, with the\n`(\w+)` that was raised instead")
_PROMISES = sum(name.startswith("test_") for name in dir(EmailServiceContract))


@pytest.fixture
def folder(tmp_path):
    """
    Write the files of the page into a folder.
    """
    for name, code in _FILE.findall(_PAGE):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code, encoding="utf-8")
    return tmp_path


def _run_the_test(folder: Path) -> subprocess.CompletedProcess[str]:
    (command,) = _TEST_COMMAND.findall(_PAGE)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {"PATH": path, "PYTEST_ADDOPTS": "-p no:cacheprovider --color=no"}
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S602 - the page's own words


def test_the_page_has_one_adapter_and_one_keeper():
    """
    A new provider is one file, and one more to hold it.
    """
    assert [name for name, _ in _FILE.findall(_PAGE)] == ["acme_mail/pigeon.py", "test_pigeon.py"]


def test_the_keeper_passes(folder):
    """
    The page's adapter keeps the whole contract.
    """
    run = _run_the_test(folder)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f" {_PROMISES} passed in " in run.stdout


def test_the_keeper_fails_as_the_page_says(folder):
    """
    The change that the page proposes makes the test fail that it names, and no other.
    """
    ((good, bad, test, error),) = _BREAK.findall(_PAGE)
    adapter = folder / "acme_mail/pigeon.py"
    code = adapter.read_text(encoding="utf-8")
    assert code.count(good) == 1
    adapter.write_text(code.replace(good, bad), encoding="utf-8")
    run = _run_the_test(folder)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f" 1 failed, {_PROMISES - 1} passed in " in run.stdout
    assert f"TestPigeon::{test}" in run.stdout
    assert f"errors.{error}" in run.stdout


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("mailbox(message.to).addr_spec", "message.to.text"),
        ('raise EmailUnavailable("answer lost", unknown=True) from None', "raise"),
        ('"answer lost", unknown=True', '"answer lost"'),
        ('(f"http {answer.status_code}")', "(self._settings.api_key)"),
    ],
)
def test_no_promise_can_be_broken_unseen(folder, good, bad):
    """
    Whatever is broken in the adapter, the contract notices.
    """
    adapter = folder / "acme_mail/pigeon.py"
    code = adapter.read_text(encoding="utf-8")
    assert good in code
    adapter.write_text(code.replace(good, bad), encoding="utf-8")
    assert _run_the_test(folder).returncode == 1


def test_the_provider_is_found_by_the_name_on_the_page(folder, monkeypatch):
    """
    ``EMAIL_PROVIDER`` as the page sets it leads to the adapter.
    """
    monkeypatch.syspath_prepend(folder)
    (provider,) = _PROVIDER.findall(_PAGE)
    settings = {"PIGEON_API_KEY": "key", "PIGEON_FROM_EMAIL": "todo@acme.example"}
    assert type(load_email_service(provider, settings)).__name__ == "PigeonEmailService"
