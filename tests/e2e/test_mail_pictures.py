"""
The messages as pictures: every one, in every language, on a phone and on a desk, by day and by night.

The screenshots lie in pytest's folder for this run, one for each case: looking at them finds what no test does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.browser import CHROMIUM, NO_BROWSER, OPTIONS
from todo_adapters.templates import JinjaMessageRenderer
from todo_core.model.mail import MailKind, RenderedMessage
from todo_web.cli.mail import MADE_UP

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)

RENDERER = JinjaMessageRenderer()
LONG = f"{'ann.of.the.long.name.' * 3}ann@{'mail.' * 20}example.org"
WITH_LINK = (
    MailKind.PASSWORD_RESET,
    MailKind.VERIFY_EMAIL,
    MailKind.CHANGE_EMAIL,
    MailKind.EMAIL_CHANGED,
    MailKind.ACCOUNT_DELETION,
)
WIDEST = 600
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
LEAST_TARGET = 44  # WCAG 2.2, 2.5.5

Scheme = Literal["light", "dark"]
Show = Callable[..., Page]

# For each visible piece of text: the words and the ratio of its colour to the one behind it (WCAG 2.2, relative
# luminance).
_CONTRASTS = """
() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = channels(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.data.trim();
    if (!words || !element.checkVisibility()) continue;
    const colours = [channels(getComputedStyle(element).color), behind(element)];
    const [dark, light] = colours.map(luminance).sort((a, b) => a - b);
    found.push([words, (light + 0.05) / (dark + 0.05)]);
  }
  return found;
}
"""
_WIDEST = (
    "() => Math.max(...[...document.querySelectorAll('table, table *')].map(e => e.getBoundingClientRect().width))"
)
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """
    Yield one browser for all pictures.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Return the folder the screenshots go to.
    """
    return tmp_path_factory.mktemp("mail-pictures")


@pytest.fixture
def show(browser: Browser) -> Generator[Show]:
    """
    Yield what shows a message; the test fails if anything is fetched, or if the browser complains.
    """
    trouble: list[str] = []

    def in_window(message: RenderedMessage, *, width: int = 360, scheme: Scheme = "light") -> Page:
        page = browser.new_page(viewport={"width": width, "height": 640}, color_scheme=scheme)
        page.on("request", lambda request: trouble.append(request.url))
        page.on("console", lambda words: trouble.append(words.text))
        page.set_content(message.html)
        return page

    yield in_window
    for context in browser.contexts:
        context.close()
    assert trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 600, 1000])
@pytest.mark.parametrize("locale", RENDERER.locales)
@pytest.mark.parametrize("kind", MailKind)
def test_it_is_whole_and_readable(
    show: Show, pictures: Path, kind: MailKind, locale: str, width: int, scheme: Scheme
) -> None:
    """
    Nothing sticks out, nothing is wider than 600 px, and every word stands out from what is behind it.
    """
    page = show(RENDERER.render(kind, locale=locale, facts=MADE_UP), width=width, scheme=scheme)
    page.screenshot(path=pictures / f"{kind}-{locale}-{width}-{scheme}.png", full_page=True)
    assert page.evaluate(_OVERFLOW) == 0
    assert page.evaluate(_WIDEST) <= WIDEST
    contrasts: list[tuple[str, float]] = page.evaluate(_CONTRASTS)
    assert len(contrasts) > 5
    assert [(words, ratio) for words, ratio in contrasts if ratio < LEAST_CONTRAST] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_night_has_colours_of_its_own(show: Show, scheme: Scheme) -> None:
    """
    Whoever reads in the dark is not dazzled by a white page.
    """
    page = show(RENDERER.render(MailKind.PASSWORD_RESET, locale="en", facts=MADE_UP), scheme=scheme)
    colour = {"light": "rgb(255, 255, 255)", "dark": "rgb(31, 41, 55)"}[scheme]
    expect(page.locator(".card")).to_have_css("background-color", colour)


@pytest.mark.parametrize("locale", RENDERER.locales)
@pytest.mark.parametrize("kind", WITH_LINK)
def test_button_and_link_can_be_seen_and_lead_to_the_same(show: Show, kind: MailKind, locale: str) -> None:
    """
    The button is high enough for a thumb, and the same link stands below it in plain sight, whole.
    """
    page = show(RENDERER.render(kind, locale=locale, facts=MADE_UP))
    button, link = page.get_by_role("link").all()
    assert [a.get_attribute("href") for a in (button, link)] == [MADE_UP["link"]] * 2
    expect(button).to_be_visible()
    expect(link).to_be_visible()
    expect(link).to_have_text(MADE_UP["link"])
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= LEAST_TARGET


@pytest.mark.parametrize("locale", RENDERER.locales)
@pytest.mark.parametrize("kind", MailKind)
def test_a_long_address_breaks(show: Show, kind: MailKind, locale: str) -> None:
    """
    The longest words there can be, an address's, push nothing out.
    """
    page = show(RENDERER.render(kind, locale=locale, facts=MADE_UP | {"email": LONG}))
    assert LONG in page.locator("body").inner_text()
    assert page.evaluate(_OVERFLOW) == 0
