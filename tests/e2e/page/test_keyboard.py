"""
The todos' screen by the keyboard alone.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.server import eventually
from tests.support.todos_screen import TodosScreen


@pytest.fixture
def screen(at_home: Page) -> TodosScreen:
    """
    Return the screen of somebody with three todos, on which nothing has the focus.
    """
    screen = TodosScreen(at_home)
    for title in ("First", "Second", "Third"):
        screen.ask("POST", "/todos", title=title)
    screen.open()
    screen.shows("First", "Second", "Third")
    return screen


def press(screen: TodosScreen, *keys: str) -> None:
    """
    Press one key after the other.
    """
    for key in keys:
        screen.page.keyboard.press(key)


def test_a_whole_day_without_a_pointer(screen: TodosScreen) -> None:
    """
    Adding, finding one's way, editing, ticking, deleting and undoing need nothing but keys.
    """
    press(screen, "n")
    expect(screen.field).to_be_focused()
    screen.page.keyboard.type("njx?")
    press(screen, "Enter")
    screen.shows("First", "Second", "Third", "njx?")
    screen.field.blur()
    press(screen, "j", "ArrowDown")
    screen.is_focused("Second")
    press(screen, "k")
    screen.is_focused("First")
    press(screen, "e")
    screen.page.keyboard.type("Foremost")
    press(screen, "Enter")
    screen.is_focused("Foremost")
    press(screen, "x")
    screen.shows("Second", "Third", "njx?")
    screen.is_focused("Second")
    press(screen, "Space")
    screen.is_focused("Third")
    press(screen, "Delete")
    screen.is_focused("njx?")
    press(screen, "Delete")
    expect(screen.page.get_by_text("Nothing to do here")).to_be_visible()
    expect(screen.field).to_be_focused()
    eventually(lambda: screen.kept_titles() == ["Foremost", "Second"])


def test_what_was_done_is_undone_step_by_step(screen: TodosScreen) -> None:
    """
    Control and Z takes back the last, then the one before; in a field it is the field's own.
    """
    screen.focus("Second")
    press(screen, "Delete")
    screen.is_focused("Third")
    press(screen, "x")
    screen.shows("First")
    press(screen, "Control+z")
    screen.shows("First", "Third")
    press(screen, "Control+z")
    screen.shows("First", "Second", "Third")
    expect(screen.said).to_have_text("Undone.")
    press(screen, "Control+z")
    expect(screen.said).to_have_text("There is nothing to undo.")
    eventually(lambda: screen.kept_titles(completed="false") == ["First", "Second", "Third"])


def test_a_row_is_moved_and_its_place_said(screen: TodosScreen) -> None:
    """
    Alt and an arrow moves the row, which keeps the focus; where it now is, is said aloud.
    """
    screen.focus("First")
    press(screen, "Alt+ArrowDown")
    screen.shows("Second", "First", "Third")
    expect(screen.said).to_have_text("First moved to place 2 of 3.")
    screen.is_focused("First")
    press(screen, "Alt+ArrowDown")
    expect(screen.said).to_have_text("First moved to place 3 of 3.")
    press(screen, "Alt+ArrowDown")
    expect(screen.said).to_have_text("It cannot go further.")
    screen.shows("Second", "Third", "First")
    eventually(lambda: screen.kept_titles() == ["Second", "Third", "First"])
    press(screen, "Control+z")
    screen.shows("Second", "First", "Third")


def test_a_row_is_moved_in_the_order_of_ones_own_only(screen: TodosScreen) -> None:
    """
    Sorted otherwise, what to do is said.
    """
    screen.page.get_by_label("Sorted by").select_option("Newest first")
    screen.shows("Third", "Second", "First")
    screen.focus("Third")
    press(screen, "Alt+ArrowDown")
    expect(screen.said).to_contain_text("sort them by")


def test_tab_leads_through_everything(screen: TodosScreen) -> None:
    """
    In the order that it is seen; first to the way past the head.
    """
    names: list[str] = []
    for _ in range(22):
        press(screen, "Tab")
        name = "e => e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent"
        names.append(screen.page.locator(":focus").evaluate(name))
    assert names[:5] == ["To the content", "Todo", "Search", "Menu", "All todos"]
    at = names.index("Done: First")
    assert names[at : at + 5] == ["Done: First", "Edit: First", "Delete: First", "Details: First", "Done: Second"]
    assert names.index("New todo") < names.index("Sorted by") < names.index("Open") < at


def test_panels_lead_back_to_where_one_came_from(screen: TodosScreen) -> None:
    """
    Escape closes them; the focus goes back.
    """
    screen.focus("Second")
    press(screen, "o")
    expect(screen.sheet).to_be_visible()
    press(screen, "j", "Delete", "Escape")
    expect(screen.sheet).not_to_be_visible()
    screen.is_focused("Second")
    screen.shows("First", "Second", "Third")
    press(screen, "?")
    expect(screen.sheet).to_contain_text("Keyboard shortcuts")
    press(screen, "Escape")
    screen.is_focused("Second")


def test_single_keys_can_be_switched_off(screen: TodosScreen) -> None:
    """
    Then characters do nothing (WCAG 2.2, 2.1.4), also after a reload; what is no character still works.
    """
    press(screen, "?")
    screen.page.get_by_role("checkbox", name="Single keys work as shortcuts").uncheck()
    press(screen, "Escape")
    screen.page.reload()
    screen.ready()
    screen.focus("First")
    press(screen, "n", "x", "?", "e", "j", "/")
    screen.is_focused("First")
    expect(screen.sheet).not_to_be_visible()
    press(screen, "ArrowDown")
    screen.is_focused("Second")
    press(screen, "Delete")
    screen.shows("First", "Third")


def test_two_keys_lead_to_other_todos(screen: TodosScreen) -> None:
    """
    G, and then the first letter.
    """
    screen.focus("First")
    press(screen, "g", "d")
    expect(screen.page.get_by_text("Nothing done yet")).to_be_visible()
    press(screen, "g", "b")
    expect(screen.page.get_by_text("The bin is empty")).to_be_visible()
    press(screen, "g", "i")
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Inbox")
    press(screen, "/")
    expect(screen.page.get_by_role("searchbox")).to_be_focused()
    screen.page.keyboard.type("second")
    screen.shows("Second")
