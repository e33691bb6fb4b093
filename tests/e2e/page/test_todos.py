"""
The todos' screen: what is done there with a pointer, and how it looks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from attrs import frozen
from playwright.sync_api import BrowserContext, CDPSession, Locator, Page, Route, expect

from tests.e2e.page.conftest import Watch, log_in
from tests.support.people import Person
from tests.support.server import eventually
from tests.support.todos_screen import TodosScreen

NewContext = Callable[..., BrowserContext]
Picture = Callable[[Page, str], None]

LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
DISCONNECTED = "net::ERR_INTERNET_DISCONNECTED"
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
TODAY = datetime.now(UTC).date()


@pytest.fixture
def screen(at_home: Page) -> TodosScreen:
    """
    Return the screen of somebody who has no todos yet.
    """
    return TodosScreen(at_home).open()


@frozen
class Finger:
    """
    A finger on the screen; Playwright's own can only tap.
    """

    session: CDPSession

    def touches(self, kind: str, *place: float) -> None:
        """
        Let it do that at a *place*, x and y.
        """
        points = [{"x": place[0], "y": place[1]}] if place else []
        send = cast("Callable[[str, object], object]", self.session.send)  # pyright: ignore[reportUnknownMemberType] # of any dict
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def drag(handle: Locator, onto: Locator, *, above: bool) -> None:
    """
    Drag by the *handle* to the upper or the lower edge of another row.
    """
    page = handle.page
    start, end = handle.bounding_box(), onto.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + end["height"] / 2, steps=4)
    page.mouse.move(end["x"] + 60, end["y"] + (4 if above else end["height"] - 4), steps=4)


def test_who_is_not_logged_in_is_sent_to_the_log_in(page: Page, watch: Watch) -> None:
    """
    Without a session the screen gives way to the log-in, which one comes back from.
    """
    watch.expected.add(401)
    page.goto("/")
    page.wait_for_url("**/log-in?next=*")


def test_todos_are_added_one_after_the_other(screen: TodosScreen) -> None:
    """
    Enter adds what was typed; the field is empty then and keeps the focus; they are kept in their order.
    """
    expect(screen.page.get_by_text("Nothing to do here")).to_be_visible()
    screen.add("Buy oat milk", "Water the plants", "   ")
    expect(screen.field).to_have_value("")
    expect(screen.field).to_be_focused()
    screen.shows("Buy oat milk", "Water the plants")
    eventually(lambda: screen.kept_titles() == ["Buy oat milk", "Water the plants"])
    screen.page.reload()
    screen.shows("Buy oat milk", "Water the plants")


def test_a_title_is_edited_where_it_stands(screen: TodosScreen) -> None:
    """
    A click makes it a field; Enter keeps what was typed, Escape what was there; both lead back to the row.
    """
    screen.add("Buy milk")
    screen.row("Buy milk").locator(".title").click()
    field = screen.page.get_by_label("Title", exact=True)
    expect(field).to_be_focused()
    field.fill("Buy oat milk")
    field.press("Enter")
    screen.shows("Buy oat milk")
    screen.is_focused("Buy oat milk")
    screen.row("Buy oat milk").locator(".title").click()
    field.fill("Nonsense")
    field.press("Escape")
    screen.shows("Buy oat milk")
    eventually(lambda: screen.kept_titles() == ["Buy oat milk"])


def test_what_is_done_goes_to_the_others_that_are_done(screen: TodosScreen) -> None:
    """
    A tick takes a todo off the screen, to those that are done; it can be taken back at once.
    """
    screen.add("Buy oat milk", "Water the plants")
    screen.page.get_by_role("checkbox", name="Done: Buy oat milk").click()
    screen.shows("Water the plants")
    expect(screen.told).to_contain_text("Done: Buy oat milk")
    screen.button("Undo").click()
    screen.shows("Buy oat milk", "Water the plants")
    screen.page.get_by_role("checkbox", name="Done: Water the plants").click()
    screen.button("Done").click()
    screen.shows("Water the plants")
    eventually(lambda: screen.kept_titles(completed="true") == ["Water the plants"])


def test_what_is_deleted_can_be_brought_back(screen: TodosScreen) -> None:
    """
    Deleting leads to the next row and tells how to undo it; later it is brought back out of the bin.
    """
    screen.add("First", "Second", "Third")
    screen.saved()
    screen.button("Delete: Second").click()
    screen.shows("First", "Third")
    screen.is_focused("Third")
    screen.button("Undo").click()
    screen.shows("First", "Second", "Third")
    screen.button("Delete: Third").click()
    screen.is_focused("Second")
    screen.button("Bin").click()
    expect(screen.titles).to_have_text(["Third"])
    screen.page.get_by_role("button", name="Bring back: Third").click()
    expect(screen.page.get_by_text("The bin is empty")).to_be_visible()
    screen.button("Open").click()
    screen.shows("First", "Second", "Third")


def test_todos_are_ordered_by_dragging(screen: TodosScreen) -> None:
    """
    A row follows the pointer by its handle and is put where it is let go; Escape leaves all as it was.
    """
    screen.add("First", "Second", "Third")
    screen.saved()
    drag(screen.row("First").locator(".handle"), screen.row("Third"), above=False)
    expect(screen.row("Third")).to_have_class("todo drop-after")
    screen.page.mouse.up()
    screen.shows("Second", "Third", "First")
    expect(screen.said).to_have_text("First moved to place 3 of 3.")
    drag(screen.row("First").locator(".handle"), screen.row("Second"), above=True)
    screen.page.keyboard.press("Escape")
    screen.page.mouse.up()
    screen.shows("Second", "Third", "First")
    eventually(lambda: screen.kept_titles() == ["Second", "Third", "First"])


def test_todos_are_ordered_by_touch(new_context: NewContext, member: Person) -> None:
    """
    A finger on the handle drags the row and does not scroll; buttons among the details do the same without dragging.
    """
    context = new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    screen = TodosScreen(log_in(context.new_page(), member)).open()
    screen.add("First", "Second", "Third")
    screen.saved()
    start = screen.row("First").locator(".handle").bounding_box()
    end = screen.row("Second").bounding_box()
    assert start is not None
    assert end is not None
    x, y = start["x"] + 10, start["y"] + 20
    finger = Finger(context.new_cdp_session(screen.page))
    finger.touches("touchStart", x, y)
    for part in (0.3, 0.6, 1):
        finger.touches("touchMove", x, y + (end["y"] + end["height"] - 4 - y) * part)
    finger.touches("touchEnd")
    screen.shows("Second", "First", "Third")
    screen.details("Third")
    screen.button("Move up").click()
    screen.page.keyboard.press("Escape")
    screen.shows("Second", "Third", "First")


def test_all_there_is_to_a_todo_is_set_among_its_details(screen: TodosScreen) -> None:
    """
    What is changed there is saved by itself, and stands in the row.
    """
    screen.ask("POST", "/lists", name="Home", colour="#2f9e44")
    screen.open()
    screen.add("Water the plants")
    sheet = screen.details("Water the plants")
    sheet.get_by_label("Notes").fill("Not the cactus")
    sheet.get_by_label("Due on").fill(str(TODAY + timedelta(days=1)))
    sheet.get_by_label("Repeats").select_option("Every week")
    sheet.get_by_label("Remind me").fill(f"{TODAY + timedelta(days=1)}T09:00")
    sheet.get_by_label("Priority").select_option("High priority")
    sheet.get_by_label("List").select_option("Home")
    sheet.get_by_label("Tags").fill("home, green")
    sheet.get_by_label("New step").fill("Fetch the can")
    sheet.get_by_label("New step").press("Enter")
    expect(sheet.get_by_role("checkbox", name="Fetch the can")).to_be_visible()
    screen.page.keyboard.press("Escape")
    expect(sheet).not_to_be_visible()
    expect(screen.button("Details: Water the plants")).to_be_focused()
    row = screen.row("Water the plants")
    for text in ("Tomorrow", "High priority", "Home", "home", "green", "0 of 1 steps", "repeats", "has notes"):
        expect(row).to_contain_text(text)
    kept = eventually(lambda: next((one for one in screen.kept() if one["tags"] == ["home", "green"]), None))
    assert (kept["notes"], kept["recurrence"], kept["priority"]) == ("Not the cactus", "FREQ=WEEKLY", "high")


def test_half_a_date_is_not_saved(screen: TodosScreen) -> None:
    """
    A due date that is cleared takes the repetition with it; a time alone means today.
    """
    screen.add("Call the dentist")
    sheet = screen.details("Call the dentist")
    sheet.get_by_label("At", exact=True).fill("23:59")
    expect(sheet.get_by_label("Due on")).not_to_have_value("")
    sheet.get_by_label("Repeats").select_option("Every day")
    sheet.get_by_label("Due on").fill("")
    expect(sheet.get_by_label("Repeats")).to_have_value("none")
    expect(sheet.get_by_label("At", exact=True)).to_have_value("")
    screen.page.keyboard.press("Escape")
    eventually(lambda: [(one["due_at"], one["recurrence"]) for one in screen.kept()] == [(None, None)])


def test_what_is_late_says_so_in_words(screen: TodosScreen) -> None:
    """
    It is not told by the colour alone.
    """
    screen.ask("POST", "/todos", title="Send the invoice", due_date=str(TODAY - timedelta(days=40)))
    screen.open()
    expect(screen.row("Send the invoice").locator(".late")).to_contain_text("Overdue: ")


def test_lists_are_made_changed_and_dropped(screen: TodosScreen) -> None:
    """
    A new list is shown at once; what becomes of its todos is asked when it is deleted.
    """
    screen.button("New list").click()
    expect(screen.page.get_by_label("Name")).to_be_focused()
    screen.page.get_by_label("Name").fill("Wrok")
    screen.page.get_by_role("radio", name="Violet").check()
    screen.button("Save").click()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Wrok")
    screen.add("Send the invoice")
    screen.saved()
    screen.button("Change the list Wrok").click()
    screen.page.get_by_label("Name").fill("Work")
    screen.button("Save").click()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Work")
    screen.button("Inbox").click()
    expect(screen.page.get_by_text("Nothing to do here")).to_be_visible()
    screen.button("Work").click()
    screen.shows("Send the invoice")
    screen.button("Change the list Work").click()
    screen.button("Delete the list…").click()
    screen.is_accessible()
    screen.page.get_by_role("radio", name="They move to the inbox").check()
    screen.button("Delete the list").click()
    expect(screen.button("Work")).not_to_be_attached()
    screen.button("Inbox").click()
    screen.shows("Send the invoice")
    assert screen.ask("GET", "/lists")["items"] == []


def test_todos_are_found_by_tag_and_by_words(screen: TodosScreen) -> None:
    """
    A tag and a search narrow what is shown; both are named above it, and taken off there.
    """
    screen.ask("POST", "/todos", title="Buy oat milk", tags=["shop"])
    screen.ask("POST", "/todos", title="Buy a stamp", tags=["shop"])
    screen.ask("POST", "/todos", title="Read the paper")
    screen.open()
    screen.page.get_by_role("button", name="shop, 2 todos").click()
    screen.shows("Buy oat milk", "Buy a stamp")
    screen.page.get_by_role("searchbox").fill("milk")
    screen.shows("Buy oat milk")
    screen.page.get_by_role("searchbox").fill("nothing of the kind")
    expect(screen.page.get_by_text("Nothing found")).to_be_visible()
    screen.button("Show all todos").click()
    screen.shows("Buy oat milk", "Buy a stamp", "Read the paper")
    expect(screen.page.get_by_role("searchbox")).to_have_value("")


def test_the_view_stays_after_a_reload(screen: TodosScreen) -> None:
    """
    Which todos are shown stands in the address; their order is kept on the device.
    """
    screen.ask("POST", "/todos", title="Whenever")
    screen.ask("POST", "/todos", title="Soon", due_date=str(TODAY))
    screen.open()
    screen.page.get_by_label("Sorted by").select_option("Due date")
    screen.shows("Soon", "Whenever")
    screen.button("Inbox").click()
    screen.page.reload()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Inbox")
    screen.shows("Soon", "Whenever")


def test_without_a_network_changes_wait(screen: TodosScreen, watch: Watch) -> None:
    """
    It is told, with the number of changes that wait; back on the network they are saved.
    """
    screen.add("Before")
    screen.saved()
    screen.page.context.set_offline(True)
    screen.add("Offline")
    expect(screen.told).to_contain_text("You are offline.")
    expect(screen.told).to_contain_text("1 change is not saved yet.")
    screen.is_accessible()
    screen.shows("Before", "Offline")
    screen.button("Try again").click()
    expect(screen.page.locator(".connection")).to_have_text("Offline")
    screen.page.context.set_offline(False)
    eventually(lambda: screen.kept_titles() == ["Before", "Offline"])
    expect(screen.told).not_to_be_attached()
    watch.complaints[:] = [text for text in watch.complaints if DISCONNECTED not in text]


def test_while_nothing_is_there_yet_the_screen_is_accessible(at_home: Page) -> None:
    """
    What stands in the place of the todos disturbs nobody, and gives way to them.
    """
    held: list[Route] = []
    at_home.route("**/api/v1/todos?*", lambda route: held.append(route), times=1)  # noqa: PLW0108 - Playwright marks what it is given
    with at_home.expect_request("**/api/v1/todos?*"):
        at_home.goto("/")
    TodosScreen(at_home).is_accessible()
    held[0].continue_()
    expect(at_home.get_by_text("Nothing to do here")).to_be_visible()


def test_what_the_service_refuses_is_undone_and_told(screen: TodosScreen, watch: Watch) -> None:
    """
    The notice says why, and offers to try again.
    """
    watch.expected.add(422)
    screen.add("Buy milk")
    screen.saved()

    def refuse(route: Route) -> None:
        problem = '{"type": "/problems/invalid-input", "title": "Not so.", "errors": []}'
        route.fulfill(status=422, content_type="application/problem+json", body=problem)

    screen.page.route("**/api/v1/todos/*", refuse)
    screen.row("Buy milk").locator(".title").click()
    screen.page.get_by_label("Title", exact=True).fill("Buy oat milk")
    screen.page.keyboard.press("Enter")
    expect(screen.told).to_contain_text("could not be changed")
    screen.shows("Buy milk")
    screen.is_accessible()
    screen.page.unroute("**/api/v1/todos/*")
    screen.told.get_by_role("button", name="Try again").click()
    screen.shows("Buy oat milk")


def test_logging_out_is_in_the_menu(screen: TodosScreen, watch: Watch) -> None:
    """
    The menu leads to the account, the shortcuts and out; out means out.
    """
    screen.button("Menu").click()
    expect(screen.page.get_by_role("link", name="Your account")).to_be_visible()
    screen.button("Log out").click()
    screen.page.wait_for_url("**/log-in")
    watch.expected.add(401)
    screen.page.goto("/")
    screen.page.wait_for_url("**/log-in?next=*")


def test_another_language_is_spoken_at_once(screen: TodosScreen) -> None:
    """
    All is said anew, rows too; nothing is loaded anew.
    """
    screen.add("Kuchen backen")
    screen.button("Menu").click()
    screen.button("Deutsch").click()
    expect(screen.page.get_by_role("button", name="Einzelheiten: Kuchen backen")).to_be_visible()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Alle Todos")


def seed(screen: TodosScreen) -> None:
    """
    Make todos of all kinds.
    """
    home = screen.ask("POST", "/lists", name="Home", colour="#2f9e44")["id"]
    work = screen.ask("POST", "/lists", name="Work", colour="#7048e8")["id"]
    screen.ask("POST", "/todos", title="Buy oat milk", due_date=str(TODAY), tags=["shop"], list_id=home)
    late = str(TODAY - timedelta(days=3))
    screen.ask("POST", "/todos", title="Send the invoice", due_date=late, priority="high", list_id=work, notes="!")
    title = "Plan the trip to the mountains, with everybody who wants to come along, and with their dogs"
    trip = screen.ask("POST", "/todos", title=title, tags=["family", "holidays"])["id"]
    screen.ask("POST", "/todos", title="Ask Ann about the days", parent_id=trip)
    screen.ask("POST", "/todos", title="Water the plants", recurrence="FREQ=WEEKLY", due_date=str(TODAY))
    screen.ask("POST", "/todos", title="Call the dentist", priority="medium")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_each_state_is_accessible(
    new_context: NewContext, member: Person, picture: Picture, width: int, scheme: str
) -> None:
    """
    At every size and in every scheme: no fault that axe finds, and a picture to look at.
    """
    context = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    screen = TodosScreen(log_in(context.new_page(), member))
    page = screen.page

    def look(state: str) -> None:
        screen.is_accessible()
        picture(page, f"todos-{state}-{width}-{scheme}")

    screen.open()
    look("empty")
    seed(screen)
    screen.open()
    look("open")
    screen.details("Plan the trip")
    expect(screen.sheet.get_by_text("Ask Ann about the days")).to_be_visible()
    look("details")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    look("help")
    page.keyboard.press("Escape")
    if width == 360:
        screen.button("Lists and tags").click()
        look("lists")
    screen.button("New list").click()
    look("new-list")
    page.keyboard.press("Escape")
    screen.button("Menu").click()
    look("menu")
    page.keyboard.press("Escape")
    screen.details("Call the dentist")
    screen.sheet.get_by_role("button", name="Delete").click()
    expect(screen.told).to_be_visible()
    look("deleted")
    page.get_by_role("button", name="Edit: Buy oat milk").click()
    look("editing")
    page.keyboard.press("Escape")
    screen.button("Bin").click()
    expect(screen.titles).to_have_text(["Call the dentist"])
    look("bin")
    page.get_by_role("searchbox").fill("there is none")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    look("none-found")


def test_nothing_overflows_from_right_to_left(new_context: NewContext, member: Person, picture: Picture) -> None:
    """
    In a language that is written from right to left the screen is its mirror image.
    """
    for width in (360, 1280):
        context = new_context(viewport={"width": width, "height": 800})
        screen = TodosScreen(log_in(context.new_page(), member)).open()
        if width == 360:
            seed(screen)
        screen.open()
        screen.page.evaluate("() => { document.documentElement.dir = 'rtl' }")
        box = screen.row("Buy oat milk").locator(".check").bounding_box()
        assert box is not None
        assert box["x"] > width / 2
        assert screen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        picture(screen.page, f"todos-rtl-{width}")
        screen.details("Buy oat milk")
        picture(screen.page, f"todos-rtl-details-{width}")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_shifts_while_it_loads(new_context: NewContext, member: Person, width: int) -> None:
    """
    The place of what is loaded is kept from the start.
    """
    context = new_context(viewport={"width": width, "height": 800})
    screen = TodosScreen(log_in(context.new_page(), member))
    seed(screen)
    context.add_init_script(SHIFTS)
    screen.open()
    assert screen.page.evaluate("() => window.shifted") < 0.01
