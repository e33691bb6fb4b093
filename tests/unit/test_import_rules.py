import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = {
    rule["id"]: rule["name"]
    for rule in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
VIOLATIONS = {
    "floors": ("todo_adapters/clock.py", "import todo_web.version"),
    "core": ("todo_core/ports/services.py", "import todo_core.use_cases"),
    "pure": ("todo_core/use_cases/courier.py", "import logging"),
    "composition": ("todo_web/app.py", "import todo_adapters.clock"),
    "second-door": ("todo_web/cli/mine/service.py", "import todo_web.logs"),
    "adapters": ("todo_adapters/clock.py", "import todo_adapters.randomness"),
    "cycles": ("todo_core/model/email.py", "import todo_core.model.password"),
}


def lint(source):
    """
    Check the packages in the folder *source* against the rules of the project.
    """
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(  # noqa: S603 - the project's own linter on the project's own files
        [linter, "--config", ROOT / "pyproject.toml", "--no-cache", "--no-logo"],
        cwd=source,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    """
    Return the folder of a copy of the packages.
    """
    return shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static"))


def test_the_house_keeps_its_rules():
    """
    Who may know whom is written down in pyproject.toml.
    """
    result = lint(ROOT / "src")
    assert result.returncode == 0, result.stdout
    assert f"Contracts: {len(RULES)} kept, 0 broken." in result.stdout


def test_every_rule_has_been_seen_to_break():
    """
    A rule that cannot break is none.
    """
    assert VIOLATIONS.keys() == RULES.keys()


@pytest.mark.parametrize("rule", VIOLATIONS)
def test_a_rule_breaks_when_it_is_violated(rule, copy):
    """
    One import that must not be suffices.
    """
    name, violation = VIOLATIONS[rule]
    module = copy / name
    module.write_text(f"{module.read_text()}{violation}\n")
    result = lint(copy)
    assert result.returncode == 1
    assert f"{RULES[rule]} BROKEN" in result.stdout


def test_a_new_part_of_the_core_must_be_given_a_place(copy):
    """
    Nothing stands in the core without a layer of its own.
    """
    (copy / "todo_core" / "helpers.py").touch()
    assert f"{RULES['core']} BROKEN" in lint(copy).stdout
