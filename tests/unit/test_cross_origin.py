"""
Which requests with a cookie are taken for our own pages'.
"""

from __future__ import annotations

import pytest

from todo_web.cross_origin import is_from_our_pages

ORIGINS = ("https://todo.example.org", "http://localhost:5173")
OURS = "https://todo.example.org"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": "https://api.example.org"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-site", "origin": OURS},
        {"origin": OURS},
        {"origin": "http://localhost:5173"},
    ],
)
def test_our_own_pages_may(headers: dict[str, str]) -> None:
    """
    Our own page, a person's own doing, a neighbour on the list, and an old browser's page on the list.
    """
    assert is_from_our_pages(headers, ORIGINS)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": ""},
        {"origin": "null"},
        {"origin": "*"},
        {"origin": "https://evil.example"},
        {"origin": "http://todo.example.org"},
        {"origin": "https://todo.example.org."},
        {"origin": "https://todo.example.org:443"},
        {"origin": "https://todo.example.org.evil.example"},
        {"origin": "https://eviltodo.example.org"},
        {"origin": "https://todo.example"},
        {"origin": "HTTPS://TODO.EXAMPLE.ORG"},
        {"origin": f"{OURS} {OURS}"},
        {"origin": f"https://evil.example, {OURS}"},
        {"referer": f"{OURS}/"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-site", "origin": "null"},
        {"sec-fetch-site": "same-site", "origin": "https://blog.example.org"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site", "origin": OURS},
        {"sec-fetch-site": "cross-site", "origin": "null"},
        {"sec-fetch-site": "", "origin": OURS},
        {"sec-fetch-site": "Same-Origin"},
        {"sec-fetch-site": "same-origin, cross-site"},
        {"sec-fetch-site": "whatever browsers say next", "origin": OURS},
    ],
)
def test_nobody_elses_may(headers: dict[str, str]) -> None:
    """
    Other sites, neighbours and old browsers' pages that are not listed, and whoever does not say.
    """
    assert not is_from_our_pages(headers, ORIGINS)
