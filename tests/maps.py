"""
The maps that lead from what is promised to the tests that show it, and the pages that are written from them.

``security.toml`` has the promises of our own, ``asvs.toml`` the requirements of OWASP ASVS 5.0.0 in our words.
``python -m tests.maps`` writes the pages into the repository; ``tests/unit/test_maps.py`` sees that each test
that is named exists. Tests are read and never imported for it.
"""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeGuard

from attrs import frozen

ROOT = Path(__file__).parents[1]

KINDS = {
    "written": "a page says it",
    "built so": "it follows from how the program is built, and no test looks",
    "not here": "there is no such thing in this program",
    "operator": "whoever runs the service sees to it",
    "process": "whoever works on the program sees to it",
    "measured": "a benchmark looks, for it is about time",
    "gap": "we do not hold it, or do not show it",
}
"""How a reason begins, and what that means."""

_NOTE = "<!-- Written by `just reference`; change {source} instead. -->"


@frozen
class Entry:
    """
    One promise or requirement: what it is in our words, the tests that show it, the reason why none or not all do.
    """

    key: str
    says: str
    tests: Sequence[str] = ()
    reason: str = ""

    @property
    def kind(self) -> str:
        """
        The word that the reason begins with.
        """
        return self.reason.partition(":")[0]


@frozen
class Part:
    """
    The entries under one heading.
    """

    title: str
    entries: Sequence[Entry]


def read_map(name: str) -> Sequence[Part]:
    """
    Return the parts of the map ``tests/{name}.toml``.
    """
    with (ROOT / "tests" / f"{name}.toml").open("rb") as file:
        parts = tomllib.load(file)["part"]
    return [Part(part["title"], [Entry(key, **entry) for key, entry in part["rows"].items()]) for part in parts]


def levels() -> Mapping[str, int]:
    """
    Return the level of each requirement of the chapters that we map.
    """
    with (ROOT / "tests" / "asvs-levels.toml").open("rb") as file:
        return {key: int(level) for level, keys in tomllib.load(file).items() for key in keys}


def entries_of(parts: Iterable[Part]) -> Iterator[Entry]:
    """
    Yield every entry, in order.
    """
    for part in parts:
        yield from part.entries


def missing(entries: Iterable[Entry]) -> Iterator[str]:
    """
    Yield what is wrong with each of the entries' tests that is not there.
    """
    for entry in entries:
        for test in entry.tests:
            file, _, name = test.partition("::")
            path = ROOT / file
            if not file.startswith("tests/") or not path.is_file():
                yield f"{entry.key}: there is no file {file}"
            elif name not in _tests_in(path):
                yield f"{entry.key}: there is no test {test}"


@cache
def _tests_in(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in _parsed(path).body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            found |= {node.name, *(f"{node.name}::{test}" for test in _tests_of(node, path))}
        elif _is_test(node):
            found.add(node.name)
    return frozenset(found)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _is_test(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")


def _tests_of(found: ast.ClassDef, path: Path) -> Iterator[str]:
    """
    Yield the tests of a class and of its bases, wherever those stand.
    """
    yield from (member.name for member in found.body if _is_test(member))
    for base in found.bases:
        if isinstance(base, ast.Name):
            yield from _tests_of_name(base.id, path)


def _tests_of_name(name: str, path: Path) -> Iterator[str]:
    for node in _parsed(path).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            yield from _tests_of(node, path)
        elif isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            place = Path(*(node.module or "").split(".")).with_suffix(".py")
            for source in (ROOT / place, ROOT / "src" / place):
                if source.is_file():
                    yield from _tests_of_name(name, source)


def pages() -> Mapping[str, str]:
    """
    Return each page's text by its path in the repository.
    """
    return {
        "docs/reference/security-promises.md": _security_page(read_map("security")),
        "docs/reference/asvs.md": _asvs_page(read_map("asvs"), levels()),
    }


def _security_page(parts: Sequence[Part]) -> str:
    lines = [
        "# Security promises",
        "",
        _NOTE.format(source="tests/security.toml"),
        "",
        "What is promised, and the tests that show it. The [security model](../explanation/security-model.md) tells",
        "why, the [threat model](../explanation/threat-model.md) against whom; [ASVS](asvs.md) is the same by a",
        "standard's numbers. A test sees that each test that is named here exists.",
        *_legend(parts),
    ]
    for part in parts:
        lines += ["", f"## {part.title}", "", "| | Promise | Shown by |", "| --- | --- | --- |"]
        lines += [f"| {entry.key} | {entry.says} | {_shown(entry)} |" for entry in part.entries]
    return "\n".join(lines) + "\n"


def _asvs_page(parts: Sequence[Part], by_key: Mapping[str, int]) -> str:
    lines = [
        "# ASVS",
        "",
        _NOTE.format(source="tests/asvs.toml"),
        "",
        "The requirements of the OWASP [Application Security Verification Standard](https://github.com/OWASP/ASVS)",
        "5.0.0 at the levels 1 and 2, and those of level 3 that we hold: what is done about each, in our words, and",
        "the tests that show it. The numbers are the standard's; its words are not repeated here, so have it beside",
        "you. The chapters about encoding (1), files (5), OAuth (10) and WebRTC (17) are not mapped: no files are",
        "taken from anybody, the last two are not here, and of the first the",
        "[security promises](security-promises.md) have what concerns mail, SQL and HTML. A test sees that no",
        "requirement is forgotten and that each test exists.",
        *_legend(parts),
    ]
    for part in parts:
        lines += ["", f"## {part.title}", "", "| | Level | What is done | Shown by |", "| --- | --- | --- | --- |"]
        lines += [f"| {e.key} | {by_key.get(e.key, '?')} | {e.says} | {_shown(e)} |" for e in part.entries]
    return "\n".join(lines) + "\n"


def _legend(parts: Sequence[Part]) -> list[str]:
    entries = list(entries_of(parts))
    kinds = Counter(entry.kind for entry in entries if entry.reason)
    lines = [
        "",
        f"Of {len(entries)}, {sum(bool(entry.tests) for entry in entries)} are shown by tests. Where a reason stands",
        "instead of tests or beside them, it begins with its kind:",
        "",
        "| | Means | How often |",
        "| --- | --- | --- |",
    ]
    return lines + [f"| **{kind}** | {meaning} | {kinds[kind]} |" for kind, meaning in KINDS.items() if kinds[kind]]


def _shown(entry: Entry) -> str:
    shown = [_link(test) for test in entry.tests]
    if entry.reason:
        shown.append(f"**{entry.kind}:**{entry.reason.partition(':')[2]}")
    return "<br>".join(shown)


def _link(test: str) -> str:
    file, _, name = test.partition("::")
    return f"[{name.rpartition('::')[2]}](../../{file})"


def _write() -> None:
    for path, text in pages().items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write()
