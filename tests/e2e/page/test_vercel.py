"""
The page at Vercel, the service elsewhere: one origin to the browser, so its session is in a first-party cookie.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import httpx2
import pytest
from attrs import frozen
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.page.conftest import Watch
from tests.support.people import Person
from tests.support.postgres import copied_database
from tests.support.server import KEY, PASSWORD, TodoServer, free_port
from tests.support.smtp import SmtpServer
from tests.support.todos_screen import TodosScreen
from tests.support.vercel import built, placed


@pytest.fixture(scope="module")
def built_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Return the page as Vercel builds it.
    """
    return built(tmp_path_factory.mktemp("vercel"))


@pytest.fixture(scope="module")
def page_port() -> int:
    """
    Return the port at which the page will be.
    """
    return free_port()


@pytest.fixture(scope="module")
def server(
    migrated_database: str, mail: SmtpServer, page_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Generator[TodoServer]:
    """
    Yield the service, which knows that its page is elsewhere.
    """
    folder = tmp_path_factory.mktemp("service")
    with copied_database(migrated_database) as database_url:
        settings = {
            "DATABASE_URL": database_url,
            "JWT_SECRET_KEY": KEY,
            "EMAIL_PROVIDER": "smtp",
            "SSL_CERT_FILE": str(mail.write_authority(folder / "authority.pem")),
            **mail.environment(),
            "FRONTEND_URL": f"http://127.0.0.1:{page_port}",
            "TRUSTED_PROXY_HOPS": "1",
            "RATE_LIMIT_ENABLED": "false",
            "RATE_LIMIT_REGISTER": "1000/minute",
        }
        with TodoServer(folder, settings) as running:
            yield running


@pytest.fixture(scope="module")
def place(built_page: Path, page_port: int, server: TodoServer) -> Generator[str]:
    """
    Yield the page's address.
    """
    with placed(built_page, port=page_port, NEXT_PUBLIC_API_URL=server.url) as url:
        yield url


@pytest.fixture
def watch(place: str) -> Generator[Watch]:
    """
    Yield the watch over a test's pages: they ask nobody but where they came from.
    """
    watch = Watch(place)
    yield watch
    watch.verdict()


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], place: str) -> BrowserContext:
    """
    Return a browser window there.
    """
    return new_context(base_url=place)


@frozen
class Entry:
    """
    The screen to log in at.
    """

    page: Page

    def log_in(self, member: Person) -> None:
        """
        Log in by the form.
        """
        self.page.goto("/log-in")
        self.page.get_by_label("E-mail address").fill(member.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.keyboard.press("Enter")
        TodosScreen(self.page).ready()


def test_the_session_is_in_a_first_party_cookie(context: BrowserContext, member: Person) -> None:
    """
    Logging in sets it at the page's own origin, out of scripts' reach, and it goes along from then on.
    """
    page = context.new_page()
    Entry(page).log_in(member)
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["domain"], cookie["httpOnly"], cookie["secure"]) == (
        "__Host-session",
        "127.0.0.1",
        True,
        True,
    )
    TodosScreen(page).add("Milk")
    page.reload()
    expect(page.get_by_text("Milk")).to_be_visible()


def test_what_is_changed_elsewhere_shows_at_once(context: BrowserContext, member: Person) -> None:
    """
    The stream of changes comes through as it happens.
    """
    page = context.new_page()
    Entry(page).log_in(member)
    here = TodosScreen(page)
    there = TodosScreen(context.new_page()).open()
    here.add("Bread")
    there.shows("Bread")


def test_a_mailed_link_leads_to_the_page(context: BrowserContext, member: Person, place: str) -> None:
    """
    And the token that it carries works there.
    """
    token = member.forget_password()
    assert place in member.letters("Reset")[0].mime.as_string().replace("=\n", "")
    page = context.new_page()
    page.goto(f"/reset-password?token={token}")
    page.get_by_label("New password").fill("a different one, quite long")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("link", name="Log in with it")).to_be_visible()
    member.log_in("a different one, quite long")


def test_another_page_cannot_use_the_session(context: BrowserContext, place: str, member: Person) -> None:
    """
    What the browser says of where a request comes from goes along, too.
    """
    Entry(context.new_page()).log_in(member)
    answer = context.request.post(
        f"{place}/api/v1/todos",
        data={"title": "Forged"},
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    )
    assert (answer.status, answer.json()["type"].rpartition("/")[2]) == (403, "cross-origin")


def test_a_page_that_does_not_know_its_service_says_so(built_page: Path) -> None:
    """
    Instead of a page that loads and loads.
    """
    with placed(built_page, port=free_port()) as url:
        assert httpx2.get(f"{url}/log-in").status_code == 200
        answer = httpx2.get(f"{url}/api/v1/me")
    assert (answer.status_code, answer.json()["title"]) == (503, "This page does not know its service yet")
