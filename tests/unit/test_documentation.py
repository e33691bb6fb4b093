"""
What the documents say must be there: pages, headings, commands, settings, ports, decisions.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

import todo_adapters
from todo_core import ports
from todo_web.cli import main
from todo_web.settings.catalog import catalog

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = ROOT / "docs" / "decisions"
PORTS = [
    port
    for _, port in inspect.getmembers(ports, inspect.isclass)
    if port.__module__.startswith(f"{ports.__name__}.") and getattr(port, "_is_protocol", False)
]

OTHERS_NAMES = {
    "BYDAY": "of rules that repeat, RFC 5545",
    "FREQ": "as BYDAY",
    "BYHOUR": "as BYDAY",
    "BYMINUTE": "as BYDAY",
    "BYMONTHDAY": "as BYDAY",
    "INTERVAL": "as BYDAY",
    "COUNT": "as BYDAY",
    "UNTIL": "as BYDAY",
    "WKST": "as BYDAY",
    "NO_COLOR": "a convention of terminals, https://no-color.org",
    "NAME_FILE": "stands for any setting's name and _FILE",
    "SSL_CERT_FILE": "OpenSSL's own",
    "TEST_DATABASE_URL": "read by the tests only",
}
"""Names that look like settings and are none of the program's, with the reason why documents may name them."""

EXAMPLES = ("PIGEON_",)
"""Prefixes of the settings of providers that are made up on a page."""

_FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_SETTING = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b|(?<!\w)([A-Z]{2,})=")
_COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ +)*(?:uv run )?(?:todo|just)\b.*$", re.MULTILINE)
_RECIPE = re.compile(r"^([a-z][\w-]*)(?: [^:=\n]*)?:(?!=)", re.MULTILINE)


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def page(request):
    """
    Return each page of the repository, in turn.
    """
    return request.param


def prose_of(page: Path) -> str:
    """
    Return the text of *page* without its blocks of code.
    """
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def code_of(page: Path) -> str:
    """
    Return all that stands as code on *page*, a piece a line, shell lines that go on put together.
    """
    text = page.read_text(encoding="utf-8")
    blocks = [block for language, block in _FENCE.findall(text) if language in {"sh", "console", "dotenv"}]
    return "\n".join([*blocks, *_SPAN.findall(prose_of(page))]).replace("\\\n", " ")


def anchors_of(page: Path) -> set[str]:
    """
    Return what GitHub calls the headings of *page*.
    """
    anchors: set[str] = set()
    for heading in _HEADING.findall(prose_of(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        taken = sum(
            anchor == slug or re.fullmatch(f"{re.escape(slug)}-[0-9]+", anchor) is not None for anchor in anchors
        )
        anchors.add(f"{slug}-{taken}" if taken else slug)
    return anchors


def commands_of(page: Path) -> Iterator[list[str]]:
    """
    Yield the words of each ``todo`` or ``just`` command on *page*, up to the first that the shell would take.
    """
    for line in _COMMAND.findall(code_of(page)):
        command = re.split(r" [#|>&]|[;)]", line)[0]
        words = shlex.split(command.removeprefix("$ "))
        while words[0] not in {"todo", "just"}:
            del words[0]
        yield words


def fault_of_todo(words: list[str]) -> str | None:
    """
    Return what is wrong with the *words* behind ``todo``, if anything is.
    """
    command: click.Command = main
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            options = [option for option in command.get_params(click.Context(command)) if word in option.opts]
            if not options:
                return f"{command.name} has no option {word}"
            if not getattr(options[0], "is_flag", False):
                next(rest, None)
        elif isinstance(command, click.Group):
            if word not in command.commands:
                return f"{command.name} has no command {word}"
            command = command.commands[word]
        elif not any(isinstance(parameter, click.Argument) for parameter in command.params):
            return f"{command.name} takes no argument, such as {word}"
    return None


def test_every_link_leads_somewhere(page):
    """
    A relative link names a file of the repository and, behind #, one of its headings.
    """
    for link in _LINK.findall(prose_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: there is no such file"
        assert target.is_relative_to(ROOT), f"{link}: leaves the repository"
        assert not anchor or anchor in anchors_of(target), f"{link}: that page has no such heading"


def test_every_command_exists(page):
    """
    A ``todo`` command is one of the program, with its options and arguments; a ``just`` recipe is in the justfile.
    """
    recipes = set(_RECIPE.findall((ROOT / "justfile").read_text(encoding="utf-8")))
    for program, *words in commands_of(page):
        if program == "todo":
            assert fault_of_todo(words) is None, f"todo {' '.join(words)}: {fault_of_todo(words)}"
        elif words and not words[0].startswith("-"):
            assert words[0] in recipes, f"just {words[0]}: the justfile has no such recipe"


def test_every_setting_exists(page):
    """
    What looks like a setting is in the catalogue, or is somebody else's for a reason.
    """
    settings = {setting.name for setting in catalog()}
    for pair in _SETTING.findall(code_of(page)):
        name = "".join(pair)
        known = name in settings or name.removesuffix("_FILE") in settings or name in OTHERS_NAMES
        assert known or name.startswith(EXAMPLES), f"{name}: there is no such setting"


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_the_list_of_ports_is_complete(port):
    """
    Each port stands in docs/reference/ports.md, in one row with its contract and every adapter in the tree.
    """
    for module in pkgutil.walk_packages(todo_adapters.__path__, "todo_adapters."):
        importlib.import_module(module.name)
    rows = [
        row
        for row in (ROOT / "docs" / "reference" / "ports.md").read_text(encoding="utf-8").splitlines()
        if row.startswith(f"| `{port.__name__}` |")
    ]
    assert len(rows) == 1, f"ports.md has {len(rows)} rows for {port.__name__}"
    assert f"`{port.__name__}Contract`" in rows[0]
    for adapter in port.__subclasses__():
        if adapter.__module__.startswith("todo_adapters."):
            name = f"`{adapter.__module__.removeprefix('todo_adapters.')}.{adapter.__name__}`"
            assert name in rows[0], f"ports.md does not name {name}"


def test_every_decision_is_listed():
    """
    The index has a row for each decision, with its number and title, in order.
    """
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| \[(.+)\]\((.+)\) \|$", index, re.MULTILINE)
    pages = sorted(DECISIONS.glob("[0-9]*.md"))
    titles = [_HEADING.findall(page.read_text(encoding="utf-8"))[0] for page in pages]
    assert [(f"{number}. {title}", name) for number, title, name in rows] == [
        (title, page.name) for title, page in zip(titles, pages, strict=True)
    ]
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]


def _logged() -> Iterator[str]:
    for path in (ROOT / "src").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and re.search(r"\b_?log\b", ast.unparse(call.func)) and call.args:
                said = [part.value for part in ast.walk(call.args[0]) if isinstance(part, ast.Constant)]
                yield from (str(words).rstrip(": ") for words in said if words is not None)


def test_every_event_of_the_log_is_listed():
    """
    docs/reference/logs.md has a row for each event that the program logs, and for no other.
    """
    page = (ROOT / "docs" / "reference" / "logs.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(set(_logged()))
