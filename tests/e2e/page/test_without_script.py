"""
The way in and back in, by a browser that runs no script.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.page.conftest import Watch
from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer

NEW_PASSWORD = "a different one, quite long"
LINK_PAGES = ("reset-password", "verify-email", "confirm-email", "undo-email-change", "undo-deletion")


@pytest.fixture
def plain(new_context: Callable[..., BrowserContext]) -> Page:
    """
    Return a page in a browser that runs no script.
    """
    return new_context(java_script_enabled=False).new_page()


def send(page: Page, button: str, **fields: str) -> None:
    """
    Fill in what has a label, and press the button.
    """
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name=button).click()


def address(page: Page) -> str:
    """
    Return the path of what is shown, and its query.
    """
    return re.sub(r"^http://[^/]+", "", page.url)


def test_the_whole_story(plain: Page, person: Person, watch: Watch, picture: Callable[[Page, str], None]) -> None:
    """
    Sign up, verify, log in, log out, forget the password, choose another, log in with it.
    """
    plain.goto("/sign-up")
    send(plain, "Sign up", **{"E-mail address": person.email, "Password": PASSWORD})
    assert address(plain) == "/check-inbox"

    plain.goto(f"/verify-email?token={person.link_token('Verify')}")
    picture(plain, "without-script-verify")
    send(plain, "Yes, this is my address")
    assert address(plain) == "/log-in?done=verify-email"
    expect(plain.get_by_role("status")).to_contain_text("is verified")
    picture(plain, "without-script-verified")

    watch.expected.add(401)
    send(plain, "Log in", **{"E-mail address": person.email, "Password": "not this one, surely"})
    expect(plain.get_by_role("alert")).to_contain_text("do not belong together")
    expect(plain.get_by_label("E-mail address")).to_have_value(person.email)
    expect(plain.get_by_label("Password", exact=True)).to_have_value("")
    picture(plain, "without-script-wrong-password")
    send(plain, "Log in", Password=PASSWORD)
    assert address(plain) == "/"
    assert [cookie.get("name") for cookie in plain.context.cookies()] == ["__Host-session"]
    expect(plain.locator("noscript h1")).to_be_visible()  # Playwright finds no text and no role in noscript
    picture(plain, "without-script-todos")
    plain.locator("noscript form button").click()
    assert address(plain) == "/log-in?done=log-out"
    assert plain.context.cookies() == []

    plain.get_by_role("link", name="Forgot").click()
    send(plain, "Mail me a link", **{"E-mail address": person.email})
    assert address(plain) == "/check-inbox"
    plain.goto(f"/reset-password?token={person.link_token('Reset')}")
    watch.expected.add(422)
    send(plain, "Set the password", **{"New password": "short"})
    expect(plain.get_by_text("at least 12 characters")).to_be_visible()
    picture(plain, "without-script-weak-password")
    send(plain, "Set the password", **{"New password": NEW_PASSWORD})
    assert address(plain) == "/log-in?done=reset-password"
    send(plain, "Log in", **{"E-mail address": person.email, "Password": NEW_PASSWORD})
    assert address(plain) == "/"


def test_a_dead_link_leads_to_another(
    plain: Page, person: Person, watch: Watch, picture: Callable[[Page, str], None]
) -> None:
    """
    Where a link was used, or mangled, the form for a new one stands open.
    """
    person.sign_up()
    watch.expected.update({400, 403})
    plain.goto("/verify-email?token=mangled")
    send(plain, "Yes, this is my address")
    expect(plain.get_by_role("alert")).to_contain_text("does not work any more")
    expect(plain.get_by_role("button", name="Yes")).to_be_hidden()
    picture(plain, "without-script-dead-verify")
    send(plain, "Mail me a new link", **{"E-mail address": person.email})
    assert address(plain) == "/check-inbox"

    plain.goto("/reset-password?token=mangled")
    send(plain, "Set the password", **{"New password": NEW_PASSWORD})
    expect(plain.get_by_role("alert")).to_contain_text("Have another one mailed here")
    picture(plain, "without-script-dead-reset")
    send(plain, "Mail me a link", **{"E-mail address": person.email})
    assert address(plain) == "/check-inbox"
    assert person.link_token("Reset")


def test_who_has_not_verified_the_address_can_have_another_link(plain: Page, person: Person, watch: Watch) -> None:
    """
    Logging in leads there, with the address filled in.
    """
    plain.goto("/sign-up")
    send(plain, "Sign up", **{"E-mail address": person.email, "Password": PASSWORD})
    plain.goto("/log-in")
    watch.expected.add(403)
    send(plain, "Log in", **{"E-mail address": person.email, "Password": PASSWORD})
    expect(plain.get_by_role("alert")).to_contain_text("has to be verified first")
    expect(plain.get_by_label("E-mail address")).to_have_value(person.email)
    send(plain, "Mail me a new link")
    assert address(plain) == "/check-inbox"
    assert person.link_token("Verify", number=2)


@pytest.mark.parametrize("name", LINK_PAGES)
def test_a_link_that_only_scripts_can_read_says_so(
    plain: Page, name: str, picture: Callable[[Page, str], None]
) -> None:
    """
    A token behind # reaches no server: the page says that it needs script, and shows no button that could not work.
    """
    plain.goto(f"/{name}#token=whatever")
    expect(plain.locator("noscript .tokenless")).to_be_visible()
    expect(plain.locator("form:has([name=token]) button:visible")).to_have_count(0)
    picture(plain, f"without-script-fragment-{name}")


@pytest.mark.parametrize("name", LINK_PAGES)
def test_the_page_changes_by_its_token_alone(server: TodoServer, name: str) -> None:
    """
    What is put into the page that a link leads to is the token's value, in each language; no cache keeps it.
    """
    for language in ("en", "de", "es"):
        headers = {"Accept-Language": language}
        plain = httpx2.get(f"{server.url}/{name}", headers=headers)
        carried = httpx2.get(f"{server.url}/{name}?token=a.b~c", headers=headers)
        assert carried.text.count("a.b~c") == 1
        assert carried.text.replace(' value="a.b~c"', "") == plain.text
        assert carried.headers["cache-control"] == "no-store"


def test_nothing_is_offered_that_needs_script(
    new_context: Callable[..., BrowserContext], picture: Callable[[Page, str], None]
) -> None:
    """
    In no language, width or colour: no choice of the language, no button that shows a password.
    """
    for language, width, scheme in product(("en", "de", "es"), (360, 1280), ("light", "dark")):
        context = new_context(
            java_script_enabled=False,
            locale=language,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
        )
        page = context.new_page()
        for name in ("sign-up", "log-in?done=verify-email", "verify-email?token=t", "account"):
            page.goto(f"/{name}")
            assert page.locator("button:not([type=submit]):visible").filter(has_not_text=re.compile(r"\S")).count() == 0
            assert page.get_by_role("button", name="Español").count() == 0
            if language == "en" or width == 360:
                picture(page, f"without-script-{Path(name.partition('?')[0])}-{language}-{width}-{scheme}")
        context.close()
