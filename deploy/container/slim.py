"""
Make an image of what a running service needs, while it is built: leave the rest out, and compile what is left.

What is left out has no use for the service, and would have one for somebody who broke in: what installs and builds, and
every command that is not Python. dpkg's list of packages stays, for those who look for vulnerable ones.
"""

from __future__ import annotations

import importlib
import pkgutil
import py_compile
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

PACKAGES = ("todo_core", "todo_adapters", "todo_web")
NOT_THE_SERVICE = ("todo_core.contracts", "todo_web.cli.mine")
"""For tests, and for one's own todos: these run too, but start slower."""

WITH_SOURCE = (*PACKAGES, "anyio")
"""Ours, whose lines tracebacks show, and one that reads its own source to know what it need not import."""

BY_NAME = (
    *("anyio._backends._asyncio", "multiprocessing.spawn", "sqlalchemy.dialects.postgresql.psycopg", "uvloop"),
    *("uvicorn.lifespan.on", "uvicorn.loops.uvloop", "uvicorn.protocols.http.httptools_impl", "uvicorn.supervisors"),
)
"""What libraries import by name, when they come to need it."""

LEFT_OUT = (
    # Python's and Debian's own installers, and the Perl that the latter is written in.
    *("usr/local/include", "usr/share/python-wheels", "usr/share/keyrings", "etc/apt", "var/lib/apt", "usr/lib/apt"),
    *("usr/lib/dpkg", "usr/share/debconf", "usr/share/perl*", "usr/lib/*-linux-gnu/perl*"),
    *("usr/lib/*-linux-gnu/libapt-*", "usr/lib/*-linux-gnu/libdb-*", "usr/libexec"),
    # What starts programs on a machine that is no container.
    *("etc/cron*", "etc/pam.d", "etc/systemd", "usr/lib/systemd"),
    # Character sets for programs in C, texts for people, what was left lying.
    *("usr/lib/*-linux-gnu/gconv", "usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man"),
    *("usr/share/zsh", "usr/share/bash-completion", "usr/share/gcc", "var/cache/*", "var/log/*"),
    "app/.lock",
)
LEFT_OUT_OF_PYTHON = (
    *("site-packages", "dist-packages", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tkinter"),
    *("turtledemo", "config-*", "__pycache__", "*/__pycache__", "*/*/__pycache__"),
)
COMMANDS = ("usr/local/bin", "usr/local/sbin", "usr/bin", "usr/sbin")


def remove(path: Path) -> None:
    """
    Remove a file, a link or a folder with all that is in it.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def leave_out(root: Path) -> None:
    """
    Remove what is to be left out below *root*; not everything is in each base.
    """
    found = [path for pattern in LEFT_OUT for path in root.glob(pattern)]
    for library in (*root.glob("usr/local/lib/python3*"), *root.glob("usr/lib/python3*")):
        found += [path for pattern in LEFT_OUT_OF_PYTHON for path in library.glob(pattern)]
    for folder in COMMANDS:
        found += [path for path in root.joinpath(folder).iterdir() if not is_python(path)]
    for path in found:
        if path.exists() or path.is_symlink():
            remove(path)


def is_python(command: Path) -> bool:
    """
    Tell whether a *command* is Python, by one of its names.
    """
    return command.name.removeprefix("python").replace(".", "").isdigit() or command.name == "python"


def import_all(package: ModuleType) -> Iterator[ModuleType]:
    """
    Import and yield every module of *package* that the service may come to need.
    """
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name in NOT_THE_SERVICE:
            continue
        imported = importlib.import_module(module.name)
        yield imported
        if module.ispkg:
            yield from import_all(imported)


def compile_imported() -> None:
    """
    Compile every module that has been imported; nobody will look whether a source is newer (PEP 552).

    The byte code takes the source's place, but for a few packages: both would not fit.
    """
    sources = {str(getattr(module, "__file__", None)) for module in list(sys.modules.values())}
    for source in sorted(path for path in sources if path.endswith(".py") and path != __file__):
        kept = any(f"/{package}/" in source for package in WITH_SOURCE)
        place = None if kept else f"{source}c"
        py_compile.compile(source, place, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        if not kept:
            Path(source).unlink()


if __name__ == "__main__":
    leave_out(Path("/"))
    for name in PACKAGES:
        list(import_all(importlib.import_module(name)))
    for name in BY_NAME:
        importlib.import_module(name)
    compile_imported()
    Path(__file__).unlink()
