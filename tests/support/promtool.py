"""
``promtool``, which judges rules as Prometheus reads them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def promtool(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """
    Run it in *folder*; without it the test is skipped, or fails where nothing may be left out.
    """
    program = shutil.which("promtool")
    if program is None:
        assert "CI" not in os.environ, "promtool is not installed"
        pytest.skip("promtool is not installed (Debian: prometheus)")
    return subprocess.run(  # noqa: S603 - on our own files
        [program, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
