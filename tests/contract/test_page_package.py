"""
The web page in the package: built where there is no Node.js, brought along by an sdist, and left out.

Trees are copies without anything built; the machine they are built on has a path with a shell and nothing else.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import httpx2
import pytest

from tests.support.distribution import ROOT, build_wheel, try_uv, uv
from tests.support.postgres import fresh_database
from tests.support.server import KEY, TodoServer
from todo_adapters.postgres import migrate

NEEDED = ("pyproject.toml", "hatch_build.py", ".gitignore", "README.md", "LICENSE", "src", "migrations", "frontend")


@pytest.fixture(scope="module")
def folder() -> Generator[Path]:
    """
    Yield an empty folder.
    """
    with TemporaryDirectory(prefix="todo-page-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def bare_path(folder: Path) -> str:
    """
    Return a path on which there is no Node.js: the shell alone, which npm runs its scripts in.
    """
    programs = folder / "bin"
    programs.mkdir()
    for name in ("sh", "env"):
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)
    return str(programs)


@pytest.fixture(scope="module")
def tree(folder: Path) -> Path:
    """
    Return a copy of the repository in which nothing is built or installed.
    """
    ignored = shutil.ignore_patterns("node_modules", "ui", "__pycache__")
    for name in NEEDED:
        source, target = ROOT / name, folder / "tree" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    return folder / "tree"


@pytest.fixture(scope="module")
def wheel(folder: Path, tree: Path, bare_path: str) -> Path:
    """
    Return the wheel that is built where there is no Node.js.
    """
    return build_wheel(folder / "wheel", root=tree, PATH=bare_path)


def pages_in(wheel: Path) -> set[str]:
    """
    Return the built files in a *wheel*, below the page's folder.
    """
    names = ZipFile(wheel).namelist()
    return {name.removeprefix("todo_web/ui/") for name in names if name.startswith("todo_web/ui/")}


def test_without_node_the_page_is_built_by_one_from_a_wheel(wheel: Path) -> None:
    """
    Nothing has to be installed by hand; each page, script and style sheet is there, and packed beside it.
    """
    names = pages_in(wheel)
    for route in ROOT.joinpath("frontend").glob("*/index.html"):
        assert f"{route.parent.name}/index.html" in names
    assert "index.html" in names
    for ending in (".html", ".js", ".css"):
        texts = {name for name in names if name.endswith(ending)}
        assert texts
        assert {f"{name}.{packed}" for name in texts for packed in ("br", "gz")} <= names


def test_an_sdist_brings_the_page_along(folder: Path, tree: Path, wheel: Path, bare_path: str) -> None:
    """
    Whoever installs from one needs neither Node.js nor npm's registry; it has the sources too, and nothing installed.
    """
    python = ("--python", sys.executable)
    uv("build", "--sdist", "--quiet", *python, "--out-dir", folder / "sdist", tree, PATH=bare_path)
    (packed,) = (folder / "sdist").glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    assert (unpacked / "frontend" / "vite.config.ts").is_file()
    assert (unpacked / "frontend" / "build").is_dir()
    assert not (unpacked / "frontend" / "node_modules").exists()
    again = build_wheel(folder / "again", root=unpacked, options=["--offline"], PATH=bare_path)
    assert pages_in(again) == pages_in(wheel)
    assert not (unpacked / "frontend" / "node_modules").exists()


@pytest.mark.usefixtures("wheel")
def test_a_fault_in_the_page_ends_the_build_with_the_reason(folder: Path, tree: Path, bare_path: str) -> None:
    """
    What npm said last, and the way to do without.
    """
    script = tree / "frontend" / "src" / "pages" / "todos.tsx"
    good = script.read_text("utf-8")
    script.write_text("syntax error(", "utf-8")
    try:
        python = ("--python", sys.executable)
        build = try_uv("build", "--wheel", *python, "--out-dir", folder / "broken", tree, PATH=bare_path)
    finally:
        script.write_text(good, "utf-8")
    assert build.returncode != 0
    assert "The web page cannot be built. npm run build failed:" in build.stderr
    assert "todos.tsx" in build.stderr
    assert "TODO_SKIP_UI=1 leaves it out" in build.stderr
    assert "Traceback" not in build.stderr


def test_a_service_without_the_page_serves_the_rest(folder: Path, postgres_server: str, bare_path: str) -> None:
    """
    Built with ``TODO_SKIP_UI=1``, where neither Node.js nor its wheel is needed: the first page says what is missing.
    """
    wheel = build_wheel(folder / "without", options=["--offline"], PATH=bare_path, TODO_SKIP_UI="1")
    assert pages_in(wheel) == set()
    shutil.unpack_archive(wheel, folder / "installed", "zip")
    with fresh_database(postgres_server) as url:
        migrate.upgrade(url)
        settings = {"DATABASE_URL": url, "JWT_SECRET_KEY": KEY, "PYTHONPATH": str(folder / "installed")}
        with TodoServer(folder, settings) as server:
            first = httpx2.get(server.url)
            assert (first.status_code, first.headers["content-type"]) == (404, "text/html; charset=utf-8")
            assert "built without its web page" in first.text
            assert httpx2.get(f"{server.url}/api/v1/openapi.json").status_code == 200
