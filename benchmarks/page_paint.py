"""
What one waits for on the web page: the first paint, what moves afterwards, and what is loaded for it.

    uv run python benchmarks/page_paint.py
    uv run python benchmarks/page_paint.py --slower 6

Each page is opened in a new window with nothing kept, on the loopback, by a browser whose processor is four times
slower than this machine's. The kilobytes are scripts and styles as sent to a browser that takes gzip: those that the
page's HTML names, which it needs to be of use (tests/unit/test_page_budget.py holds them), and all that came.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import click
from attrs import define, field
from playwright.sync_api import Browser, BrowserContext, Response, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.report import print_figure, spread
from benchmarks.served import Scene, scene
from tests.support.browser import CHROMIUM, OPTIONS
from tests.support.server import PASSWORD

ENTRY = ("sign-up", "log-in", "check-inbox", "forgot-password", "verify-email?token=x", "undo-deletion?token=x")
"""The page of a reset link looks at its link: that nothing moves there is held by its test, with a link that works."""
MEMBERS = ("", "account")

_WATCH = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
_FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@define
class Opened:
    """
    What was seen of a page, each time it was opened.
    """

    paints: list[float] = field(factory=list[float])
    moved: float = 0.0
    needed: int = 0
    loaded: int = 0


def opened(context: BrowserContext, url: str, *, slower: float) -> tuple[float, float, int, int]:
    """
    Return after how many seconds the page showed something, how much moved, and the bytes that it needed and loaded.
    """
    page = context.new_page()
    page.add_init_script(_WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it is given
    html = page.goto(url)
    assert html is not None
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    sizes = {
        answer.url: len(gzip.compress(answer.body(), 9))
        for answer in answers
        if answer.request.resource_type in {"script", "stylesheet"}
    }
    text = html.text()
    needed = sum(size for address, size in sizes.items() if urlsplit(address).path in text)
    paint: float = page.evaluate(_FIRST_PAINT)
    moved: float = page.evaluate("() => window.moved")
    return paint / 1000, moved, needed, sum(sizes.values())


def log_in(context: BrowserContext, on: Scene) -> None:
    """
    Give the window the cookie of somebody's session.
    """
    answer = context.request.post(
        f"http://127.0.0.1:{on.port}/api/v1/auth/login",
        data={"email": on.person(1), "password": PASSWORD, "session": "cookie"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.ok, answer.text()


def measured(browser: Browser, on: Scene, route: str, *, runs: int, slower: float) -> Opened:
    """
    Return what was seen of the page at *route*, in so many runs.
    """
    seen = Opened()
    prepare: Callable[[BrowserContext, Scene], None] = log_in if route in MEMBERS else lambda *_: None
    for _ in range(runs):
        context = browser.new_context(locale="en-GB", viewport={"width": 360, "height": 740})
        prepare(context, on)
        paint, moved, needed, loaded = opened(context, f"http://127.0.0.1:{on.port}/{route}", slower=slower)
        context.close()
        seen.paints.append(paint)
        seen.moved, seen.needed, seen.loaded = max(seen.moved, moved), needed, loaded
    return seen


@click.command()
@click.option("--runs", default=5, type=click.IntRange(1, 50))
@click.option("--slower", default=4.0, type=click.FloatRange(1, 20), help="How many times slower the processor is.")
def main(runs: int, slower: float) -> None:
    """
    Open each page so many times.
    """
    with scene("todo_web.app:create", people=2) as on, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        for route in (*ENTRY, *MEMBERS):
            seen = measured(browser, on, route, runs=runs, slower=slower)
            name = f"/{route}"
            print_figure(f"{name} first paint", goal="≤ 1 s", seen=spread(seen.paints), held=max(seen.paints) <= 1)
            print_figure(f"{name} moved", goal="0", seen=f"{seen.moved:.4f}", held=seen.moved == 0)
            kilobytes = f"{seen.needed / 1000:.1f} kB, in all {seen.loaded / 1000:.1f}"
            print_figure(f"{name} script and style", goal="≤ 30 kB", seen=kilobytes, held=seen.needed <= 30_000)
        browser.close()


if __name__ == "__main__":
    main()
