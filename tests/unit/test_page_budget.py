"""
What the web page's own HTML asks for before anything else: it must be little.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from todo_web.web_page import BUILT

BUDGET = 30_000  # bytes of script and style, gzipped
_NEEDED = re.compile(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"')

PAGES = sorted(BUILT.glob("**/index.*.html"))


def needed(page: Path) -> dict[str, int]:
    """
    Return the scripts and styles that *page* names, and their bytes on the way.
    """
    return {name: BUILT.joinpath(f"{name}.gz").stat().st_size for name in _NEEDED.findall(page.read_text("utf-8"))}


def test_every_page_is_built() -> None:
    """
    In three languages.
    """
    assert len(PAGES) == 3 * 11, "the page is not built: run `uv sync`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BUILT)))
def test_the_first_load_is_small(page: Path) -> None:
    """
    At most 30 kB of script and style, gzipped; what comes after it is asked for by scripts.
    """
    files = needed(page)
    assert {Path(name).suffix for name in files} == {".js", ".css"}
    assert sum(files.values()) <= BUDGET, files
