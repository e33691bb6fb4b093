"""
The program as a package: built, and installed where nothing else is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "examples" / "mail-adapter-template"


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """
    Run *command* to its end, with nothing of this environment's Python in it.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    return subprocess.run(  # noqa: S603 - tools that the tests name themselves
        command, cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=120, check=False
    )


def uv(*arguments: str | Path) -> str:
    """
    Return what a uv command prints; uv is what the project is set up with, so it is there.
    """
    program = shutil.which("uv")
    assert program is not None, "install uv: CONTRIBUTING.md tells how"
    done = run(program, *arguments, folder=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def build_wheel(folder: Path) -> Path:
    """
    Return the program's wheel, built into *folder*.
    """
    uv("build", "--wheel", "--quiet", "--out-dir", folder, ROOT)
    (wheel,) = folder.glob("todo_app-*.whl")
    return wheel


@frozen
class Environment:
    """
    A virtual environment with the *wheel* and the template in it, in the versions of uv.lock.
    """

    folder: Path

    @classmethod
    def make(cls, folder: Path, wheel: Path) -> Environment:
        """
        Make it in *folder*, which is empty.
        """
        template = shutil.copytree(TEMPLATE, folder / "template", ignore=shutil.ignore_patterns(".*", "__pycache__"))
        locked = folder / "locked.txt"
        locked.write_text(uv("export", "--frozen", "--no-hashes", "--no-emit-project", "--quiet"), encoding="utf-8")
        uv("venv", "--quiet", "--python", sys.executable, folder / "venv")
        python = folder / "venv" / "bin" / "python"
        uv("pip", "install", "--quiet", "--python", python, "--constraint", locked, wheel, f"{template}[test]")
        return cls(folder)

    def python(self, *arguments: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """
        Run its Python in *folder*.
        """
        return run(self.folder / "venv" / "bin" / "python", *arguments, folder=folder, **environment)
