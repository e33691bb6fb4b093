"""
/dev/mail: a developer sees what would have been sent; nobody else sees anything.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Generator
from pathlib import Path

import pytest
from attrs import evolve
from dependency_injector import providers
from playwright.sync_api import Page, expect, sync_playwright
from starlette.testclient import TestClient

from tests.support.browser import CHROMIUM, NO_BROWSER, OPTIONS
from tests.support.server import KEY, PASSWORD, TodoServer, eventually
from todo_adapters.email.console import ConsoleEmailService
from todo_core.model.email import EmailAddress, EmailMessage
from todo_web.app import create_app, describe
from todo_web.container import Container
from todo_web.settings import load_settings

HERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "JWT_SECRET_KEY": KEY, "COURIER": "apart"}
SMTP = {"EMAIL_PROVIDER": "smtp", "SMTP_HOST": "smtp.acme.org", "SMTP_FROM_EMAIL": "todo@acme.org"}
PRODUCTION = {"ENVIRONMENT": "production", "FRONTEND_URL": "https://todo.acme.org", **SMTP}
LINK = "https://todo.example/reset-password?token=abc"
MESSAGE = EmailMessage(
    to=EmailAddress("ann@example.org"),
    message_id="1@todo.example",
    subject="Reset <your> password",
    text=f"Hello & welcome,\n\n{LINK}\n\nnot <b>bold</b>\n",
    html='<p style="color: red">Hello &amp; welcome</p>',
)


def container_of(**settings: str) -> Container:
    """
    Return the program's parts; nothing is connected to.
    """
    environment = HERE | settings
    return Container(settings=load_settings(environment), surroundings=environment)


def show(container: Container, *messages: EmailMessage) -> None:
    """
    Let the program send *messages*, in this order.
    """

    async def send() -> None:
        for message in messages:
            await container.email().send(message)

    asyncio.run(send())


@pytest.fixture
def container() -> Container:
    """
    Return a developer's program.
    """
    return container_of()


@pytest.fixture
def client(container: Container) -> Generator[TestClient]:
    """
    Yield the developer.
    """
    with TestClient(create_app(container), base_url="http://localhost") as client:
        yield client


def test_text_and_html_stand_side_by_side(container: Container, client: TestClient) -> None:
    """
    The text is escaped, but its link can be followed; the HTML is in a frame of its own, in which nothing runs.
    """
    assert "Nothing was sent yet" in client.get("/dev/mail").text
    show(container, MESSAGE)
    page = client.get("/dev/mail").text
    assert "Nothing was sent yet" not in page
    assert "Reset &lt;your&gt; password" in page
    assert "not &lt;b&gt;bold&lt;/b&gt;" in page
    assert f'<a href="{LINK}">{LINK}</a>' in page
    [(attributes, source)] = re.findall(r'<iframe ([^>]*)src="([^"]+)">', page)
    assert "sandbox " in attributes
    assert client.get(source).text == MESSAGE.html


def test_styles_are_allowed_in_the_frame_only(container: Container, client: TestClient) -> None:
    """
    The page runs our own scripts and styles only; a mail has inline styles and may do nothing else.
    """
    show(container, MESSAGE)
    page, mail = (client.get(path) for path in ("/dev/mail", "/dev/mail/1@todo.example"))
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.findall(r"<script>|<style|style=|onclick|javascript:", page.text)
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
    assert mail.headers["content-security-policy"] == policy
    assert (page.headers["x-frame-options"], mail.headers["x-frame-options"]) == ("DENY", "SAMEORIGIN")
    assert (page.headers["cache-control"], mail.headers["cache-control"]) == ("no-store", "no-store")


def test_the_last_fifty_are_shown_newest_first(container: Container, client: TestClient) -> None:
    """
    Older ones are forgotten.
    """
    show(container, *(evolve(MESSAGE, message_id=f"{n}@todo.example", subject=f"No. {n}") for n in range(60)))
    assert re.findall(r"<h2>No. (\d+)</h2>", client.get("/dev/mail").text) == [str(n) for n in range(59, 9, -1)]
    assert client.get("/dev/mail/10@todo.example").status_code == 200
    forgotten = client.get("/dev/mail/9@todo.example")
    assert (forgotten.status_code, forgotten.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "settings",
    [
        PRODUCTION,
        SMTP,
        {"HOST": "0.0.0.0"},  # noqa: S104 - where others can reach it
        {"TRUSTED_PROXY_HOPS": "1"},
    ],
    ids=["production", "another provider", "open to the network", "behind a proxy"],
)
def test_it_does_not_exist_elsewhere(settings: dict[str, str]) -> None:
    """
    In production, with another provider, and where somebody else than the developer can reach it.
    """
    app = create_app(container_of(**settings))
    with TestClient(app, base_url=settings.get("FRONTEND_URL", "http://localhost")) as client:
        assert [client.get(path).status_code for path in ("/dev/mail", "/dev/mail/1@todo.example")] == [404, 404]
        assert client.get("/health").status_code == 200


def test_production_shows_nothing_even_if_it_could() -> None:
    """
    Not even a console that slipped into production gives it a page; and what sends real mail keeps none.
    """
    container = container_of(**PRODUCTION)
    assert container.shown_mail() is None
    container.email.override(providers.Object(ConsoleEmailService(io.StringIO())))
    show(container, MESSAGE)
    with TestClient(create_app(container), base_url="https://todo.acme.org") as client:
        assert client.get("/dev/mail").status_code == 404


def test_it_is_no_operation() -> None:
    """
    The OpenAPI document does not know it.
    """
    assert "/dev" not in json.dumps(json.loads(describe()))


@pytest.fixture
def page() -> Generator[Page]:
    """
    Yield a page in which nothing breaks a content security policy.
    """
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1360, "height": 900})
        page.on("console", lambda message: complaints.append(message.text))
        yield page
        browser.close()
    assert [complaint for complaint in complaints if "status of 404" not in complaint] == []  # there is no favicon


@pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)
def test_a_developer_follows_a_link_from_there(database_url: str, tmp_path: Path, page: Page) -> None:
    """
    In a browser the mail looks as it will, and the link in its text opens the page it leads to.
    """
    with TodoServer(tmp_path, {"DATABASE_URL": database_url, "JWT_SECRET_KEY": KEY}) as server:
        with server.client() as client:
            body = {"email": "ann@example.org", "password": PASSWORD}
            client.post("/auth/register", json=body, headers={"Accept-Language": "es"})
        eventually(lambda: "Confirme su dirección" in server.output)
        page.goto(f"{server.url}/dev/mail")
        button = page.frame_locator("iframe").get_by_role("link", name="Confirmar la dirección")
        expect(button).to_have_css("background-color", "rgb(79, 70, 229)")
        page.screenshot(path=tmp_path / "dev-mail.png", full_page=True)
        page.locator("pre").get_by_role("link").click()
        expect(page.get_by_role("button", name="this is my address")).to_be_visible()
        expect(page.locator("html[data-ready]")).to_be_attached()  # all of it is loaded, before the service ends
