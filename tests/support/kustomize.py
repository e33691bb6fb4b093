"""
Kustomize, on its own or in kubectl, and the judge of what it writes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"


def kustomize(folder: Path) -> str:
    """
    Return what is written from a *folder*; without the program the test is skipped, or fails in CI.
    """
    for program, command in (("kustomize", "build"), ("kubectl", "kustomize")):
        if (found := shutil.which(program)) is not None:
            run = subprocess.run(  # noqa: S603 - on our own files
                [found, command, folder], capture_output=True, text=True, timeout=60, check=False
            )
            assert run.returncode == 0, run.stderr
            return run.stdout
    assert "CI" not in os.environ, "neither kustomize nor kubectl is installed"
    pytest.skip("neither kustomize nor kubectl is installed")


def resources(text: str) -> list[dict[str, Any]]:
    """
    Return the resources in a *text*.
    """
    return [resource for resource in yaml.safe_load_all(text) if resource]


def judged(text: str, folder: Path) -> tuple[int, str]:
    """
    Return what kubernetes-validate says of it: unknown fields are faults, as they are for a server that is strict.
    """
    path = folder / "rendered.yaml"
    path.write_text(text, "utf-8")
    run = subprocess.run(  # noqa: S603 - on our own files
        [Path(sys.executable).with_name("kubernetes-validate"), "--strict", "--quiet", "--no-warn", path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr
