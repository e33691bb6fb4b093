"""
What browsers do with answers is said by the answers: what they are, who may have them, and no more is served.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for

STATIC = Path(__file__).parents[2] / "src" / "todo_web" / "static"
PAGES = ("/", "/docs", "/reset-password", "/verify-email", "/problems/not-found")


@pytest.fixture
def client(database_url: str) -> Generator[TestClient]:
    """
    Yield somebody who is not logged in.
    """
    with client_of(container_for(database_url, COURIER="apart")[0]) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/health", "application/json"),
        ("/api/v1/openapi.json", "application/json"),
        ("/api/v1/me", "application/problem+json"),
        ("/nothing", "application/problem+json"),
        *((page, "text/html; charset=utf-8") for page in PAGES),
        ("/static/page.css", "text/css; charset=utf-8"),
        ("/static/link.js", "text/javascript; charset=utf-8"),
    ],
)
def test_each_body_says_what_it_is(client: TestClient, path: str, media_type: str) -> None:
    """
    Text has its charset beside its type; JSON is always UTF-8 and has none (RFC 8259 §8.1).
    """
    assert client.get(path).headers["content-type"] == media_type


@pytest.mark.parametrize("path", ["/health", "/nothing", "/api/v1/me", "/docs", "/reset-password", "/static/page.css"])
def test_other_origins_share_neither_window_nor_bytes(client: TestClient, path: str) -> None:
    """
    A page elsewhere can embed nothing of ours, and does not reach into a window that shows it.
    """
    headers = client.get(path).headers
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_password_fields_are_masked_and_may_be_filled(client: TestClient) -> None:
    """
    Nobody reads over a shoulder, password managers know what to do, and nothing stands in the way of pasting.
    """
    [field] = re.findall(r'<input id="new_password"[^>]*>', client.get("/reset-password").text)
    assert 'type="password"' in field
    assert 'autocomplete="new-password"' in field
    scripts = re.findall(r'<script src="([^"]+)"', client.get("/reset-password").text)
    assert scripts
    for script in scripts:
        assert not re.search(r"onpaste|[\"'`](?:before)?paste[\"'`]", client.get(script).text)


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda script: script.name)
def test_scripts_do_nothing_that_others_could_use(script: Path) -> None:
    """
    They write text and no HTML, run no text, keep nothing in the browser, and listen to no other window.
    """
    text = script.read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text)
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", text)
    assert not re.search(r"postMessage|[\"'`]message[\"'`]|__proto__|Object\.assign", text)


@pytest.mark.parametrize(
    "path",
    [
        "/static",
        "/static/",
        "/static/swagger-ui/",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/__init__.py",
        "/.env",
        "/.git/config",
        "/.well-known/security.txt",
    ],
)
def test_no_file_is_served_but_those_of_the_pages(client: TestClient, path: str) -> None:
    """
    No folder is listed, and no way leads out of the folder of the pages' files.
    """
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
