"""
A schema serves the version before it, too: while a new version rolls out, both are there (expand, then contract).
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.last_release import exported, git, has_the_same_schema, newest_release, try_on_new_schema
from todo_adapters.postgres import migrate

ROOT = Path(__file__).parents[2]
NEEDED = ("src", "tests", "migrations", "pyproject.toml")
NOT_NEEDED = shutil.ignore_patterns("__pycache__", "ui", "static")
ONE = ("tests/contract/test_suppression_store.py",)

MIGRATION = '''"""
Planted.
"""

from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.execute("{change}")
'''
EXPANDS = """
    ALTER TABLE suppressions ADD COLUMN remark text;
    CREATE TABLE remarks (id uuid PRIMARY KEY, owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE)
"""
CONTRACTS = "ALTER TABLE suppressions RENAME COLUMN at TO since"


def test_the_last_release_runs_on_this_schema(postgres_server, tmp_path):
    """
    The contract tests of the newest release before this tree hold on the schema of this tree, with the old code.
    """
    tag = newest_release(ROOT)
    if tag is None:
        pytest.skip("no tag vX.Y.Z in this clone: there is no release yet, or tags were not fetched")
    old = exported(ROOT, tag, tmp_path / tag)
    if not has_the_same_schema(old, ROOT):
        tried = try_on_new_schema(old, ROOT, server_url=postgres_server)
        assert tried.returncode == 0, f"{tag} does not run on this schema:\n{tried.stdout}{tried.stderr}"


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """
    Return a repository with this tree as its only release.
    """
    repository = tmp_path / "repository"
    repository.mkdir()
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, repository / name, ignore=NOT_NEEDED)
        else:
            shutil.copy(ROOT / name, repository / name)
    for arguments in (
        ("init", "--quiet"),
        ("add", "--all"),
        (
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.org",
            "commit",
            "--quiet",
            "--no-verify",
            "-m",
            "Release",
        ),
        ("tag", "v0.9.0"),
        ("tag", "v0.10.0"),
        ("tag", "vanilla"),
    ):
        subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True)  # noqa: S603, S607 - whichever git there is
    return repository


@pytest.mark.parametrize(("change", "holds"), [(EXPANDS, True), (CONTRACTS, False)], ids=["expands", "contracts"])
def test_an_incompatible_migration_is_found(released, postgres_server, tmp_path, change, holds):
    """
    A planted migration that renames a column is found; one that adds a column and a table that refers is none.
    """
    assert newest_release(released) == "v0.10.0"
    old = exported(released, "v0.10.0", tmp_path / "old")
    assert has_the_same_schema(old, released)
    planted = MIGRATION.format(head=migrate.head(), change=" ".join(change.split()))
    (released / "migrations" / "versions" / "9999_planted.py").write_text(planted)
    assert not has_the_same_schema(old, released)
    tried = try_on_new_schema(old, released, server_url=postgres_server, only=ONE)
    assert (tried.returncode == 0) is holds, tried.stdout + tried.stderr
    assert holds or "UndefinedColumn" in tried.stdout


def test_it_is_the_old_code_that_runs(released, postgres_server, tmp_path):
    """
    And not what is installed here: old code that cannot be imported is noticed.
    """
    old = exported(released, "v0.10.0", tmp_path / "old")
    (old / "src" / "todo_core" / "__init__.py").write_text("raise ImportError('the old code')\n")
    tried = try_on_new_schema(old, released, server_url=postgres_server, only=ONE)
    assert tried.returncode != 0
    assert "the old code" in tried.stdout + tried.stderr


def test_without_a_repository_there_is_no_release(tmp_path):
    """
    What was unpacked from an archive has no tags, and says so instead of failing.
    """
    assert git(tmp_path, "status") is None
    assert newest_release(tmp_path) is None
