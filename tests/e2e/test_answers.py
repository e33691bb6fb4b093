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

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(
    path
    for path in [*(ROOT / "src/todo_web/static").glob("*.js"), *(ROOT / "frontend" / "src").rglob("*.ts*")]
    if not re.search(r"\.(?:d|fake|test)\.tsx?$", path.name)
)
REMEMBERS = {
    "frontend/src/parts/asked.ts": {"sessionStorage"},  # the address that a mail was asked for, until somebody logs in
    "frontend/src/todos/remembered.ts": {"localStorage"},  # a taste: the order of todos
    "frontend/src/todos/shortcuts.ts": {"localStorage"},  # a taste: whether keys are listened to
    "frontend/src/words/index.ts": {"localStorage"},  # a taste: the language
}
"""The scripts that may keep something in the browser, and what: nothing that opens an account."""

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
        ("/static/docs.js", "text/javascript; charset=utf-8"),
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
    for page, wanted in (("/log-in", "current"), ("/sign-up", "new"), ("/reset-password", "new")):
        [field] = re.findall(r'<input[^>]*name="(?:new_)?password"[^>]*>', client.get(page).text)
        assert 'type="password"' in field
        assert f'autocomplete="{wanted}-password"' in field
    for script in SCRIPTS:
        assert not re.search(r"onpaste|[\"'`](?:before)?paste[\"'`]", script.read_text("utf-8"), re.IGNORECASE), script


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_do_nothing_that_others_could_use(script: Path) -> None:
    """
    They write text and no HTML, run no text, keep nothing in the browser but what is named, hear no other window.
    """
    text = script.read_text("utf-8")
    html = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function"
    assert not re.search(html, text, re.IGNORECASE)
    kept = set(re.findall(r"localStorage|sessionStorage|indexedDB|document\.cookie", text))
    assert kept <= REMEMBERS.get(script.relative_to(ROOT).as_posix(), set())
    assert not re.search(
        r"(?:window|parent|opener|top)\.postMessage|Listener\(\s*[\"'`]message|window\.onmessage", text
    )
    assert not re.search(r"__proto__|setPrototypeOf|\bmerge\(", text)


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
