"""
Where the token of a mailed reset link goes: into the bodies of POST requests, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.page.conftest import Watch
from tests.support.people import Person

NEW_PASSWORD = "a different one, quite long"
KEPT = """async () => JSON.stringify([
    {...localStorage}, {...sessionStorage}, document.cookie, history.state, window.name,
    await indexedDB.databases(), await caches.keys(), document.referrer, location.href,
])"""
LOADED = """() => performance.getEntries()
    .filter((entry) => entry.entryType !== "navigation").map((entry) => entry.name).join(" ")"""
"""A document's own navigation keeps the address it was asked by, for its own scripts alone, until it is left."""


@pytest.fixture(params=["?", "#"], ids=["query", "fragment"])
def link(request: pytest.FixtureRequest, member: Person) -> tuple[str, str]:
    """
    Return a token, and the link it came in.
    """
    token = member.forget_password()
    return token, f"/reset-password{request.param}token={token}"


def _history(page: Page) -> str:
    found: dict[str, Any] = page.context.new_cdp_session(page).send("Page.getNavigationHistory")
    return " ".join(entry["url"] for entry in found["entries"])


def test_it_is_in_no_address_but_the_first(page: Page, watch: Watch, link: tuple[str, str], member: Person) -> None:
    """
    Neither in the address bar, the history, a referrer, what the browser keeps, the page, nor any later address.
    """
    token, address = link
    page.goto("/forgot-password")
    page.goto(address)
    expect(page.get_by_role("timer")).to_contain_text("minutes")
    expect(page).to_have_url(f"{member.server.url}/reset-password")
    for where in (page.evaluate(KEPT), page.evaluate(LOADED), page.content(), _history(page)):
        assert token not in where

    page.get_by_label("New password").fill(NEW_PASSWORD)
    expect(page.get_by_text("Nothing speaks against")).to_be_visible()
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("link", name="Log in with it").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    for where in (page.evaluate(KEPT), page.evaluate(LOADED), page.content(), _history(page)):
        assert token not in where
    assert token not in page.evaluate("() => JSON.stringify(performance.getEntries())")

    page.go_back()
    expect(page).to_have_url(f"{member.server.url}/reset-password")
    page.go_back()
    expect(page).to_have_url(f"{member.server.url}/forgot-password")

    addressed = [request for request in watch.requests if token in request.url.partition("#")[0]]
    assert [request.resource_type for request in addressed] == (["document"] if "?" in address else [])
    for request in watch.requests:
        assert token not in json.dumps(request.all_headers())
        assert token not in (request.post_data or "") or request.method == "POST"
    asked = {
        request.url.rpartition("/api/v1/auth/")[2] for request in watch.requests if token in (request.post_data or "")
    }
    assert asked == {"password-reset/check", "password-check", "password-reset/confirm"}


def test_another_link_in_the_same_tab_works(page: Page, member: Person) -> None:
    """
    One that differs behind # only loads no page by itself; it is taken all the same, and is the one that counts.
    """
    first = member.forget_password()
    page.goto(f"/reset-password#token={first}")
    expect(page.get_by_role("timer")).to_contain_text("minutes")
    second = member.forget_password(number=2)
    page.goto(f"/reset-password#token={second}")
    expect(page).to_have_url(f"{member.server.url}/reset-password")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("counts from now on")
    assert member.log_in(NEW_PASSWORD)
    assert second not in _history(page)


def test_another_language_keeps_the_link(page: Page, member: Person) -> None:
    """
    The page speaks German from then on, and what was typed and the link are still there.
    """
    page.goto(f"/reset-password?token={member.forget_password()}")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("timer")).to_contain_text("Minuten")
    assert page.evaluate("document.documentElement.lang") == "de"
    expect(page.get_by_label("Neues Passwort")).to_have_value(NEW_PASSWORD)
    page.get_by_role("button", name="Passwort setzen").click()
    expect(page.get_by_role("status")).to_contain_text("Ab jetzt gilt")
    assert member.log_in(NEW_PASSWORD)


def test_a_link_opened_twice_is_one_link(
    new_context: Callable[..., BrowserContext], watch: Watch, member: Person
) -> None:
    """
    Looking at it in another window consumes nothing, and whoever comes second is offered a new one.
    """
    watch.expected.add(400)
    token = member.forget_password()
    pages = [new_context().new_page() for _ in range(2)]
    for page in pages:
        page.goto(f"/reset-password?token={token}")
        expect(page.get_by_role("timer")).to_contain_text("minutes")
    for page in pages:
        page.get_by_label("New password").fill(NEW_PASSWORD)
        page.get_by_role("button", name="Set the password").click()
    expect(pages[0].get_by_role("status")).to_contain_text("counts from now on")
    expect(pages[1].get_by_role("alert")).to_contain_text("does not work any more")
    assert member.log_in(NEW_PASSWORD)
