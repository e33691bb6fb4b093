"""
What runs at GitHub: least rights, nothing that others could move, and the commands that everybody runs.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = sorted((ROOT / ".ci").iterdir())
TESTS = (ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8")

CHECKOUT = "uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1"
PLANTED = {
    "unpinned-uses": (CHECKOUT, "uses: actions/checkout@v7"),
    "template-injection": ("run: uv sync --locked", "run: echo ${{ github.head_ref }}"),
    "artipacked": ("persist-credentials: false", "persist-credentials: true"),
    "excessive-permissions": ("permissions: {}", "permissions: write-all"),
    "dangerous-triggers": ("  pull_request:\n", "  pull_request_target:\n"),
}
"""Faults by the audit that has to find each: what stands in tests.yml, and what is planted there."""

CHANGELOG = """
## Unreleased

* later

## 1.2.3 - 2026-12-01

### Added

* now

## 1.2.2 - 2026-11-01

* before
"""


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """
    Run a tool of the lock file.
    """
    return subprocess.run(  # noqa: S603 - of the lock file
        [Path(sys.executable).with_name(name), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def zizmor(folder: Path) -> set[str]:
    """
    Return the audits that find something below *folder*, without the network, as the strictest there is would.
    """
    audited = tool("zizmor", "--offline", "--quiet", "--persona=auditor", "--no-ignores", "--format=json", folder)
    return {found["ident"] for found in json.loads(audited.stdout)}


def steps() -> Iterator[dict[str, Any]]:
    """
    Yield every step of every workflow.
    """
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            yield from job.get("steps", ())


def test_zizmor_finds_nothing():
    """
    The strictest audit of workflows and of Dependabot's settings has nothing to say, and nothing is kept from it.
    """
    assert zizmor(ROOT / ".github") == set()


@pytest.mark.parametrize("audit", PLANTED)
def test_zizmor_would_find(tmp_path, audit):
    """
    A fault that is planted is found: an action by its tag, a stranger's words in a command, a token left lying about.
    """
    sound, fault = PLANTED[audit]
    assert sound in TESTS
    planted = tmp_path / ".github" / "workflows" / "tests.yml"
    planted.parent.mkdir(parents=True)
    planted.write_text(TESTS.replace(sound, fault, 1), "utf-8")
    assert audit in zizmor(tmp_path)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_as_github_wants_them(path):
    """
    Each workflow is one by GitHub's schema, and each of its jobs ends by itself if it hangs.
    """
    for schema in ("vendor.github-workflows", "custom.github-workflows-require-timeout"):
        checked = tool("check-jsonschema", "--builtin-schema", schema, path)
        assert checked.returncode == 0, checked.stdout


def test_the_schemas_would_find_a_misspelt_key(tmp_path):
    """
    ``run-on`` instead of ``runs-on`` is found, and so is a job without an end.
    """
    planted = tmp_path / "tests.yml"
    for fault, schema in (
        ("runs-on", "vendor.github-workflows"),
        ("timeout-minutes", "custom.github-workflows-require-timeout"),
    ):
        planted.write_text(TESTS.replace(f"{fault}:", f"{fault[:-1]}x:", 1), "utf-8")
        assert tool("check-jsonschema", "--builtin-schema", schema, planted).returncode == 1


def test_dependabot_waits_a_week():
    """
    Its settings are as GitHub wants them; every kind of package is looked after, and new versions lie for a week.
    """
    path = ROOT / ".github" / "dependabot.yml"
    assert tool("check-jsonschema", "--builtin-schema", "vendor.dependabot", path).returncode == 0
    kinds = {update["package-ecosystem"]: update for update in yaml.safe_load(path.read_text("utf-8"))["updates"]}
    assert set(kinds) == {"uv", "npm", "github-actions", "docker"}
    assert all(update["cooldown"]["default-days"] == 7 for update in kinds.values())


def test_every_action_is_pinned_once():
    """
    An action is named by its whole commit, with its version beside it, and is the same wherever it is used.
    """
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for line in re.findall(r"uses: (.+)$", path.read_text("utf-8"), re.MULTILINE):
            if not line.startswith("$/"):
                assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line), line
                pins.setdefault(line.partition("@")[0], set()).add(line)
    assert pins
    assert [pin for pin in pins.values() if len(pin) != 1] == []


def test_what_is_run_here_is_run_there():
    """
    Each command of .ci/run is a step of the tests; what the tests run with uv is one of .ci/run, or a part of it.
    """
    here = {line for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines() if line.startswith("uv ")}
    there = {
        re.sub(r"^\.ci/\S+ \S+ ", "", step["run"])
        for job in yaml.safe_load(TESTS)["jobs"].values()
        for step in job["steps"]
        if " uv " in f" {step.get('run', '')}"
    }
    assert here
    assert {command for command in here if not any(other.startswith(command) for other in there)} == set()
    assert {command for command in there if not any(command.startswith(other) for other in here)} == set()


def test_every_python_and_postgresql_is_tried():
    """
    The oldest Python is the one that the package asks for; each PostgreSQL from 15 on has its turn.
    """
    jobs = yaml.safe_load(TESTS)["jobs"]
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert jobs["tests"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert jobs["postgresql"]["strategy"]["matrix"]["postgresql"] == ["15", "16", "17", "18"]


def test_scripts_and_steps_are_sound_shell():
    """
    Neither what is run here nor what is run there has a fault that shellcheck knows.
    """
    checked = tool("shellcheck", *SCRIPTS)
    assert checked.returncode == 0, checked.stdout
    for step in steps():
        if "run" in step:
            run = subprocess.run(  # noqa: S603 - of the lock file
                [Path(sys.executable).with_name("shellcheck"), "--shell=bash", "-"],
                input=re.sub(r"\$\{\{.*?\}\}", "x", step["run"]),
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("tag", "fault"),
    [("v1.2.3", None), ("v1.2.4", "The tag is v1.2.4"), ("1.2.3", "The tag is 1.2.3"), ("v1.3.0", "has no section")],
)
def test_a_release_needs_tag_version_and_changelog(tmp_path, tag, fault):
    """
    A tag is released only as the package's own version, and with something to say in the changelog, which is told.
    """
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(ROOT / ".ci" / "release-notes", tmp_path / ".ci")
    version = "1.3.0" if tag == "v1.3.0" else "1.2.3"
    (tmp_path / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    told = subprocess.run([script, tag], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - our own
    assert (told.returncode == 0) is (fault is None)
    if fault is None:
        assert told.stdout.split() == ["###", "Added", "*", "now"]
    else:
        assert fault in told.stderr
