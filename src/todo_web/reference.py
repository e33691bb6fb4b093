"""
The reference pages that are written from the code, so that they cannot say anything else.

``python -m todo_web.reference`` writes them into the repository; a test sees that they are up to date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

import click

from todo_web import cli, problems
from todo_web.metrics.catalog import GROUPS, Metric
from todo_web.openapi import problems_of
from todo_web.operations import Access
from todo_web.promises import contracts_page
from todo_web.routes import OPERATIONS
from todo_web.settings.catalog import Setting, catalog

_WHO = {Access.SESSION: "logged in", Access.SIGNED: "whoever signs it", Access.TOKEN: "whoever bears its token"}
_NOTE = "<!-- Written by `just reference`; change the code instead. -->"


def pages() -> Mapping[str, str]:
    """
    Return each page's text by its path in the repository.
    """
    return {
        ".env.example": _env_example(),
        "docs/reference/settings.md": _settings(),
        "docs/reference/problems.md": _problems(),
        "docs/reference/operations.md": _operations(),
        "docs/reference/command-line.md": _command_line(),
        "docs/reference/metrics.md": _metrics(),
        "docs/reference/contracts.md": contracts_page(_NOTE),
    }


def _groups() -> Iterable[tuple[str, list[Setting]]]:
    for group, settings in groupby(catalog(), key=lambda setting: setting.group):
        yield group, list(settings)


def _env_example() -> str:
    lines = [
        "# Copy to .env; it is read in development only. Every NAME can be given as NAME_FILE instead: the path of a",
        "# file that holds the value. docs/reference/settings.md tells more. Written by `just reference`.",
    ]
    for group, settings in _groups():
        lines += ["", f"# --- {group} ---"]
        for setting in settings:
            lines += [f"# {setting.help.replace('`', '')}", f"# {setting.name}={setting.default}"]
    return "\n".join(lines) + "\n"


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        _NOTE,
        "",
        "Everything is set by environment variables. In development a `.env` file in the current folder is read too;",
        "the environment wins. Every `NAME` can be given as `NAME_FILE` instead: the path of a file that holds the",
        "value, as secrets are mounted into containers. An empty variable counts as unset. What is wrong is told all",
        "at once, by name and never by value.",
    ]
    for group, settings in _groups():
        lines += ["", f"## {group}", "", "| Setting | Default | Meaning |", "| --- | --- | --- |"]
        lines += [f"| `{s.name}` | {_code(s.default)} | {s.help}{_secrecy(s)} |" for s in settings]
    return "\n".join(lines) + "\n"


def _secrecy(setting: Setting) -> str:
    return " **Secret.**" if setting.secret else ""


def _code(text: str) -> str:
    return f"`{text}`" if text else "-"


def _problems() -> str:
    lines = [
        "# Problems",
        "",
        _NOTE,
        "",
        "Every error is an RFC 9457 problem, `application/problem+json`, with `type`, `title`, `status`, `instance`",
        "(the id the log knows the request by) and, for `invalid-input`, `errors`: a JSON Pointer and a sentence for",
        "each wrong value. `type` is the URL of a page that says what stands here.",
        "",
        "| Status | Slug | Title | What to do |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {p.status} | `{p.slug}` | {p.title} | {p.help} |" for p in problems.ALL]
    return "\n".join(lines) + "\n"


def _operations() -> str:
    lines = [
        "# Operations",
        "",
        _NOTE,
        "",
        "What can be asked over HTTP. Bodies and answers are described in full at `/docs` and in",
        "`/api/v1/openapi.json`.",
    ]
    for tag in dict.fromkeys(operation.tag for operation in OPERATIONS):
        lines += ["", f"## {tag}", "", "| Request | What it does | Who | Answers |", "| --- | --- | --- | --- |"]
        for operation in OPERATIONS:
            if operation.tag == tag:
                statuses = sorted(
                    {answer.status for answer in operation.answers} | {p.status for p in problems_of(operation)}
                )
                answers = ", ".join(map(str, statuses))
                who = _WHO.get(operation.access, "anybody")
                lines.append(f"| `{operation.method} {operation.path}` | {operation.summary} | {who} | {answers} |")
    return "\n".join(lines) + "\n"


def _command_line() -> str:
    lines = ["# Command line", "", _NOTE]
    for path, command in _commands(cli.main, "todo"):
        context = click.Context(command, info_name=path)
        lines += ["", f"## `{path}`", "", "```text", command.get_help(context), "```"]
    return "\n".join(lines) + "\n"


def _metrics() -> str:
    lines = [
        "# Metrics",
        "",
        _NOTE,
        "",
        "What `GET /metrics` tells, for those who [watch the service](../how-to/watch-it.md). Where several processes",
        "serve behind one port, a counter or a histogram is that of all of them together, and a gauge as its column",
        "says.",
    ]
    for group, metrics in GROUPS.items():
        lines += ["", f"## {group}", "", "| Metric | Kind | Labels | Of | Meaning |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| `{metric.name}` | {metric.kind.value} | {_labels(metric)} | {metric.across.value} | {metric.help} |"
            for metric in metrics
        ]
    return "\n".join(lines) + "\n"


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{label}`" for label in metric.labels) or "-"


def _commands(command: click.Command, path: str) -> Iterable[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from _commands(child, f"{path} {name}")


def _write(root: Path) -> None:
    for path, text in pages().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write(Path.cwd())
