"""
The pictures of the documents, taken of the program as anybody starts it.

``python -m tests.pictures`` writes them into ``docs/images``; ``tests/unit/test_documentation.py`` holds that they are
small, and that pages show no others.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import CHROMIUM, OPTIONS
from tests.support.server import PASSWORD, TodoServer, eventually, token_in
from tests.support.todos_screen import TodosScreen

IMAGES = Path(__file__).parents[1] / "docs" / "images"
EMAIL = "ann@example.org"
LARGE = {"width": 980, "height": 540}
SMALL = {"width": 360, "height": 640}
TODAY = datetime.now(UTC).date()

_TOGETHER = """
<body style="margin: 0; padding: 20px; display: flex; gap: 20px; align-items: center; background: #e4e8f0">
  <img src="{0}" style="width: 420px; border-radius: 12px"><img src="{1}" style="width: 420px; border-radius: 12px">
</body>
"""


def take(page: Page, name: str, **options: object) -> None:
    """
    Keep a picture of *page*.
    """
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(400)
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", **options)  # type: ignore[arg-type] # playwright's options, passed on


def letter(server: TodoServer, subject: str) -> str:
    """
    Return the text of the newest mail about *subject*, once the terminal shows it.
    """

    def look() -> str | None:
        found: list[str] = re.findall(rf"^Subject: {subject}.*?(?=^=====|\Z)", server.output, re.MULTILINE | re.DOTALL)
        return found[-1] if found and "token=" in found[-1] else None

    return eventually(look)


def fill(screen: TodosScreen) -> None:
    """
    Give somebody a day's todos.
    """
    home = screen.ask("POST", "/lists", name="Home", colour="#2f9e44")["id"]
    work = screen.ask("POST", "/lists", name="Work", colour="#7048e8")["id"]
    todos: list[Mapping[str, object]] = [
        {"title": "Buy oat milk", "list_id": home, "tags": ["shop"], "due_date": str(TODAY)},
        {"title": "Send the invoice", "list_id": work, "priority": "high", "due_date": str(TODAY - timedelta(days=3))},
        {"title": "Plan the trip to the mountains", "tags": ["family"], "due_date": str(TODAY + timedelta(days=9))},
        {"title": "Water the plants", "list_id": home, "due_date": str(TODAY), "recurrence": "FREQ=WEEKLY"},
        {"title": "Call the dentist", "priority": "medium"},
    ]
    for todo in todos:
        screen.ask("POST", "/todos", **todo)
    trip = next(todo["id"] for todo in screen.kept() if "trip" in todo["title"])
    screen.ask("POST", "/todos", title="Ask Bob about the days", parent_id=trip)


@frozen
class Photographer:
    """
    Somebody who goes through the program with a camera.
    """

    server: TodoServer
    browser: Browser

    @contextmanager
    def window(self, size: Mapping[str, int], scheme: str = "light", **options: object) -> Generator[Page]:
        """
        Yield a page of this size.
        """
        context = self.browser.new_context(  # type: ignore[call-overload] # playwright's options, passed on
            base_url=self.server.url, locale="en-GB", viewport=size, color_scheme=scheme, **options
        )
        yield context.new_page()
        context.close()

    def sign_up(self) -> object:
        """
        Open an account with the page and the mail, and return the browser's cookies.
        """
        with self.window(SMALL) as page:
            page.goto("/sign-up")
            page.get_by_label("E-mail address").fill(EMAIL)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            take(page, "sign-up")
            page.get_by_role("button", name="Sign up").click()
            page.goto(f"/verify-email?token={token_in(letter(self.server, 'Verify'))}")
            page.get_by_role("button", name="Yes, this is my address").click()
            page.get_by_role("link", name="Log in").click()
            page.get_by_label("E-mail address").fill(EMAIL)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            TodosScreen(page).ready()
            return page.context.storage_state()

    def todos(self, state: object) -> None:
        """
        Take the todos: large, small, with details and with the keys.
        """
        with self.window(LARGE, storage_state=state) as page:
            screen = TodosScreen(page).open()
            fill(screen)
            screen.open()
            take(page, "todos")
            screen.details("Plan the trip to the mountains")
            take(page, "details")
            page.keyboard.press("Escape")
            page.set_viewport_size({"width": 980, "height": 760})
            page.keyboard.press("?")
            take(page, "shortcuts", clip={"x": 266, "y": 10, "width": 448, "height": 740})
        with self.window(LARGE, "dark", storage_state=state) as page:
            TodosScreen(page).open()
            take(page, "todos-dark")
        with self.window(SMALL, storage_state=state) as page:
            TodosScreen(page).open()
            take(page, "phone")

    def reset(self) -> None:
        """
        Take the mail and the page that it leads to, side by side.
        """
        with self.window({"width": 420, "height": 440}) as page:
            page.goto("/forgot-password")
            page.get_by_label("E-mail address").fill(EMAIL)
            page.get_by_role("button", name="Mail me a link").click()
            token = token_in(letter(self.server, "Reset"))
            page.goto("/dev/mail")
            page.goto(page.locator("iframe").first.get_attribute("src") or "")
            mail = shown(page)
            page.goto(f"/reset-password?token={token}")
            page.get_by_label("New password", exact=True).press_sequentially("staple horse battery")
            page.get_by_text("Nothing speaks against this one").wait_for()
            choosing = shown(page)
        with self.window({"width": 900, "height": 480}) as page:
            page.set_content(_TOGETHER.format(mail, choosing))
            take(page, "reset")


def shown(page: Page) -> str:
    """
    Return a picture of *page* as an address.
    """
    page.wait_for_timeout(400)
    return f"data:image/png;base64,{base64.b64encode(page.screenshot()).decode()}"


def main(say: Callable[[str], None] = print) -> None:
    """
    Take all of them.
    """
    with (
        TemporaryDirectory(prefix="todo-pictures-") as folder,
        TodoServer(Path(folder).resolve(), {}) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        photographer = Photographer(server, browser)
        photographer.todos(photographer.sign_up())
        photographer.reset()
        browser.close()
    for picture in sorted(IMAGES.glob("*.png")):
        say(f"{picture.name}: {picture.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
