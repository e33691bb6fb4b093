from __future__ import annotations

from pathlib import Path

import pytest

from todo_web import reference

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", reference.pages())
def test_the_reference_is_up_to_date(page):
    """
    A page that is written from the code says what the code says now.
    """
    written = ROOT / page
    stands = written.read_text(encoding="utf-8") if written.exists() else ""
    assert stands == reference.pages()[page], f"{page} is out of date; run: just reference"
