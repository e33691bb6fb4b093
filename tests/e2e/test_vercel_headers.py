"""
What ``vercel.json`` says of the page is what the service says of it, where it serves the page itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient

from todo_web.middleware.security_headers import SecurityHeaders

FRONTEND = Path(__file__).parents[2] / "frontend"
_OF_AN_ANSWER = {"content-type", "content-length", "cache-control"}


@pytest.fixture
def told() -> dict[str, Any]:
    """
    Return what Vercel is told.
    """
    return dict(json.loads((FRONTEND / "vercel.json").read_text("utf-8")))


def _headers(told: dict[str, Any], source: str) -> dict[str, str]:
    (found,) = [entry["headers"] for entry in told["headers"] if entry["source"] == source]
    return {header["key"].lower(): header["value"] for header in found}


def test_pages_have_the_headers_that_the_service_gives_them(told: dict[str, Any]) -> None:
    """
    In production, to the letter; what comes from the service already has its own.
    """
    client = TestClient(SecurityHeaders(HTMLResponse("page"), hsts=True))
    ours = {name: value for name, value in client.get("/log-in").headers.items() if name not in _OF_AN_ANSWER}
    assert _headers(told, "/((?!api/).*)") == ours


def test_assets_are_kept_for_good(told: dict[str, Any]) -> None:
    """
    As their names change with what is in them.
    """
    assert _headers(told, "/assets/(.*)") == {"cache-control": "public, max-age=31536000, immutable"}


def test_it_needs_no_other_setting(told: dict[str, Any]) -> None:
    """
    The framework, and where the build is, are said; the address of the service is all that is left to say.
    """
    assert (told["framework"], told["outputDirectory"], told["cleanUrls"]) == ("vite", "dist", True)
    example = (FRONTEND / ".env.example").read_text("utf-8").splitlines()
    assert [line.partition("=")[0] for line in example if not line.startswith("#")] == ["VITE_API_URL"]
