"""
The kit in strange hands: the wheel and examples/mail-adapter-template in an environment of their own.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest

from tests.support.distribution import ROOT, TEMPLATE, Environment, build_wheel
from todo_core.contracts.email_service import EmailServiceContract

_PROMISES = sum(name.startswith("test_") for name in dir(EmailServiceContract))
_ADAPTER = Path("src/acme_mail/pigeon.py")
_FAILED = re.compile(r"^FAILED \S+::(\w+)", re.MULTILINE)
_BREAKS = {
    "test_refused_for_good": (
        "    422: EmailRejected,",
        "    422: EmailUnavailable,",
        "EmailRejected must be raised, not EmailUnavailable",
    ),
    "test_addresses_of_any_language": (
        '"to": mailbox(message.to).addr_spec,',
        '"to": message.to.text,',
        "addresses must be reached",
    ),
    "test_the_message_id_is_kept": (
        '"message_id": message.message_id,',
        '"message_id": f"{id(object())}@acme.example",',
        "the Message-ID must be the message's own",
    ),
    "test_silence_has_a_deadline": (
        "asyncio.timeout(self._settings.timeout)",
        "asyncio.timeout(None)",
        "a provider that does not answer must be given up in time",
    ),
    "test_repr_tells_nothing": (
        "    async def close(self)",
        "    def __repr__(self) -> str:\n        return self._settings.api_key\n\n    async def close(self)",
        "neither a credential nor the recipient nor the message's words may be shown",
    ),
}
"""By the test that must fail: a line of the adapter, what becomes of it, and the promise that is told."""


@pytest.fixture(scope="module")
def folder() -> Generator[Path]:
    """
    Yield an empty folder.
    """
    with TemporaryDirectory(prefix="todo-kit-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """
    Return the wheel of the program.
    """
    return build_wheel(folder)


@pytest.fixture(scope="module")
def environment(folder: Path, wheel: Path) -> Environment:
    """
    Return an environment that has never seen this repository.
    """
    return Environment.make(folder, wheel)


@pytest.fixture(scope="module")
def runs_of_broken_adapters(environment: Environment) -> dict[str, str]:
    """
    Return what the contract run prints for each way to break the adapter, by the test that must fail.
    """
    with ThreadPoolExecutor(2) as both_cores:
        return dict(zip(_BREAKS, both_cores.map(lambda test: _run_broken(environment, test), _BREAKS), strict=True))


def _run_broken(environment: Environment, test: str) -> str:
    good, bad, _ = _BREAKS[test]
    copy = shutil.copytree(environment.folder / "template", environment.folder / test)
    code = (copy / _ADAPTER).read_text(encoding="utf-8")
    assert code.count(good) == 1, good
    (copy / _ADAPTER).write_text(code.replace(good, bad), encoding="utf-8")
    return _contract_run(environment, copy)


def _contract_run(environment: Environment, template: Path) -> str:
    """
    Return what pytest prints about the adapter in *template*, which hides the installed one.
    """
    options = ("-q", "--color=no", "-p", "no:cacheprovider")
    run = environment.python("-m", "pytest", *options, folder=template, PYTHONPATH=str(template / "src"), COLUMNS="400")
    return run.stdout + run.stderr


def test_the_wheel_has_all_that_runs(wheel: Path) -> None:
    """
    Migrations, templates, static files and the marks of typed packages are in it, and every module.
    """
    packed = set(ZipFile(wheel).namelist())
    for source in (ROOT / "src").rglob("*"):
        if source.is_file() and "__pycache__" not in source.parts:
            assert source.relative_to(ROOT / "src").as_posix() in packed, source
    for script in (ROOT / "migrations").rglob("*.py"):
        assert f"todo_adapters/postgres/migrations/{script.relative_to(ROOT / 'migrations').as_posix()}" in packed
    for package in ("todo_core", "todo_adapters", "todo_web"):
        assert f"{package}/py.typed" in packed
    assert any(name.endswith(".txt") and name.startswith("todo_adapters/templates/") for name in packed)
    assert any(name.startswith("todo_web/static/") for name in packed)


def test_the_wheel_has_nothing_else(wheel: Path) -> None:
    """
    No test, no history, no setting and no secret of whoever built it (ASVS 13.4.1, 15.2.3).
    """
    for name in ZipFile(wheel).namelist():
        package, _, rest = name.partition("/")
        source = ROOT / "migrations" / rest.removeprefix("postgres/migrations/")
        assert package.endswith(".dist-info") or (ROOT / "src" / name).is_file() or source.is_file(), name


def test_the_installed_program_finds_its_files(environment: Environment, tmp_path: Path) -> None:
    """
    Far from the repository the program knows its newest schema, its messages and its OpenAPI document.
    """
    program = (
        "import todo_web\n"
        "from todo_adapters.postgres import migrate\n"
        "from todo_adapters.templates import JinjaMessageRenderer\n"
        "from todo_core.model.mail import MailKind\n"
        "from todo_web.app import describe\n"
        "assert 'site-packages' in todo_web.__file__, todo_web.__file__\n"
        "facts = dict(email='a@example.org', link='https://x', minutes='60', expires_at='2026-01-01T13:00:00+00:00')\n"
        "assert JinjaMessageRenderer().render(MailKind.PASSWORD_RESET, locale='en', facts=facts).html\n"
        "assert describe()\n"
        "print(migrate.head())\n"
    )
    run = environment.python("-c", program, folder=tmp_path)
    assert run.returncode == 0, run.stderr
    newest = max((ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    assert newest.name.startswith(run.stdout.strip())


def test_the_template_keeps_its_contract(environment: Environment) -> None:
    """
    The installed adapter passes every test of the contract.
    """
    installed = environment.python("-c", "import acme_mail; print(acme_mail.__file__)", folder=environment.folder)
    assert "site-packages" in installed.stdout
    run = environment.python("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=environment.folder / "template")
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{_PROMISES} passed in " in run.stdout


@pytest.mark.parametrize("test", _BREAKS)
def test_a_broken_promise_is_told(runs_of_broken_adapters: dict[str, str], test: str) -> None:
    """
    An adapter that breaks one promise fails the test of that promise, and no other, which says what was promised.
    """
    told = runs_of_broken_adapters[test]
    _, _, message = _BREAKS[test]
    assert _FAILED.findall(told) == [test], told
    assert message in told
    promise = " ".join((getattr(EmailServiceContract, test).__doc__ or "").split())
    assert promise in " ".join(told.split())


def test_the_program_finds_the_provider(environment: Environment, tmp_path: Path) -> None:
    """
    ``EMAIL_PROVIDER=acme_mail.pigeon`` leads to the adapter, and its wrong settings are told with all others.
    """
    command = (
        "from todo_adapters.email import load_email_service\n"
        "settings = {'PIGEON_API_KEY': 'key', 'PIGEON_FROM_EMAIL': 'todo@acme.example'}\n"
        "print(type(load_email_service('acme_mail.pigeon', settings)).__name__)\n"
    )
    assert environment.python("-c", command, folder=tmp_path).stdout == "PigeonEmailService\n"


def test_the_template_pins_the_contracts() -> None:
    """
    The template names the versions of the program whose contract it keeps.
    """
    ours, theirs = (
        tomllib.loads((place / "pyproject.toml").read_text("utf-8"))["project"] for place in (ROOT, TEMPLATE)
    )
    major, minor, _ = map(int, ours["version"].split("."))
    assert f"todo-app>={major}.{minor},<{major}.{minor + 1}" in theirs["dependencies"]
