"""
The container image: built, looked into, and run as it should be deployed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import IO, Any

from attrs import define, field, frozen
from sqlalchemy import make_url

from tests.support.engines import ROOT, Engine, Run, engine
from tests.support.server import TodoServer

SOCKETS = "/run/postgresql"
"""Where PostgreSQL's socket is in a container."""

_NUMBERS = count(1)
_UNWANTED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "__pycache__", ".*_cache", ".hypothesis", "mutants", "ui"
)


@frozen(slots=False)
class Image:
    """
    The image as it was saved to an archive.
    """

    engine: Engine
    archive: Path

    @classmethod
    def build(cls, folder: Path, planted: Mapping[str, str], *, fresh: bool = False) -> Image:
        """
        Build it from a copy of this tree in *folder*, in which files are *planted*.
        """
        built = cls(engine(), folder / "image.tar")
        context = shutil.copytree(ROOT, folder / "context", ignore=_UNWANTED)
        for name, text in planted.items():
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            (context / name).write_text(text, "utf-8")
        built.engine.build(context, fresh=fresh)
        built.engine.save(built.archive)
        return built

    @cached_property
    def description(self) -> dict[str, Any]:
        """
        What it says of itself, its history too.
        """
        return dict(json.loads(self._text(self._manifest["Config"])))

    @property
    def config(self) -> dict[str, Any]:
        """
        What it says of how it is run.
        """
        return dict(self.description["config"])

    def entries(self) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
        """
        Yield every entry of every layer, with its content where it is a file.
        """
        with tarfile.open(self.archive) as archive:
            for name in self._manifest["Layers"]:
                with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                    yield from ((entry, layer.extractfile(entry) if entry.isfile() else None) for entry in layer)

    @cached_property
    def files(self) -> dict[str, tarfile.TarInfo]:
        """
        What is in it, by path.
        """
        return {f"/{entry.name.removeprefix('./').strip('/')}": entry for entry, _ in self.entries()}

    @property
    def size(self) -> int:
        """
        How many bytes its files have, unpacked, in all layers together.
        """
        return sum(entry.size for entry, _ in self.entries())

    @property
    def _manifest(self) -> dict[str, Any]:
        return dict(json.loads(self._text("manifest.json"))[0])

    def _text(self, name: str) -> bytes:
        with tarfile.open(self.archive) as archive:
            file = archive.extractfile(name)
            assert file is not None
            return file.read()

    def run(self, *arguments: str, settings: Mapping[str, str], folder: Path) -> tuple[int, str]:
        """
        Run a command in a container of its own to its end; return its exit code and all it printed.
        """
        server = ContainerServer(folder, settings, command=" ".join(arguments), image=self)
        try:
            return server.launch().wait(within=60), server.output
        finally:
            server.remove()


@define
class ContainerServer(TodoServer):
    """
    The program in a container: as nobody in particular, without privileges, on a file system that cannot be written.
    """

    image: Image = field(kw_only=True)
    files: Mapping[Path, str] = field(factory=dict[Path, str], kw_only=True)
    name: str = field(init=False, default="")

    def _launched(self, settings: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        self.remove()
        self.name = f"todo-test-{os.getpid()}-{next(_NUMBERS)}"
        own = {name: value for name, value in settings.items() if name != "TODO_DATA_DIR"}
        socket, url = in_container(own.get("DATABASE_URL", ""))
        own |= {"DATABASE_URL": url} if url else {}
        arguments = [] if self.command == "serve" else self.command.split()
        run = Run(self.name, self.folder, arguments, own, {**self.files, **socket})
        return self.image.engine.launch(run, self.image.config, output)

    def execute(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """
        Run a command in the running container, as its user.
        """
        return self.image.engine.execute(self.name, arguments)

    @property
    def pid(self) -> int:
        """
        Return the number that its first process has on this machine.
        """
        return self.image.engine.pid(self.name)

    def remove(self) -> None:
        """
        Leave nothing of it.
        """
        if self.name:
            self.image.engine.remove(self.name)
            self.name = ""

    def __exit__(self, *_: object) -> None:
        try:
            super().__exit__()
        finally:
            self.remove()


def in_container(database_url: str) -> tuple[dict[Path, str], str]:
    """
    Return which file of this machine a container needs to reach the database at this URL, and the URL it uses.
    """
    url = make_url(database_url) if database_url else None
    folder = "" if url is None else str(url.query.get("host", ""))
    if url is None or not folder.startswith("/"):
        return {}, database_url
    socket = f".s.PGSQL.{url.port or 5432}"
    inside = url.update_query_dict({"host": SOCKETS}).render_as_string(hide_password=False)
    return {Path(folder) / socket: f"{SOCKETS}/{socket}"}, inside
