"""
When the web page is built into the package, by which Node.js, and what is said when it cannot be.
"""

from __future__ import annotations

import json
import os
import time
import tomllib
from pathlib import Path

import pytest

import hatch_build
from hatch_build import NODE_WHEEL, SOURCES, CannotBuild, Node, Page, PageHook, environment, is_new_enough, run_npm

ROOT = Path(__file__).parents[2]
NOWHERE = Node("/nowhere", ("/nowhere/npm",))
SHELL = Node("/usr/bin", ("/bin/sh", "-c"))
"""A stand-in for npm that does what it is told."""


@pytest.fixture
def page(tmp_path):
    """
    Return the page of a small tree, not built yet.
    """
    for name in ("package.json", "package-lock.json", "index.html", "log-in/index.html", "src/pages/todos.tsx"):
        path = tmp_path / "frontend" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return Page(tmp_path)


@pytest.fixture
def npm(page, monkeypatch):
    """
    Return what npm is asked to do; its build leaves a page.
    """
    asked = []

    def run(node, arguments, folder, seconds):
        assert (folder, seconds > 0) == (page.sources, True)
        asked.append((node, arguments[0]))
        if arguments[0] == "ci":
            listed = page.sources / "node_modules" / ".package-lock.json"
            listed.parent.mkdir(exist_ok=True)
            listed.touch()
        else:
            page.built.mkdir(parents=True, exist_ok=True)
            (page.built / "index.html").write_text("built")

    monkeypatch.setattr(hatch_build, "run_npm", run)
    return asked


@pytest.fixture
def nodes(monkeypatch):
    """
    Return what Node.js there is, to be changed: none.
    """
    found = {"system": None, "wheel": None}
    monkeypatch.delenv("TODO_SKIP_UI", raising=False)
    monkeypatch.setattr(hatch_build, "node_of_system", lambda: found["system"])
    monkeypatch.setattr(hatch_build, "node_of_wheel", lambda: found["wheel"])
    return found


@pytest.fixture
def hook(page):
    """
    Return the hook as hatchling makes it.
    """
    return PageHook(str(page.root), {}, None, None, "", "wheel")


def commands(asked):
    """
    Return the words behind npm.
    """
    return [command for _, command in asked]


def test_a_page_is_built_once(page, npm):
    """
    What was built from these sources needs no second time.
    """
    assert not page.is_built()
    page.build(NOWHERE)
    assert page.is_built()
    assert commands(npm) == ["ci", "run"]


@pytest.mark.parametrize("name", ["package-lock.json", "log-in/index.html", "src/pages/todos.tsx", "src/new.ts"])
def test_a_change_of_a_source_is_noticed(page, npm, name):
    """
    A source that is changed, added or renamed makes the page an old one; npm installs again for a new lock only.
    """
    page.build(NOWHERE)
    path = page.sources / name
    path.write_text("changed")
    os.utime(path, (time.time() + 60, time.time() + 60))
    assert not page.is_built()
    page.build(NOWHERE)
    assert commands(npm)[2:] == (["ci", "run"] if name == "package-lock.json" else ["run"])
    page.build(NOWHERE)
    path.rename(path.with_name(f"a-{path.name}"))
    assert not page.is_built()


@pytest.mark.parametrize("name", ["node_modules/vite/index.js", "openapi.json", ".env", "tests/todos.test.tsx"])
@pytest.mark.usefixtures("npm")
def test_what_is_no_source_is_not_looked_at(page, name):
    """
    Neither what was installed or generated, nor the page's tests, nor the age of a file make a page an old one.
    """
    page.build(NOWHERE)
    (page.sources / name).parent.mkdir(parents=True, exist_ok=True)
    (page.sources / name).write_text("new")
    (page.sources / "index.html").touch()
    assert page.is_built()


@pytest.mark.usefixtures("npm")
def test_half_a_page_is_none(page, monkeypatch):
    """
    A build that broke off is done again, and so is one whose page was taken away.
    """
    page.build(NOWHERE)
    (page.built / "index.html").unlink()
    assert not page.is_built()
    page.build(NOWHERE)
    monkeypatch.setattr(hatch_build, "run_npm", lambda *_, **__: (_ for _ in ()).throw(CannotBuild("no")))
    (page.sources / "index.html").write_text("changed")
    with pytest.raises(CannotBuild):
        page.build(NOWHERE)
    (page.sources / "index.html").write_text("index.html")
    assert not page.is_built()


def test_a_build_that_leaves_nothing_is_a_fault(page, monkeypatch):
    """
    The program may be content where nothing was written.
    """
    monkeypatch.setattr(hatch_build, "run_npm", lambda *_, **__: None)
    with pytest.raises(CannotBuild, match=r"wrote no .*ui/index\.html"):
        page.build(NOWHERE)


@pytest.mark.parametrize(
    ("version", "is_new"),
    [
        ("v20.19.0\n", True),
        ("v20.20.2\n", True),
        ("v22.12.0\n", True),
        ("v24.1.0\n", True),
        ("v20.18.3\n", False),
        ("v21.20.0\n", False),
        ("v22.11.0\n", False),
        ("v18.20.0\n", False),
        ("", False),
        ("node", False),
    ],
)
def test_node_must_be_new_enough(version, is_new):
    """
    As new as Vite wants it, whose wish stands in the lock.
    """
    assert is_new_enough(version) == is_new
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text("utf-8"))
    assert lock["packages"]["node_modules/vite"]["engines"]["node"] == "^20.19.0 || >=22.12.0"


@pytest.mark.usefixtures("npm")
def test_the_node_of_the_wheel_is_asked_for_only_where_it_is_needed(hook, page, nodes, monkeypatch):
    """
    Not beside one of the system's, not for a page that is built, not for one that is left out.
    """
    assert hook.dependencies() == [NODE_WHEEL]
    nodes["system"] = NOWHERE
    assert hook.dependencies() == []
    nodes["system"] = None
    monkeypatch.setenv("TODO_SKIP_UI", "1")
    assert hook.dependencies() == []
    monkeypatch.delenv("TODO_SKIP_UI")
    page.build(NOWHERE)
    assert hook.dependencies() == []


@pytest.mark.parametrize(("there", "taken"), [(("system", "wheel"), "system"), (("wheel",), "wheel")])
def test_the_systems_node_comes_first(hook, npm, nodes, there, taken):
    """
    That of the wheel stands in where the system has none that will do.
    """
    for place in there:
        nodes[place] = Node(place, (place,))
    hook.initialize("editable", {"artifacts": []})
    data = {"artifacts": []}
    hook.initialize("standard", data)
    assert commands(npm) == ["ci", "run"]
    assert {node.folder for node, _ in npm} == {taken}
    assert data["artifacts"] == ["/src/todo_web/ui/"]


@pytest.mark.usefixtures("npm")
def test_a_page_that_is_left_out_is_not_packed(hook, page, nodes, monkeypatch):
    """
    ``TODO_SKIP_UI=1`` builds nothing and packs nothing, and lets lie what was built before; 0 is as good as nothing.
    """
    nodes["system"] = NOWHERE
    monkeypatch.setenv("TODO_SKIP_UI", "0")
    hook.initialize("editable", {"artifacts": []})
    monkeypatch.setenv("TODO_SKIP_UI", "1")
    data = {"artifacts": []}
    hook.initialize("standard", data)
    assert data == {"artifacts": []}
    assert page.is_built()


@pytest.mark.parametrize(
    ("name", "told"), [(None, "There is no Node.js"), ("package.json", "Its sources are not there")]
)
@pytest.mark.usefixtures("nodes")
def test_what_is_missing_is_told_in_a_sentence(hook, page, capsys, name, told):
    """
    Neither Node.js nor its wheel, or a tree without the page's sources: the reason and the way out, and no traceback.
    """
    if name is not None:
        (page.sources / name).unlink()
    with pytest.raises(SystemExit):
        hook.initialize("standard", {"artifacts": []})
    said = capsys.readouterr().err
    assert f"The web page cannot be built. {told}" in said
    assert "TODO_SKIP_UI=1 leaves it out" in said


def test_the_last_lines_of_npm_are_told(tmp_path):
    """
    Of a long complaint the end, which says why.
    """
    with pytest.raises(CannotBuild) as raised:
        run_npm(SHELL, ("seq 1000; echo 'it is broken' >&2; exit 3",), folder=tmp_path, seconds=20)
    told = str(raised.value)
    assert told.splitlines()[-1] == "it is broken"
    assert "\n1000\n" in told
    assert "\n900\n" not in told


def test_npm_has_a_deadline(tmp_path):
    """
    An npm that does not come back is ended with all it has started.
    """
    with pytest.raises(CannotBuild, match=r"longer than 0\.5 seconds"):
        run_npm(SHELL, ("sleep 60 & echo $! > child; wait",), folder=tmp_path, seconds=0.5)
    child = Path("/proc") / (tmp_path / "child").read_text().strip() / "stat"
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_the_page_asks_the_service_that_serves_it():
    """
    An address for a page that is served elsewhere does not get into ours.
    """
    given = {"PATH": "/bin", "HOME": "/home/ann", "VITE_API_URL": "https://x", "NEXT_PUBLIC_API_URL": "https://y"}
    assert environment(given, Node("/node", ())) == {"PATH": f"/node{os.pathsep}/bin", "HOME": "/home/ann"}


def test_uv_looks_at_the_same_sources():
    """
    What makes a page an old one makes ``uv run`` and ``uv sync`` call the build.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    keys = project["tool"]["uv"]["cache-keys"]
    assert {"env": "TODO_SKIP_UI"} in keys
    files = {key["file"] for key in keys if "file" in key}
    assert files == {"pyproject.toml", "hatch_build.py", *(f"frontend/{pattern}" for pattern in SOURCES)}


def test_every_source_of_the_tree_is_known():
    """
    A new file or folder of the page's is a source, or one of those that the build does not read.
    """
    others = {"eslint.config.js", "openapi.json", "vitest.config.ts", "vitest.setup.ts", "middleware.ts", "vercel.json"}
    folders = {"node_modules", "tests", "dist"}
    sources = ROOT / "frontend"
    known = {path for pattern in SOURCES for path in sources.glob(pattern)}
    for path in sources.iterdir():
        if path.is_file() and not path.name.startswith(".") and path.name not in others:
            assert path in known, path
        if path.is_dir() and not path.name.startswith(".") and path.name not in folders:
            for inner in path.rglob("*"):
                assert inner.is_dir() or inner in known, inner
