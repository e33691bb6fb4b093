"""
The program as a package: built, and installed where nothing else is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
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


@cache
def uv_itself() -> str:
    """
    Return where uv is, which needs nothing else on the path; what the path has can be a script that looks for it.

    It is what the project is set up with, so it is there.
    """
    found = shutil.which("uv")
    assert found is not None, "install uv: CONTRIBUTING.md tells how"
    return run(found, "run", "--quiet", "--no-project", "sh", "-c", "echo $UV", folder=ROOT).stdout.strip()


def try_uv(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """
    Run a uv command to its end.
    """
    return run(uv_itself(), *arguments, folder=ROOT, **environment)


def uv(*arguments: str | Path, **environment: str) -> str:
    """
    Return what a uv command prints.
    """
    done = try_uv(*arguments, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def build_wheel(folder: Path, *, root: Path = ROOT, options: Sequence[str] = (), **environment: str) -> Path:
    """
    Return the program's wheel, built into *folder* from the tree at *root*.
    """
    python = ("--python", sys.executable)
    uv("build", "--wheel", "--quiet", *python, *options, "--out-dir", folder, root, **environment)
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
