"""
A backup as files: the dump, what was in it, and the checksums of both.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import attrs
from attrs import frozen

from todo_adapters.postgres.backups.errors import BackupFailed
from todo_adapters.postgres.backups.retention import outdated
from todo_adapters.postgres.backups.sums import TableSum

UNFINISHED = ".todo-"
"""How the folder is called in which a backup is made; a killed program leaves it behind."""

_NAME = re.compile(r"todo-(\d{8}T\d{6}Z)-\w+\.dump")
_MOMENT = "%Y%m%dT%H%M%SZ"
_A_DAY = 24 * 60 * 60
_CHECKSUMS_MISSING = (
    "There are no checksums beside {}: what `todo backup make` has written is three files, keep them together."
)


@frozen
class Manifest:
    """
    What a dump holds: when and of which revision it was made, and the sum of each table by its name.
    """

    made_at: datetime
    revision: str
    server: int
    tables: Mapping[str, TableSum]

    def as_json(self) -> str:
        """
        Return it as a JSON document.
        """
        return json.dumps({**attrs.asdict(self), "made_at": self.made_at.isoformat()}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """
        Return what ``as_json`` has made *text* of.
        """
        said = json.loads(text)
        return cls(
            made_at=datetime.fromisoformat(said["made_at"]),
            revision=said["revision"],
            server=said["server"],
            tables={name: TableSum(**found) for name, found in said["tables"].items()},
        )


@frozen
class Backup:
    """
    A dump at a path; the other files stand beside it under the same name.
    """

    dump: Path

    @classmethod
    def named(cls, folder: Path, *, made_at: datetime, revision: str) -> Self:
        """
        Return the place in *folder* of a backup that is made at this moment of a schema of this revision.
        """
        return cls(folder / f"todo-{made_at.astimezone(UTC):{_MOMENT}}-{revision}.dump")

    @property
    def files(self) -> tuple[Path, Path, Path]:
        """
        Return its files, the dump last: where that is, the others are.
        """
        return self.dump.with_suffix(".sha256"), self.dump.with_suffix(".json"), self.dump

    @property
    def size(self) -> int:
        """
        Return the bytes of the dump.
        """
        return self.dump.stat().st_size

    @property
    def manifest(self) -> Manifest:
        """
        Return what it holds.
        """
        return Manifest.from_json(self.dump.with_suffix(".json").read_text("utf-8"))

    def seal(self, manifest: Manifest) -> None:
        """
        Write what stands beside the dump.
        """
        checksums, described, dump = self.files
        _write(described, manifest.as_json())
        _write(checksums, "".join(f"{_sha256(file)}  {file.name}\n" for file in (dump, described)))

    def move(self, folder: Path) -> Backup:
        """
        Give it to *folder*, the dump at the end, so that what is called a dump is whole.

        Raises:
            BackupFailed: one of that name is there.
        """
        moved = Backup(folder / self.dump.name)
        if moved.dump.exists():
            raise BackupFailed(f"{moved.dump} is there already.")
        for file in self.files:
            file.rename(folder / file.name)
        _sync(folder)
        return moved

    def verify(self) -> None:
        """
        Compare the files with their checksums.

        Raises:
            BackupFailed: one is not there, or not as it was written.
        """
        checksums, described, dump = self.files
        if not checksums.exists():
            raise BackupFailed(_CHECKSUMS_MISSING.format(dump))
        said = {name: digest for digest, _, name in (line.partition("  ") for line in _lines(checksums))}
        for file in (dump, described):
            if not file.exists() or said.get(file.name) != _sha256(file):
                raise BackupFailed(f"{file} is not what was written: it cannot be used.")


def backups_in(folder: Path) -> Mapping[datetime, Backup]:
    """
    Return the backups in *folder* by when they were made; files that are called otherwise are none.
    """
    named = {path: found for path in folder.iterdir() if (found := _NAME.fullmatch(path.name))}
    return {datetime.strptime(f"{found[1]}+0000", f"{_MOMENT}%z"): Backup(path) for path, found in named.items()}


def forget_old(folder: Path) -> Collection[Path]:
    """
    Remove the backups in *folder* that are not needed any more, and return which they were.
    """
    there = backups_in(folder)
    old = [there[moment] for moment in sorted(outdated(there))]
    for backup in old:
        for file in reversed(backup.files):
            file.unlink(missing_ok=True)
    return [backup.dump for backup in old]


def forget_unfinished(folder: Path) -> None:
    """
    Remove what programs that were killed have left behind, a day later: nothing takes so long.
    """
    for left in folder.glob(f"{UNFINISHED}*"):
        if left.is_dir() and left.stat().st_mtime < time.time() - _A_DAY:
            shutil.rmtree(left, ignore_errors=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()


def _write(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as output:
        output.write(text)
        output.flush()
        os.fsync(output.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
