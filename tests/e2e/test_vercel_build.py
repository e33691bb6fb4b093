"""
``vercel build``, by Vercel's own tool where it is installed: what it makes of the page is what is served there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from todo_web.middleware.security_headers import _PAGE_POLICY

FRONTEND = Path(__file__).parents[2] / "frontend"
VERCEL = shutil.which("vercel")
_MADE = shutil.ignore_patterns("node_modules", "dist", ".vercel")

pytestmark = pytest.mark.skipif(VERCEL is None, reason="Vercel's tool is not installed: npm install --global vercel")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Return the folder that the build leaves, made with no settings but the tool's own of a project.
    """
    assert VERCEL is not None
    folder = shutil.copytree(FRONTEND, tmp_path_factory.mktemp("vercel") / "frontend", ignore=_MADE)
    (folder / ".vercel").mkdir()
    project = {"projectId": "prj_test", "orgId": "team_test", "settings": {"framework": "vite"}}
    (folder / ".vercel/project.json").write_text(json.dumps(project), "utf-8")
    built = subprocess.run(  # noqa: S603 - Vercel's tool, on a copy of our own page
        [VERCEL, "build", "--yes", "--token", "none"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder.parent), "CI": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / ".vercel/output"


def test_every_page_is_there(output: Path) -> None:
    """
    Each route has its HTML, and what that names is there, too.
    """
    pages = {path.parent.name for path in (output / "static").glob("*/index.html")}
    assert pages == {path.parent.name for path in FRONTEND.glob("*/index.html") if path.parent.name != "node_modules"}
    assert (output / "static/index.html").is_file()
    assert list((output / "static/assets").glob("*.js"))


def test_pages_have_the_policy_of_ours(output: Path) -> None:
    """
    Vercel sends the content security policy that the service sends with its own pages.
    """
    routes = json.loads((output / "config.json").read_text("utf-8"))["routes"]
    policies = {route["headers"].get("Content-Security-Policy") for route in routes if "headers" in route}
    assert policies - {None} == {_PAGE_POLICY}


def test_the_service_is_reached_through_the_edge(output: Path) -> None:
    """
    Whatever is asked below /api goes through our middleware, so the session's cookie is the page's own.
    """
    routes = json.loads((output / "config.json").read_text("utf-8"))["routes"]
    assert [route["middlewareRawSrc"] for route in routes if route.get("middlewarePath")] == [["/api/:path*"]]
    assert (output / "functions/middleware.func").is_dir()
