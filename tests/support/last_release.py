"""
The last release, tried on the schema of this tree: while a new version rolls out, the old one runs on it.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

_RELEASE = re.compile(r"v\d+\.\d+\.\d+")

_OF_THE_SCHEMA_ITSELF = ("test_migrations.py", "test_postgres_plans.py", "test_embedded.py", "test_last_release.py")
"""What the old version says of its own schema need not be so of the next."""

_ASKS_POSTGRES = re.compile(r"PostgresUnitOfWork|\bengine\b")


def git(root: Path, *arguments: str) -> bytes | None:
    """
    Return what git says in the repository at *root*, or None where there is no git, no repository or no such thing.
    """
    if shutil.which("git") is None or not (root / ".git").exists():
        return None
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False, timeout=60)  # noqa: S603, S607 - whichever git there is, with arguments of ours
    return done.stdout if done.returncode == 0 else None


def newest_release(root: Path) -> str | None:
    """
    Return the newest tag like v1.2.3 before what is checked out at *root*, or None.
    """
    said = git(root, "tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname") or b""
    return next((tag for tag in said.decode().split() if _RELEASE.fullmatch(tag)), None)


def exported(root: Path, tag: str, folder: Path) -> Path:
    """
    Return *folder* with the tree as it was at *tag*.
    """
    archive = git(root, "archive", tag)
    assert archive is not None, f"{tag} cannot be read"
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(folder, filter="data")
    return folder


def has_the_same_schema(old: Path, new: Path) -> bool:
    """
    Tell whether two trees have the same migrations.
    """
    return _migrations(old) == _migrations(new)


def try_on_new_schema(
    old: Path, new: Path, *, server_url: str, only: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """
    Run contract tests of the *old* tree, on its own code and on the schema of the *new* one.

    Those that ask PostgreSQL are run, or of them *only* some, by the names of their files.
    """
    shutil.rmtree(old / "migrations")
    shutil.copytree(new / "migrations", old / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COVERAGE"))}
    return subprocess.run(  # noqa: S603 - our own tests, of a tag of our own
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *(only or _that_ask_postgres(old))],
        cwd=old,
        env={**kept, "PYTHONPATH": str(old / "src"), "TEST_DATABASE_URL": server_url, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )


def _that_ask_postgres(tree: Path) -> list[str]:
    found = sorted((tree / "tests" / "contract").glob("test_*.py"))
    return [
        str(path.relative_to(tree))
        for path in found
        if path.name not in _OF_THE_SCHEMA_ITSELF and _ASKS_POSTGRES.search(path.read_text("utf-8"))
    ]


def _migrations(tree: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (tree / "migrations" / "versions").glob("*.py")}
