"""
The pages behind mailed links, but the one that resets a password: test_entry.py and test_token.py have that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, product

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.page.conftest import Watch
from tests.support.people import Person
from tests.support.server import PASSWORD

PAGES = {
    "verify-email": "Yes, this is my address",
    "confirm-email": "Yes, this is my new address",
    "undo-email-change": "Give me my old address back",
    "undo-deletion": "Keep my account",
}
DONE = {
    "verify-email": "You can log in now",
    "confirm-email": "has its new address",
    "undo-email-change": "has its old address again",
    "undo-deletion": "Your account stays",
}
DEAD = "does not work any more"
KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state, document.referrer])"

Picture = Callable[[Page, str], None]
_numbers: Iterator[int] = count(1)


def link_token(name: str, person: Person) -> str:
    """
    Return the token of a link to the page *name*, mailed to somebody new.
    """
    if name == "verify-email":
        with person.server.client() as client:
            client.post("/auth/register", json={"email": person.email, "password": PASSWORD})
        return person.link_token("Verify")
    person.sign_up()
    moved = Person(person.server, person.mail, f"moved-{next(_numbers)}@example.net")
    with person.server.client(person.log_in()) as client:
        if name == "undo-deletion":
            assert client.post("/me/deletion", json={"password": PASSWORD}).status_code == 202
            return person.link_token("erased")
        assert client.post("/me/email", json={"new_email": moved.email, "password": PASSWORD}).status_code == 202
    token = moved.link_token("Confirm")
    if name == "confirm-email":
        return token
    assert httpx2.post(f"{person.server.url}/api/v1/me/email/confirm", json={"token": token}).status_code == 204
    return person.link_token("was changed")


def opened(page: Page, address: str) -> None:
    """
    Open a page, and wait until its script has taken over.
    """
    page.goto(address)
    expect(page.locator("html[data-ready]")).to_be_attached()


def told(page: Page, text: str) -> None:
    """
    Expect the page to say that, and the keyboard to be there.
    """
    notice = page.locator(".notice", has_text=text)
    expect(notice).to_be_visible()
    expect(notice).to_be_focused()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("mark", ["?", "#"])
def test_a_press_redeems_the_link(page: Page, person: Person, name: str, mark: str, watch: Watch) -> None:
    """
    Opening it changes nothing; the button does, once; and the token is in no URL but the link's own, nor kept anywhere.
    """
    token = link_token(name, person)
    for _ in range(2):
        opened(page, f"/{name}{mark}token={token}")
        expect(page).to_have_url(f"{person.server.url}/{name}")
    assert token not in page.content()
    assert token not in page.evaluate(KEPT)
    page.get_by_role("button", name=PAGES[name]).click()
    told(page, DONE[name])
    assert [request.method for request in watch.requests if request.method != "GET"] == ["POST"]
    carrying = [request for request in watch.requests if token in request.url]
    assert [request.is_navigation_request() for request in carrying] == ([True] * 2 if mark == "?" else [])
    assert not any(token in request.headers.get("referer", "") for request in watch.requests)

    watch.expected.add(400)
    page.goto("/log-in")
    opened(page, f"/{name}{mark}token={token}")
    page.get_by_role("button", name=PAGES[name]).click()
    told(page, DEAD)
    assert token not in page.evaluate(KEPT)


def test_a_dead_link_is_replaced(page: Page, person: Person, watch: Watch) -> None:
    """
    Where an address is to be verified, a form for another link stands there at once, and folded before.
    """
    with person.server.client() as client:
        client.post("/auth/register", json={"email": person.email, "password": PASSWORD})
    watch.expected.add(400)
    opened(page, "/verify-email?token=mangled")
    expect(page.get_by_label("E-mail address")).to_be_hidden()
    page.get_by_text("The link does not work?").click()
    expect(page.get_by_label("E-mail address")).to_be_visible()
    page.get_by_role("button", name=PAGES["verify-email"]).click()
    told(page, DEAD)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("button", name="Mail me a new link").click()
    expect(page).to_have_url(f"{person.server.url}/check-inbox")
    opened(page, f"/verify-email?token={person.link_token('Verify', number=2)}")
    page.get_by_role("button", name=PAGES["verify-email"]).click()
    told(page, DONE["verify-email"])
    page.get_by_role("link", name="Log in").click()
    expect(page).to_have_url(f"{person.server.url}/log-in")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_a_token_says_so(page: Page, name: str) -> None:
    """
    As after a reload: the token is gone for good, and is in the mail still. No button is offered that cannot work.
    """
    opened(page, f"/{name}")
    told(page, "no link to go by")
    expect(page.get_by_role("button", name=PAGES[name])).to_have_count(0)


def test_another_link_can_be_pasted(page: Page, person: Person, watch: Watch) -> None:
    """
    Into the same tab, where it differs behind # only; a jump to the content is none.
    """
    watch.expected.add(400)
    token = link_token("verify-email", person)
    opened(page, "/verify-email#token=mangled")
    page.get_by_role("button", name=PAGES["verify-email"]).click()
    told(page, DEAD)
    page.keyboard.press("Shift+Tab")
    page.get_by_role("link", name="To the content").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".notice", has_text=DEAD)).to_be_visible()
    page.evaluate("token => { location.hash = 'token=' + token; }", token)
    page.get_by_role("button", name=PAGES["verify-email"]).click()
    told(page, DONE["verify-email"])
    assert token not in page.url


def test_a_service_out_of_reach_keeps_the_link(page: Page, person: Person, watch: Watch) -> None:
    """
    Nothing is lost: the same press works once the network is back.
    """
    token = link_token("verify-email", person)
    opened(page, f"/verify-email?token={token}")
    page.context.set_offline(offline=True)
    page.get_by_role("button", name=PAGES["verify-email"]).click()
    told(page, "cannot be reached")
    page.context.set_offline(offline=False)
    page.get_by_role("button", name=PAGES["verify-email"]).click()
    told(page, DONE["verify-email"])
    watch.complaints[:] = [text for text in watch.complaints if "ERR_INTERNET_DISCONNECTED" not in text]


def test_a_limit_is_told_and_keeps_the_link(page: Page, watch: Watch) -> None:
    """
    How long to wait is said, and the button stays.
    """
    watch.expected.add(429)
    opened(page, "/undo-deletion?token=whatever")
    page.route(
        "**/api/v1/auth/undo-deletion",
        lambda route: route.fulfill(
            status=429, content_type="application/problem+json", headers={"Retry-After": "61"}, body="{}"
        ),
    )
    page.get_by_role("button", name=PAGES["undo-deletion"]).click()
    told(page, "61 seconds")
    expect(page.get_by_role("button", name=PAGES["undo-deletion"])).to_be_enabled()


def test_another_language_keeps_the_link(page: Page, person: Person) -> None:
    """
    The token outlives a change of the language, which it could not if the page were loaded anew.
    """
    token = link_token("verify-email", person)
    opened(page, f"/verify-email?token={token}")
    page.get_by_role("button", name="Deutsch").click()
    page.get_by_role("button", name="Ja, das ist meine Adresse").click()
    told(page, "Du kannst dich jetzt anmelden")


def test_by_the_keyboard_alone(page: Page, person: Person) -> None:
    """
    The button is the first thing behind the head of the page.
    """
    token = link_token("verify-email", person)
    opened(page, f"/verify-email?token={token}")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=PAGES["verify-email"])).to_be_focused()
    page.keyboard.press("Enter")
    told(page, DONE["verify-email"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Log in")).to_be_focused()


def test_every_state_can_be_read_and_reached(
    new_context: Callable[..., BrowserContext], picture: Picture, watch: Watch
) -> None:
    """
    Axe finds nothing, nothing has to be scrolled sideways, and nothing moves while the script takes over.
    """
    watch.expected.add(400)
    for width, scheme in product((360, 1280), ("light", "dark")):
        context = new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
        page = context.new_page()
        for name, button in PAGES.items():
            opened(page, f"/{name}?token=mangled")
            _judged(page, picture, f"{name}-ready-{width}-{scheme}")
            page.get_by_role("button", name=button).click()
            told(page, DEAD)
            _judged(page, picture, f"{name}-dead-{width}-{scheme}")
            page.route("**/api/v1/**", lambda route: route.fulfill(status=204))
            opened(page, f"/{name}?token=good")
            page.get_by_role("button", name=button).click()
            told(page, DONE[name])
            _judged(page, picture, f"{name}-done-{width}-{scheme}")
            page.unroute("**/api/v1/**")
        context.close()


def _judged(page: Page, picture: Picture, name: str) -> None:
    picture(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_nothing_moves(page: Page) -> None:
    """
    What the page's HTML shows is what its script shows: no layout shift until somebody presses something.
    """
    for name in PAGES:
        opened(page, f"/{name}?token=whatever")
        shifts = page.evaluate(
            "new Promise((resolve) => { let all = 0; new PerformanceObserver((list) => { for (const entry of"
            " list.getEntries()) all += entry.value; }).observe({ type: 'layout-shift', buffered: true });"
            " setTimeout(() => resolve(all), 300); })"
        )
        assert shifts == 0, name
