"""
The tutorial keeps its word: its first five steps and its seventh are gone as they stand, from nothing, in a browser.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.server import TodoServer, eventually, run_todo

TUTORIAL = (Path(__file__).parents[3] / "docs" / "tutorials" / "first-reset.md").read_text("utf-8")
EMAIL = "ann@example.org"
OLD, NEW = "correct horse battery", "staple horse battery"


def told(first_word: str) -> str:
    """
    Return the block of the tutorial that begins with *first_word*.
    """
    found = re.search(rf"^```text\n( *{re.escape(first_word)}.*?)^```", TUTORIAL, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def started(server_folder: Path) -> Generator[TodoServer]:
    """
    Yield the program as the tutorial starts it, with nothing set.
    """
    with TodoServer(server_folder, {}) as server:
        yield server


def link_about(server: TodoServer, subject: str) -> str:
    """
    Return the link of the mail about *subject*, as the terminal shows it.
    """
    mail = rf"^Subject: {subject}.*?(http\S+token=\S+)"

    def look() -> str | None:
        found: list[str] = re.findall(mail, server.output, re.DOTALL | re.MULTILINE)
        return found[-1] if found else None

    return eventually(look)


def log_in(page: Page, password: str) -> None:
    """
    Fill in the log-in.
    """
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def without_ids(listing: str) -> list[list[str]]:
    """
    Return what a listing of the outbox says of each mail: all but its id and moment.
    """
    return [line.split()[3:] for line in listing.strip().splitlines()]


def has_just_the_milk(page: Page) -> None:
    """
    Hold that the todo of the third step is there.
    """
    expect(page.locator(".todo .title")).to_have_text("Edit: Buy milk")


def sign_up(page: Page, server: TodoServer) -> None:
    """
    Go the second step.
    """
    page.goto("/sign-up")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(OLD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    link = link_about(server, "Verify your address")
    page.goto("/dev/mail")
    expect(page.get_by_role("link", name=link)).to_have_attribute("href", link)
    page.goto(behind(link))
    page.get_by_role("button", name="Yes, this is my address").click()
    page.get_by_role("link", name="Log in").click()


def forget(page: Page, address: str) -> None:
    """
    Ask for a link, as in the fourth step.
    """
    page.goto("/forgot-password")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()


def choose(page: Page, link: str) -> None:
    """
    Go the fifth step, up to the link that does not work any more.
    """
    page.goto(behind(link))
    for password, outcome in (("short", "At least 12 characters"), (NEW, "Your new password counts from now on")):
        page.get_by_label("New password", exact=True).fill(password)
        page.get_by_role("button", name="Set the password").click()
        expect(page.get_by_text(outcome).first).to_be_visible()
    page.goto(behind(link))
    expect(page.get_by_text("does not work any more").first).to_be_visible()


def behind(link: str) -> str:
    """
    Return the path and the query of *link*, for the browser's own name of the server.
    """
    return "/" + link.split("/", 3)[3]


def test_the_tutorial_goes_as_it_says(started: TodoServer, browser: Browser) -> None:
    """
    Each step leads where the tutorial says, and each output is the one that stands there.
    """
    page, private = (browser.new_context(base_url=started.url, locale="en-GB").new_page() for _ in range(2))

    def run(*arguments: str) -> str:
        return run_todo(*arguments, settings={}, folder=started.folder).stdout

    def listed() -> str | None:
        listing = run("outbox", "list", "--show-addresses")
        return listing if "no account" in listing else None

    assert told("Todo 0").replace("localhost:8000", f"localhost:{started.port}").rstrip() in started.output
    assert run("check") == told("settings")
    sign_up(page, started)
    log_in(page, OLD)
    page.get_by_label("New todo").fill("Buy milk")
    page.keyboard.press("Enter")
    has_just_the_milk(page)
    for address in (EMAIL, "nobody@example.org"):
        forget(private, address)
    assert without_ids(eventually(listed)) == without_ids(told("01a1"))
    choose(private, link_about(started, "Reset your password"))
    page.reload()
    log_in(page, NEW)
    has_just_the_milk(page)
    private.goto(behind(run("reset-link", EMAIL).split()[-1]))
    expect(private.get_by_label("New password", exact=True)).to_be_visible()
