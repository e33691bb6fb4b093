"""
The todos' screen, as the tests of the web page handle it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@frozen
class TodosScreen:
    """
    The screen in a page whose browser is logged in.
    """

    page: Page

    def open(self, query: str = "") -> TodosScreen:
        """
        Open it; all of it is there when this returns, and others' changes are told to it.
        """
        self.page.goto(f"/{query}")
        return self.ready()

    def ready(self) -> TodosScreen:
        """
        Wait until all of it is there.
        """
        expect(self.page.locator(".connection.live")).to_be_attached()
        expect(self.page.locator(".tray")).to_be_attached()
        expect(self.page.locator(".waiting")).not_to_be_attached()
        return self

    def saved(self) -> TodosScreen:
        """
        Wait until nothing waits to be saved.
        """
        expect(self.page.locator(".connection.live")).to_be_attached()
        return self

    def ask(self, method: str, path: str, **data: Any) -> Any:
        """
        Ask the API in the person's name; return what it says.
        """
        options: Mapping[str, Any] = {"data": data} if data else {}
        answer = self.page.request.fetch(f"/api/v1{path}", method=method, headers=SAME_ORIGIN, **options)
        assert answer.ok, answer.text()
        return None if answer.status == 204 else answer.json()

    def kept(self, **query: str) -> list[dict[str, Any]]:
        """
        Return the todos that the service has, in their order.
        """
        asked = "&".join(f"{name}={value}" for name, value in {"sort": "position", **query}.items())
        found: list[dict[str, Any]] = self.ask("GET", f"/todos?{asked}")["items"]
        return found

    def kept_titles(self, **query: str) -> list[str]:
        """
        Return the titles of the todos that the service has, in their order.
        """
        return [todo["title"] for todo in self.kept(**query)]

    @property
    def field(self) -> Locator:
        """
        Return the field on top.
        """
        return self.page.get_by_label("New todo")

    @property
    def titles(self) -> Locator:
        """
        Return the titles of all rows.
        """
        return self.page.locator(".todo .title")

    def shows(self, *titles: str) -> None:
        """
        Hold that these are the todos shown, in this order.
        """
        expect(self.titles).to_have_text([f"Edit: {title}" for title in titles])

    def is_accessible(self) -> None:
        """
        Hold that axe finds nothing wrong with what is shown.
        """
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()

    def row(self, title: str) -> Locator:
        """
        Return the row of a todo.
        """
        return self.page.locator(".todo").filter(has=self.page.locator(f'.title:has-text("{title}")'))

    def add(self, *titles: str) -> None:
        """
        Type todos into the field on top, one after the other.
        """
        for title in titles:
            self.field.fill(title)
            self.field.press("Enter")

    def button(self, name: str) -> Locator:
        """
        Return the button of that name.
        """
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def sheet(self) -> Locator:
        """
        Return the panel that is open.
        """
        return self.page.get_by_role("dialog")

    def details(self, title: str) -> Locator:
        """
        Open the details of a todo.
        """
        self.page.get_by_role("button", name=f"Details: {title}").click()
        return self.sheet

    def focus(self, title: str) -> None:
        """
        Lead the focus to the row of a todo.
        """
        self.row(title).focus()

    def is_focused(self, title: str) -> None:
        """
        Hold that the row of a todo has the focus.
        """
        expect(self.row(title)).to_be_focused()

    @property
    def said(self) -> Locator:
        """
        Return what is said aloud.
        """
        return self.page.locator(".tray > [role=status].sr")

    @property
    def told(self) -> Locator:
        """
        Return what is told at the foot of the screen.
        """
        return self.page.locator(".note")
