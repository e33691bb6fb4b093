"""
The pages behind mailed links, in a real browser.
"""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.browser import CHROMIUM, NO_BROWSER, OPTIONS
from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, eventually
from tests.support.smtp import SmtpServer

NEW_PASSWORD = "a different one, quite long"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)


@pytest.fixture
def requests() -> list[str]:
    """
    Return what will hold the URL of every request the page makes.
    """
    return []


@pytest.fixture
def page(requests: list[str]) -> Generator[Page]:
    """
    Yield a page whose console must stay free of errors: a breach of the content security policy is one.
    """
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        page = browser.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert not [complaint for complaint in complaints if "status of 4" not in complaint]


def test_a_link_is_followed_in_a_browser(server: TodoServer, mail: SmtpServer, page: Page, requests: list[str]) -> None:
    """
    Both links work by a press of their button; the token leaves the address bar and is in no request's URL again.
    """
    ann = Person(server, mail)
    with server.client() as client:
        client.post("/auth/register", json={"email": ann.email, "password": PASSWORD})

    def follow(path: str, token: str) -> None:
        link = f"{server.url}/{path}?token={token}"
        requests.clear()
        page.goto(link)
        expect(page).to_have_url(f"{server.url}/{path}")
        assert requests.count(link) == 1

    verification = ann.link_token("Verify")
    follow("verify-email", verification)
    page.get_by_role("button", name="this is my address").click()
    expect(page.get_by_role("status")).to_contain_text("You can log in now")
    assert len([url for url in requests if verification in url]) == 1

    reset = ann.forget_password()
    follow("reset-password", reset)
    expect(page.get_by_role("timer")).to_contain_text("60 more minutes")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("counts")
    assert len([url for url in requests if reset in url]) == 1
    assert ann.log_in(NEW_PASSWORD)


def test_links_about_a_change_of_the_address_are_followed_in_a_browser(
    server: TodoServer, mail: SmtpServer, page: Page, requests: list[str]
) -> None:
    """
    Opening one changes nothing; a press of its button does, once, and its token is in no URL but the link's own.
    """
    ann, new = Person(server, mail), "ann@new.example.net"
    ann.sign_up()
    with server.client(ann.log_in()) as client:
        assert client.post("/me/email", json={"new_email": new, "password": PASSWORD}).status_code == 202

    def press(button: str, path: str, token: str, words: str) -> None:
        for role, said in (("status", words), ("alert", "does not work any more")):
            requests.clear()
            page.goto(f"{server.url}/{path}?token={token}")
            expect(page).to_have_url(f"{server.url}/{path}")
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role(role)).to_contain_text(said)  # type: ignore[arg-type] - two of the roles there are
            assert len([url for url in requests if token in url]) == 1

    confirmation = Person(server, mail, new).link_token("Confirm")
    press("this is my new address", "confirm-email", confirmation, "has its new address")
    press("my old address back", "undo-email-change", ann.link_token("was changed"), "has its old address again")


def test_a_link_without_a_token_is_said_to_be_dead(server: TodoServer, page: Page) -> None:
    """
    On every page that a link leads to; there is nothing to press that would redeem it.
    """
    for path, button in (
        ("verify-email", "this is my address"),
        ("confirm-email", "this is my new address"),
        ("undo-email-change", "my old address back"),
        ("undo-deletion", "Keep my account"),
    ):
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_role("alert")).to_contain_text("no link to go by")
        expect(page.get_by_role("button", name=button)).to_have_count(0)


def test_a_dead_link_offers_a_new_one(server: TodoServer, mail: SmtpServer, page: Page) -> None:
    """
    A link that was used, or mangled, says so, and a new one is a form away; it may carry its token behind #.
    """
    ann = Person(server, mail)
    ann.sign_up()
    page.goto(f"{server.url}/reset-password?token=mangled")
    expect(page.get_by_role("alert")).to_contain_text("does not work any more")
    page.get_by_label("E-mail address").fill(ann.email)
    page.get_by_role("button", name="new link").click()
    expect(page).to_have_url(f"{server.url}/check-inbox")
    page.goto(f"{server.url}/reset-password#token={ann.link_token('Reset')}")
    expect(page.get_by_label("New password")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/reset-password")


def test_a_weak_password_is_explained_and_the_link_lives(server: TodoServer, mail: SmtpServer, page: Page) -> None:
    """
    The rule that a password breaks is shown where one looks, and the same form takes a better one.
    """
    ann = Person(server, mail)
    ann.sign_up()
    page.goto(f"{server.url}/reset-password?token={ann.forget_password()}")
    field = page.get_by_label("New password")
    field.fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(field).to_have_accessible_description("At least 12 characters, please.")
    expect(field).to_be_focused()
    field.fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("counts")


def test_a_page_that_has_not_changed_still_runs(server: TodoServer, page: Page) -> None:
    """
    A browser that is told 304 for a page shows and runs the one it has, under the policy that the 304 brought.
    """
    for status in (200, 304):
        page.goto(f"{server.url}/forgot-password")
        expect(page.locator("html")).to_have_attribute("data-ready", "")
        eventually(lambda: re.search(rf'"path":\s*"/forgot-password".*"status":\s*{status}', server.output))  # noqa: B023 - called at once
        page.goto("about:blank")


def test_the_api_can_be_tried_in_the_browser(server: TodoServer, page: Page, requests: list[str]) -> None:
    """
    /docs shows the operations, asks only this server, and lets one be tried.
    """
    page.goto(f"{server.url}/docs")
    page.locator("#operations-Operating-get_health").click()
    page.locator("#operations-Operating-get_health").get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table")).to_contain_text('"status": "ok"')
    assert all(url.startswith((server.url, f"http://localhost:{server.port}", "data:")) for url in requests)
