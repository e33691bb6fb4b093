"""
The web page in a real browser, against the program, PostgreSQL and a mail server.

One of each serves a whole module: people are told apart by their addresses. Not by pytest-playwright, whose loop lives
as long as the run, and no test after it could have one of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from itertools import count
from pathlib import Path

import pytest
from attrs import define, field
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.support.browser import CHROMIUM, NO_BROWSER, OPTIONS
from tests.support.people import Person
from tests.support.postgres import copied_database
from tests.support.server import KEY, PASSWORD, TodoServer
from tests.support.smtp import SmtpServer

PICTURES = Path(os.environ.get("PAGE_PICTURES", "build/page-pictures"))
_NUMBERS = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Skip by name without a browser.
    """
    for item in items:
        if CHROMIUM is None and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.fixture(scope="module")
def mail() -> Generator[SmtpServer]:
    """
    Yield a mail server with STARTTLS and AUTH.
    """
    with SmtpServer() as server:
        yield server


@pytest.fixture(scope="module")
def server(migrated_database: str, mail: SmtpServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[TodoServer]:
    """
    Yield the running program, with limits high enough for a test's haste.
    """
    folder = tmp_path_factory.mktemp("page")
    with copied_database(migrated_database) as database_url:
        settings = {
            "DATABASE_URL": database_url,
            "JWT_SECRET_KEY": KEY,
            "EMAIL_PROVIDER": "smtp",
            "SSL_CERT_FILE": str(mail.write_authority(folder / "authority.pem")),
            **mail.environment(),
            "RATE_LIMIT_ENABLED": "false",
            "RATE_LIMIT_LOGIN": "1000/minute",
            "RATE_LIMIT_REGISTER": "1000/minute",
            "RATE_LIMIT_VERIFY": "1000/minute",
            "RATE_LIMIT_RESET_CLIENT": "1000/minute",
            "RATE_LIMIT_BAD_TOKENS": "1000000/minute",
        }
        with TodoServer(folder, settings) as running:
            yield running


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """
    Yield the machine's Chromium.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@define
class Watch:
    """
    What pages asked for, and what they complained of: a breach of the content security policy is among it.

    ``expected`` are the statuses of answers that a test wants; the browser's console tells of each.
    """

    origin: str
    expected: set[int] = field(factory=set[int])
    requests: list[Request] = field(factory=list[Request])
    complaints: list[str] = field(factory=list[str])

    def over(self, context: BrowserContext) -> None:
        """
        Watch all pages of *context*.
        """
        context.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108 - playwright marks what it calls
        context.on(
            "console", lambda message: self._heard(message.text) if message.type in {"error", "warning"} else None
        )
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _heard(self, text: str) -> None:
        if not any(f"status of {status}" in text for status in self.expected):
            self.complaints.append(text)

    def verdict(self) -> None:
        """
        Hold that nothing was complained of, and nobody else asked.
        """
        assert self.complaints == []
        assert [
            request.url for request in self.requests if not request.url.startswith((self.origin, "data:", "blob:"))
        ] == []


@pytest.fixture
def watch(server: TodoServer) -> Generator[Watch]:
    """
    Yield the watch over a test's pages, which must have no complaint at its end.
    """
    watch = Watch(server.url)
    yield watch
    watch.verdict()


@pytest.fixture
def new_context(browser: Browser, server: TodoServer, watch: Watch) -> Generator[Callable[..., BrowserContext]]:
    """
    Yield a maker of browser windows that share nothing; each is watched.
    """
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**{"base_url": server.url, "locale": "en-GB", **options})  # type: ignore[arg-type] # playwright's options, passed on
        context.set_default_timeout(10_000)
        watch.over(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """
    Return a page in a window of its own.
    """
    return new_context().new_page()


@pytest.fixture
def person(server: TodoServer, mail: SmtpServer) -> Person:
    """
    Return somebody new, who has no account yet.
    """
    return Person(server, mail, f"person-{next(_NUMBERS)}@example.org")


@pytest.fixture
def member(person: Person) -> Person:
    """
    Return somebody with a verified account.
    """
    person.sign_up()
    return person


@pytest.fixture
def at_home(page: Page, member: Person) -> Page:
    """
    Return a page whose browser is logged in as *member*, by the session cookie.
    """
    return log_in(page, member)


def log_in(page: Page, member: Person) -> Page:
    """
    Log the browser of *page* in, without its form.
    """
    answer = page.request.post(
        "/api/v1/auth/login",
        data={"email": member.email, "password": PASSWORD, "session": "cookie"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.ok, answer.text()
    return page


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """
    Return what keeps a picture of a page, to be looked at: in CI it is an output.
    """

    def take(page: Page, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    return take
