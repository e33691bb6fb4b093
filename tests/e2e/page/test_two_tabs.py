"""
The todos' screen in two tabs, and on two devices: each shows what is changed in the other.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import frozen
from playwright.sync_api import BrowserContext, expect

from tests.e2e.page.conftest import Watch, log_in
from tests.support.people import Person
from tests.support.server import eventually
from tests.support.todos_screen import TodosScreen

DISCONNECTED = "net::ERR_INTERNET_DISCONNECTED"


@frozen
class Two:
    """
    The same person's screens.
    """

    here: TodosScreen
    there: TodosScreen

    def both_show(self, *titles: str) -> None:
        """
        Hold that both show these todos, in this order.
        """
        self.here.shows(*titles)
        self.there.shows(*titles)


@pytest.fixture(params=["tabs", "devices"])
def two(request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext], member: Person) -> Two:
    """
    Return two screens: two tabs of a browser, and two browsers.
    """
    context = new_context()
    here = TodosScreen(log_in(context.new_page(), member)).open()
    other = context if request.param == "tabs" else new_context()
    page = other.new_page()
    there = TodosScreen(page if request.param == "tabs" else log_in(page, member)).open()
    return Two(here, there)


def test_each_sees_what_the_other_does(two: Two) -> None:
    """
    What is added, edited, ordered, done, deleted and brought back here shows there without asking, and back again.
    """
    two.here.add("First", "Second")
    two.both_show("First", "Second")
    two.there.row("First").locator(".title").click()
    two.there.page.get_by_label("Title", exact=True).fill("Foremost")
    two.there.page.keyboard.press("Enter")
    two.both_show("Foremost", "Second")
    two.here.focus("Foremost")
    two.here.page.keyboard.press("Alt+ArrowDown")
    two.both_show("Second", "Foremost")
    two.there.page.get_by_role("checkbox", name="Done: Second").click()
    two.both_show("Foremost")
    two.there.button("Undo").click()
    two.both_show("Second", "Foremost")
    two.here.button("Delete: Foremost").click()
    two.both_show("Second")


def test_each_sees_the_others_lists(two: Two) -> None:
    """
    A new list, its new name, and that it is gone.
    """
    two.here.button("New list").click()
    two.here.page.get_by_label("Name").fill("Home")
    two.here.button("Save").click()
    two.there.button("Home").click()
    two.there.add("Water the plants")
    two.here.shows("Water the plants")
    two.there.button("Change the list Home").click()
    two.there.page.get_by_label("Name").fill("House")
    two.there.button("Save").click()
    expect(two.here.page.get_by_role("heading", level=1)).to_have_text("House")


def test_both_change_the_same_at_the_same_time(two: Two, watch: Watch) -> None:
    """
    Who was away keeps what was written, is told what the other wrote, and can take that instead.
    """
    watch.expected.add(412)
    two.here.add("Milk")
    two.both_show("Milk")
    two.here.saved()
    if two.here.page.context == two.there.page.context:
        pytest.skip("tabs of one browser are without a network together")
    two.here.page.context.set_offline(True)
    two.here.row("Milk").locator(".title").click()
    two.here.page.get_by_label("Title", exact=True).fill("Oat milk")
    two.here.page.keyboard.press("Enter")
    two.there.row("Milk").locator(".title").click()
    two.there.page.get_by_label("Title", exact=True).fill("Soy milk")
    two.there.page.keyboard.press("Enter")
    eventually(lambda: two.there.kept_titles() == ["Soy milk"])
    two.here.page.context.set_offline(False)
    two.both_show("Oat milk")
    expect(two.here.told).to_contain_text("was changed elsewhere at the same time")
    expect(two.here.told).to_contain_text("Soy milk")
    two.here.is_accessible()
    two.here.button("Take theirs").click()
    two.both_show("Soy milk")
    watch.complaints[:] = [text for text in watch.complaints if DISCONNECTED not in text]
