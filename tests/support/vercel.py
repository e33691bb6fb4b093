"""
The page as Vercel builds and serves it, without Vercel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.server import environment, eventually

FRONTEND = Path(__file__).parents[2] / "frontend"
_PLACE = Path(__file__).with_suffix(".mjs")


def _node() -> str:
    """
    Return Node.js; without it, or what the page is built with, the test is skipped, or fails in CI.
    """
    node = shutil.which("node")
    if node is None or not (FRONTEND / "node_modules" / "vite").is_dir():
        assert "CI" not in os.environ, "Node.js, or what the page is built with, is not installed"
        pytest.skip("Node.js, or what the page is built with, is not installed: npm ci in frontend/")
    return node


def built(folder: Path) -> Path:
    """
    Build the page as Vercel does, to *folder*, and return that.
    """
    vite = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"
    subprocess.run(  # noqa: S603 - our own page
        [_node(), vite, "build", "--outDir", folder, "--emptyOutDir", "--logLevel", "warn"],
        cwd=FRONTEND,
        env=environment(VERCEL="1"),
        check=True,
        timeout=120,
    )
    return folder


@contextmanager
def placed(page: Path, *, port: int, **settings: str) -> Generator[str]:
    """
    Yield the address of a *page* that was built, at *port*, with the settings that its middleware reads.
    """
    process = subprocess.Popen(  # noqa: S603 - our own page
        [_node(), _PLACE, FRONTEND, page, str(port)], env=environment(**settings)
    )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(url), within=60)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code > 0
    except httpx2.TransportError:
        return False
