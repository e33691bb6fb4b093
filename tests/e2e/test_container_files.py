"""
What the container is built and tried with, as tools that know such files judge it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.engines import ROOT, call
from todo_web.settings.catalog import catalog

BIN = Path(sys.executable).parent


def judged_by_hadolint(dockerfile: Path) -> str:
    """
    Return what hadolint has against a Dockerfile.
    """
    return call(BIN / "hadolint", "--no-color", dockerfile, check=False).stdout


def judged_by_schema(compose: Path) -> tuple[int, str]:
    """
    Return the verdict of the schema of the Compose specification on a file.
    """
    done = call(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", compose, check=False)
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """
    Return the services of ``compose.yaml``.
    """
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"])


def test_hadolint_has_nothing_against_the_dockerfile() -> None:
    """
    No rule is broken but those that are named there, with the reason.
    """
    assert judged_by_hadolint(ROOT / "Dockerfile") == ""


def test_hadolint_sees_a_fault(tmp_path: Path) -> None:
    """
    A command in the shell's form, which would not be told of SIGTERM, is found.
    """
    broken = tmp_path / "Dockerfile"
    broken.write_text((ROOT / "Dockerfile").read_text("utf-8").replace('CMD ["serve"]', "CMD serve"), "utf-8")
    assert "DL3025" in judged_by_hadolint(broken)


def test_the_compose_file_keeps_to_its_schema() -> None:
    """
    Compose would take it.
    """
    assert judged_by_schema(ROOT / "compose.yaml")[0] == 0


def test_the_schema_sees_a_fault(tmp_path: Path) -> None:
    """
    A condition that there is not is found.
    """
    broken = tmp_path / "compose.yaml"
    text = (ROOT / "compose.yaml").read_text("utf-8")
    broken.write_text(text.replace("condition: service_healthy", "condition: service_well"), "utf-8")
    code, output = judged_by_schema(broken)
    assert (code, "service_well" in output) == (1, True)


def test_the_compose_file_names_settings_that_there_are(services: dict[str, Any]) -> None:
    """
    What the program is told there is in the catalogue of settings.
    """
    known = {setting.name for setting in catalog()}
    assert services["app"]["environment"].keys() <= known


def test_nothing_starts_before_what_it_needs(services: dict[str, Any]) -> None:
    """
    The program waits for the schema, the schema for the database; each that is waited for says when it is well.
    """
    assert services["app"]["depends_on"]["migrations"] == {"condition": "service_completed_successfully"}
    assert services["migrations"]["depends_on"]["database"] == {"condition": "service_healthy"}
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert wanted["condition"] != "service_healthy" or "healthcheck" in services[name], name


def test_what_is_not_ours_has_a_version(services: dict[str, Any]) -> None:
    """
    Each image of somebody else's is named with its version, and what it publishes only this machine can reach.
    """
    for name, service in services.items():
        assert service["image"] == "todo:local" or re.search(r":v?\d+\.\d+", service["image"]), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_only_what_is_named_reaches_the_build() -> None:
    """
    ``.dockerignore`` shuts everything out and lets in by name, so what comes to lie about stays out.
    """
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert {line for line in lines if line.startswith("!")} == {
        "!LICENSE",
        "!README.md",
        "!deploy/container/slim.py",
        "!frontend",
        "!hatch_build.py",
        "!migrations",
        "!pyproject.toml",
        "!src",
        "!uv.lock",
    }
    assert "**/.*" in lines
