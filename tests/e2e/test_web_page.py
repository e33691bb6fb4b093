"""
How the web page is served: in which language and coding, for how long it may be kept, and what stands in for it.

A small page in a folder of the test's own; that of the package is looked at in test_http.py, and run in test_pages.py.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from todo_web.middleware.security_headers import SecurityHeaders
from todo_web.operations import routes
from todo_web.problems import Problems
from todo_web.routes import pages
from todo_web.web_page import WebPage

SCRIPT = b"export const words = 'buy milk, buy milk, buy milk';\n"
GOOD_FOR_EVER = "public, max-age=31536000, immutable"
ROUTES = [operation.path for operation in pages.OPERATIONS if not operation.path.startswith("/.well-known")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """
    Return a built page: of some languages, with a script, its packed forms, a picture, and a name from elsewhere.
    """
    for route in ("", "log-in", "reset-password"):
        for ending in ("", ".en", ".de", ".es"):
            _write(tmp_path / "ui" / route / f"index{ending}.html", f"<p>{route}{ending or '.en'}</p>".encode())
    _write(tmp_path / "ui" / "assets" / "todos-a1b2.js", SCRIPT)
    (tmp_path / "ui" / "assets" / "todos-a1b2.js.br").write_bytes(b"as if brotli")
    (tmp_path / "ui" / "assets" / "picture-c3d4.png").write_bytes(b"\x89PNG")
    (tmp_path / "ui" / "assets" / "notes.py").write_text("secret")
    (tmp_path / "ui" / "built-from").write_text("secret")
    (tmp_path / "secret.js").write_text("secret")
    return tmp_path / "ui"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, mtime=0))


@pytest.fixture
def client(folder: Path) -> Generator[TestClient]:
    """
    Yield a client of the pages alone, which names no coding and no language of its own accord.
    """

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncGenerator[dict[str, Any]]:
        yield {"web_page": WebPage(folder), "described_at": "/docs"}

    app = Starlette(
        routes=[*routes(pages.OPERATIONS), pages.ASSETS],
        exception_handlers=Problems("https://todo.example").handlers(),
        lifespan=lifespan,
    )
    with TestClient(SecurityHeaders(app, hsts=False), follow_redirects=False) as client:
        del client.headers["accept-encoding"]
        yield client


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        (None, "en"),
        ("de", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("fr, es;q=0.1", "es"),
        ("fr", "en"),
        ("*", "en"),
        ("../", "en"),
    ],
)
@pytest.mark.parametrize("route", ["", "log-in"])
def test_a_page_comes_in_its_readers_language(client: TestClient, route: str, wish: str | None, language: str) -> None:
    """
    As ``Accept-Language`` has it, English for everybody else; caches are told that it is asked for.
    """
    answer = client.get(f"/{route}", headers={} if wish is None else {"Accept-Language": wish})
    assert (answer.status_code, answer.text) == (200, f"<p>{route}.{language}</p>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding, Accept-Language"


@pytest.mark.parametrize(
    ("wish", "coding"),
    [(None, None), ("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0.1, gzip", "gzip"), ("br;q=0, gzip;q=0", None)],
)
def test_a_file_comes_as_it_was_packed(client: TestClient, wish: str | None, coding: str | None) -> None:
    """
    The bytes that the build left, under the coding that was wished for, never compressed anew.
    """
    headers = {} if wish is None else {"Accept-Encoding": wish}
    with client.stream("GET", "/assets/todos-a1b2.js", headers=headers) as answer:
        packed = b"".join(answer.iter_raw())
    assert packed == {None: SCRIPT, "gzip": gzip.compress(SCRIPT, mtime=0), "br": b"as if brotli"}[coding]
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["content-length"] == str(len(packed))
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"


def test_a_picture_is_not_packed(client: TestClient) -> None:
    """
    What the build did not compress comes as it is.
    """
    answer = client.get("/assets/picture-c3d4.png", headers={"Accept-Encoding": "br, gzip"})
    assert (answer.content, answer.headers["content-type"]) == (b"\x89PNG", "image/png")
    assert "content-encoding" not in answer.headers


def test_assets_are_kept_and_pages_asked_for(client: TestClient) -> None:
    """
    The name of an asset changes with its content, so it is good for ever; a page is asked for each time.
    """
    assert client.get("/assets/todos-a1b2.js").headers["cache-control"] == GOOD_FOR_EVER
    assert client.get("/log-in").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/log-in", "/assets/todos-a1b2.js"])
def test_what_one_has_is_not_sent_again(client: TestClient, path: str) -> None:
    """
    A 304 tells what a cache must know.

    Its content security policy is that of the whole answer, for a cache puts it in its place (RFC 9111 §3.2).
    """
    wish = {"Accept-Encoding": "gzip", "Accept-Language": "de"}
    whole = client.get(path, headers=wish)
    known = client.get(path, headers=wish | {"If-None-Match": f'"other", W/{whole.headers["etag"]}'})
    assert (known.status_code, known.content) == (304, b"")
    for name in ("cache-control", "content-security-policy", "etag", "vary"):
        assert known.headers[name] == whole.headers[name], name
    assert client.get(path, headers=wish | {"If-None-Match": '"other"'}).status_code == 200


def test_each_form_has_a_tag_of_its_own(client: TestClient) -> None:
    """
    Languages and codings differ in their bytes, and so in their tags; the tag is the same wherever it is served.
    """
    wishes = [{"Accept-Language": tag, "Accept-Encoding": coding} for tag in ("en", "de") for coding in ("gzip", "")]
    tags = [client.get("/log-in", headers=wish).headers["etag"] for wish in wishes]
    assert len(set(tags)) == len(wishes)
    assert all(re.fullmatch(r'"[0-9a-f]{32}"', tag) for tag in tags)
    plain = client.get("/assets/picture-c3d4.png").headers["etag"]
    assert plain == '"0f4636c78f65d3639ece5a064b5ae753"'


@pytest.mark.parametrize("path", ["/", "/assets/todos-a1b2.js"])
def test_head_is_answered_as_get_is(client: TestClient, path: str) -> None:
    """
    With the same headers.
    """
    head, get = client.head(path), client.get(path)
    assert (head.status_code, dict(head.headers)) == (200, dict(get.headers))


@pytest.mark.parametrize(
    "name",
    [
        *("", "nothing.js", "todos-a1b2.js.gz", "todos-a1b2.js.br", "todos-a1b2.js/", "notes.py"),
        *("../built-from", "..%2fbuilt-from", "%2e%2e/index.html", "../../secret.js", "..%2f..%2fsecret.js", "%00"),
    ],
)
def test_nothing_else_is_served(client: TestClient, name: str) -> None:
    """
    Neither another file of the folder nor one outside: a problem, which no cache keeps.
    """
    answer = client.get(f"/assets/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_files_are_only_read(client: TestClient, method: str) -> None:
    """
    Another method is refused with those that there are.
    """
    for path in ("/log-in", "/assets/todos-a1b2.js"):
        answer = client.request(method, path)
        assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


def test_files_are_read_when_first_asked_for(client: TestClient, folder: Path) -> None:
    """
    Not before, so that a start waits for none, and once: what is built later does not mix with what is served.
    """
    _write(folder / "log-in" / "index.html", b"before the first request")
    assert client.get("/log-in").text == "before the first request"
    _write(folder / "log-in" / "index.html", b"after it")
    assert client.get("/log-in").text == "before the first request"


@pytest.mark.parametrize("route", ROUTES)
def test_a_service_without_its_page_says_so(client: TestClient, folder: Path, route: str) -> None:
    """
    404, in words: what is missing, that the API works, and what to do. No cache keeps it, for it may be mended.
    """
    for path in folder.rglob("*.html*"):
        path.unlink()
    answer = client.get(route)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "built without its web page" in answer.text
    assert "uv sync --reinstall-package todo-app" in answer.text
    assert 'href="/docs"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_password_managers_are_led_to_the_form(client: TestClient) -> None:
    """
    As the W3C's Well-Known URL for Changing Passwords has it.

    They also ask for what cannot be there, to see whether our answers can be believed: it is not found.
    """
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["location"]) == (302, "/account#password")
    assert (
        client.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200").status_code == 404
    )


def test_who_follows_a_link_to_nowhere_gets_a_page(client: TestClient) -> None:
    """
    A browser that shows what it gets is answered in HTML; a program, and whatever asks the API, with a problem.
    """
    reading = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    lost = client.get("/nothing", headers=reading)
    assert (lost.status_code, lost.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in lost.text
    for path, headers in (("/nothing", {"Accept": "*/*"}), ("/api/v1/nothing", reading), ("/assets/nothing", reading)):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
