"""
The session's cookie in a real browser: what it keeps, what it sends, and to whom.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.browser import CHROMIUM, NO_BROWSER, OPTIONS
from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, free_port
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)

ASK = """
async ([url, method, body]) => {
  const headers = body === null ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(url, { method, headers, body });
  return [answer.status, document.cookie];
}
"""
SUBMIT = """
([url, method]) => {
  const form = Object.assign(document.createElement("form"), { action: url, method });
  document.body.append(form);
  form.submit();
}
"""


@pytest.fixture
def page() -> Generator[Page]:
    """
    Yield a page of a browser that knows nobody yet.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser.new_page()
        browser.close()


def test_a_page_has_a_session_that_it_cannot_read(server: TodoServer, mail: SmtpServer, page: Page) -> None:
    """
    After a log-in with a cookie our page is known, its scripts see nothing, and a log-out leaves nothing behind.

    A page of a neighbour, whose requests the browser sends the cookie along with, can change nothing.
    """
    Person(server, mail).sign_up()
    ours, api = f"http://localhost:{server.port}", f"http://localhost:{server.port}/api/v1"
    log_in = f'{{"email": "ann@example.org", "password": "{PASSWORD}", "session": "cookie"}}'

    def ask(method: str, path: str, body: str | None = None) -> Any:
        return page.evaluate(ASK, [api + path, method, body])

    page.goto(f"{ours}/verify-email")
    assert ask("GET", "/me") == [401, ""]
    assert ask("POST", "/auth/login", log_in) == [200, ""]
    assert ask("GET", "/me") == [200, ""]
    assert ask("POST", "/todos", '{"title": "Buy milk"}') == [201, ""]
    [kept] = page.context.cookies(ours)
    assert kept.get("name") == "__Host-session"
    assert (kept.get("secure"), kept.get("httpOnly"), kept.get("sameSite")) == (True, True, "Lax")

    assert status_from_elsewhere(page, f"{api}/me", "GET") == 200, "the cookie must come along, or this shows nothing"
    assert status_from_elsewhere(page, f"{api}/auth/logout", "POST") == 403

    page.goto(f"{ours}/verify-email")
    assert ask("GET", "/me") == [200, ""]
    assert ask("POST", "/auth/logout") == [204, ""]
    assert page.context.cookies(ours) == []
    assert ask("GET", "/me") == [401, ""]


def status_from_elsewhere(page: Page, url: str, method: str) -> int:
    """
    Return what is answered to a form of a page at another port, which is the same site and another origin.
    """
    elsewhere = f"http://localhost:{free_port()}/"
    page.route(elsewhere, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(elsewhere)
    with page.expect_navigation() as navigation:
        page.evaluate(SUBMIT, [url, method])
    assert page.url.startswith(url)
    return navigation.value.status
