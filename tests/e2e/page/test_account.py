"""
The account's page in a browser: each of its parts, and what each says when something is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Download, Locator, Page, Request, expect

from tests.e2e.page.conftest import PICTURES, Watch, log_in
from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, eventually

NewContext = Callable[..., BrowserContext]
Picture = Callable[[Page, str], None]

NEW_PASSWORD = "a different one, quite long"
WRONG = "That is not your password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value, hadRecentInput, sources }) =>
  ({ value, hadRecentInput, of: sources.map(({ node }) => node?.outerHTML?.slice(0, 80)) }))))
  .observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def account(at_home: Page) -> Page:
    """
    Return the account's page of somebody logged in, once all of it is there.
    """
    at_home.goto("/account")
    return loaded(at_home)


def loaded(page: Page) -> Page:
    """
    Return *page* once nothing on it waits.
    """
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator("[aria-busy=true], fieldset:disabled")).to_have_count(0)
    return page


def part(page: Page, title: str) -> Locator:
    """
    Return the part of the page that has this *title*.
    """
    return page.get_by_role("region", name=title, exact=True)


def told(place: Locator) -> Locator:
    """
    Return what *place* tells has been done, once the focus is there.
    """
    notice = place.get_by_role("status").filter(visible=True).first
    expect(notice).to_be_focused()
    return notice


def expect_fault(place: Locator, label: str, text: str) -> None:
    """
    Expect the focus in the field, and beside it what is wrong.
    """
    field = place.get_by_label(label, exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(text)


def body_of(request: Request) -> Any:
    """
    Return what *request* sent.
    """
    return json.loads(request.post_data or "null")


# --- profile ---


def test_only_what_is_different_is_sent(account: Page) -> None:
    """
    A profile is changed field by field; with nothing changed nothing is sent.
    """
    profile = part(account, "Profile")
    profile.get_by_label("Name").fill("Ann")
    with account.expect_request(lambda request: request.method == "PATCH") as sent:
        profile.get_by_role("button", name="Save").click()
    assert body_of(sent.value) == {"display_name": "Ann"}
    expect(told(profile)).to_have_text("Saved.")

    profile.get_by_label("Time zone").fill("Europe/Vienna")
    with account.expect_request(lambda request: request.method == "PATCH") as sent:
        profile.get_by_role("button", name="Save").click()
    assert body_of(sent.value) == {"timezone": "Europe/Vienna"}
    expect(told(profile)).to_have_text("Saved.")

    profile.get_by_role("button", name="Save").click()
    expect(told(profile)).to_contain_text("nothing is different")

    profile.get_by_label("Name").fill("")
    with account.expect_request(lambda request: request.method == "PATCH") as sent:
        profile.get_by_role("button", name="Save").click()
    assert body_of(sent.value) == {"display_name": None}
    account.goto("/account")
    loaded(account)
    expect(profile.get_by_label("Time zone")).to_have_value("Europe/Vienna")


def test_an_unknown_time_zone_is_told_at_its_field(account: Page, watch: Watch) -> None:
    """
    In the page's own words; of those that there are the list has all, the one of this device first.
    """
    watch.expected.add(422)
    profile = part(account, "Profile")
    profile.get_by_label("Time zone").fill("Europe/Atlantis")
    profile.get_by_role("button", name="Save").click()
    field = profile.get_by_label("Time zone")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(profile.locator(".fault")).to_contain_text("There is no such time zone")
    zones = profile.locator("datalist option")
    assert zones.count() > 400
    assert zones.first.get_attribute("label") == "where this device is"


def test_the_page_speaks_the_language_that_is_chosen(account: Page) -> None:
    """
    At once, and when it is opened again; what was typed elsewhere stays.
    """
    part(account, "E-mail address").get_by_label("New address").fill("half@example.org")
    profile = part(account, "Profile")
    profile.get_by_label("Language").select_option("de")
    profile.get_by_role("button", name="Save").click()
    profil = part(account, "Profil")
    expect(told(profil)).to_have_text("Gespeichert.")
    expect(account.locator("html")).to_have_attribute("lang", "de")
    expect(account).to_have_title(re.compile("^Dein Konto"))
    expect(account.get_by_label("Neue Adresse")).to_have_value("half@example.org")
    account.reload()
    loaded(account)
    expect(profil.get_by_label("Sprache")).to_have_value("de")


def test_the_profile_is_changed_by_keyboard(account: Page) -> None:
    """
    From the top of the page: the content is a key away, then the fields in their order, and Enter saves.
    """
    account.keyboard.press("Tab")
    expect(account.get_by_role("link", name="To the content")).to_be_focused()
    account.keyboard.press("Enter")
    expect(account.get_by_role("main")).to_be_focused()
    account.keyboard.press("Tab")
    account.keyboard.type("Ann")
    account.keyboard.press("Enter")
    profile = part(account, "Profile")
    expect(told(profile)).to_have_text("Saved.")
    account.reload()
    loaded(account)
    expect(profile.get_by_label("Name")).to_have_value("Ann")


def test_each_part_is_a_click_away(account: Page) -> None:
    """
    And has an address of its own, which goes on working while the page is open.
    """
    for name, title in (("Devices", "Where you are logged in"), ("Erase", "Erase the account"), ("Profile", "Profile")):
        account.get_by_role("navigation", name="Parts of this page").get_by_role("link", name=name).click()
        expect(part(account, title)).to_be_in_viewport()
    account.get_by_role("link", name="Password", exact=True).click()
    expect(account).to_have_url(re.compile("#password$"))
    expect(account.get_by_label("Your password now", exact=True)).to_be_focused()


# --- password ---


def test_password_managers_are_led_into_the_form(at_home: Page) -> None:
    """
    The well-known address leads to the field for the present password, and the form says whose it is.
    """
    at_home.goto("/.well-known/change-password")
    expect(at_home).to_have_url("/account#password")
    loaded(at_home)
    password = part(at_home, "Password")
    expect(password.get_by_label("Your password now")).to_be_focused()
    expect(password).to_be_in_viewport()
    assert "@example.org" in password.locator("input[autocomplete=username]").input_value()


def test_a_password_is_changed(
    account: Page, member: Person, server: TodoServer, watch: Watch, new_context: NewContext
) -> None:
    """
    What is wrong stands at its field; then the new password counts, this device stays, and every other is logged out.
    """
    watch.expected |= {403, 422, 401}
    elsewhere = log_in(new_context(user_agent=FIREFOX).new_page(), member)
    account.reload()
    loaded(account)
    expect(part(account, "Where you are logged in")).to_contain_text("Firefox on Linux")
    place = part(account, "Password")

    def change(current: str, fresh: str) -> None:
        place.get_by_label("Your password now", exact=True).fill(current)
        place.get_by_label("New password", exact=True).fill(fresh)
        place.get_by_role("button", name="Change the password").click()

    change("not the one", NEW_PASSWORD)
    expect_fault(place, "Your password now", f"{WRONG}. Nothing was changed.")
    change(PASSWORD, "short")
    expect_fault(place, "New password", "At least 12 characters, please.")
    change(PASSWORD, "password1234")
    expect_fault(place, "New password", "This is one of the most common passwords. Those are tried first.")
    change(PASSWORD, NEW_PASSWORD)
    expect(told(place)).to_contain_text("The new password counts")
    expect(place.get_by_label("New password", exact=True)).to_have_value("")
    expect(part(account, "Where you are logged in")).to_contain_text("You are logged in nowhere else")
    expect(part(account, "What happened")).to_contain_text("The password was changed")
    assert member.log_in(NEW_PASSWORD)
    eventually(lambda: member.letters("password was changed"))
    elsewhere.goto("/account")
    expect(elsewhere).to_have_url(f"{server.url}/log-in?next=/account")


# --- address ---


def test_a_change_of_the_address_is_asked_for(account: Page, member: Person, watch: Watch) -> None:
    """
    A wrong password and what is no address stand at their fields; then it is said that both addresses are told.
    """
    watch.expected |= {403, 422}
    place = part(account, "E-mail address")
    expect(place).to_contain_text(member.email)
    new = Person(member.server, member.mail, f"new-{member.email}")

    def ask(address: str, password: str) -> None:
        place.get_by_label("New address").fill(address)
        place.get_by_label("Your password", exact=True).fill(password)
        place.get_by_role("button", name="Change the address").click()

    ask(new.email, "not the one")
    expect_fault(place, "Your password", f"{WRONG}. Nothing was changed.")
    ask("ann@nodot", PASSWORD)
    expect_fault(place, "New address", "This is not an e-mail address.")
    ask(new.email, PASSWORD)
    expect(told(place)).to_contain_text(f"on its way to {new.email}")
    expect(told(place)).to_contain_text("Your old address is told, too")
    expect(place).to_contain_text(member.email)
    assert new.link_token("Confirm")
    expect(part(account, "What happened")).to_contain_text("A change of the address was asked for")


def test_a_taken_address_looks_like_any_other(account: Page, member: Person, server: TodoServer) -> None:
    """
    Whether somebody has an address is not to be learned here.
    """
    other = Person(server, member.mail, f"other-{member.email}")
    other.sign_up()
    place = part(account, "E-mail address")
    said: list[str] = []
    for address in (other.email, f"free-{member.email}"):
        place.get_by_label("New address").fill(address)
        place.get_by_label("Your password", exact=True).fill(PASSWORD)
        place.get_by_role("button", name="Change the address").click()
        expect(told(place)).to_contain_text(address)
        said.append(re.sub(r"person-\d+|" + re.escape(address), "…", place.inner_html()))
    assert said[0] == said[1]


# --- sessions ---


def test_one_is_logged_out_elsewhere(account: Page, member: Person, watch: Watch, new_context: NewContext) -> None:
    """
    The device in use is marked and cannot be ended by mistake; another is ended by its name, all others at once.
    """
    watch.expected.add(401)
    firefox = log_in(new_context(user_agent=FIREFOX).new_page(), member)
    for _ in range(3):
        member.log_in()
    account.reload()
    loaded(account)
    place = part(account, "Where you are logged in")
    rows = place.get_by_role("listitem")
    expect(rows).to_have_count(2)
    place.get_by_role("button", name="Show all 5").click()
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("Chrome on Linux")
    expect(rows.first).to_contain_text("This device")
    expect(rows.first.get_by_role("button")).to_have_count(0)
    expect(rows.first).to_contain_text("network 127.0.0.0/24")

    place.get_by_role("button", name="Log out Firefox on Linux").click()
    expect(told(place)).to_have_text("Firefox on Linux is logged out.")
    expect(rows).to_have_count(4)
    firefox.goto("/account#events")
    expect(firefox).to_have_url("/log-in?next=/account%23events")

    place.get_by_role("button", name="Log out everywhere else").click()
    expect(told(place)).to_contain_text("Everything but this device")
    expect(place).to_contain_text("You are logged in nowhere else")
    expect(place.get_by_role("button")).to_have_count(1)
    expect(place.get_by_role("button")).to_be_disabled()


def test_logging_out(account: Page, watch: Watch) -> None:
    """
    One click ends the session and leads to the log-in.
    """
    watch.expected.add(401)
    account.get_by_role("button", name="Log out", exact=True).click()
    expect(account).to_have_url("/log-in")
    assert account.request.get("/api/v1/me").status == 401


# --- events ---


def test_events_are_told_in_words(account: Page, member: Person) -> None:
    """
    Newest first, with moment and network; more by a button that leads to the first that is new.
    """
    for _ in range(8):
        member.log_in()
    account.reload()
    loaded(account)
    place = part(account, "What happened")
    rows = place.get_by_role("listitem")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("A log-in")
    expect(rows.first).to_contain_text("network 127.0.0.0/24")
    place.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(11)
    expect(rows.nth(5)).to_be_focused()
    expect(rows.nth(9)).to_contain_text("The address was verified")
    expect(rows.last).to_have_text("That is all.")


# --- data ---


def test_all_is_downloaded(account: Page, member: Person, tmp_path: Path) -> None:
    """
    As files, under the names that the service gives them; taking everything is an event.
    """
    headers = {"Sec-Fetch-Site": "same-origin"}
    added = account.request.post("/api/v1/todos", data={"title": "Buy milk", "due_date": "2027-01-01"}, headers=headers)
    assert added.ok, added.text()
    place = part(account, "Your data")

    def take(label: str) -> str:
        with account.expect_download() as coming:
            place.get_by_role("link", name=label).click()
        download: Download = coming.value
        expect(told(place)).to_have_text(f"{download.suggested_filename} was downloaded.")
        download.save_as(tmp_path / download.suggested_filename)
        return (tmp_path / download.suggested_filename).read_text("utf-8")

    everything = json.loads(take("Everything (JSON)"))
    assert everything["profile"]["email"] == member.email
    assert [todo["title"] for todo in json.loads(take("Todos (JSON)"))["todos"]] == ["Buy milk"]
    assert "Buy milk" in take("Todos (CSV")
    assert "SUMMARY:Buy milk" in take("Todos (iCalendar)")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["todo-export.json", "todos.csv", "todos.ics", "todos.json"]
    expect(part(account, "What happened")).to_contain_text("All your data was downloaded")


def test_a_failed_download_is_told(account: Page, watch: Watch) -> None:
    """
    In its place, and no file is left behind.
    """
    watch.expected.add(503)
    account.route("**/todos/export*", lambda route: route.fulfill(status=503, json={"type": "/problems/unavailable"}))
    place = part(account, "Your data")
    place.get_by_role("link", name="Todos (JSON)").click()
    alert = place.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("did not work on our side")


def a_file(text: str, name: str = "todos.csv") -> Any:
    """
    Return a file as browsers are given one.
    """
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def test_todos_are_brought_in(account: Page) -> None:
    """
    What would come is shown first, and nothing is changed until one says so; then it comes once.
    """
    place = part(account, "Your data")
    place.get_by_label("File", exact=True).set_input_files(a_file("title,list\nBuy milk,Shopping\nWrap presents,\n"))
    expect(place).to_contain_text("2 todos would come, and 1 new list.")
    assert account.request.get("/api/v1/todos").json()["items"] == []

    place.get_by_role("button", name="Leave it").click()
    expect(place.get_by_role("button", name="Bring them in")).to_have_count(0)
    expect(place.get_by_label("File", exact=True)).to_be_focused()

    place.get_by_label("File", exact=True).set_input_files(a_file("title,list\nBuy milk,Shopping\nWrap presents,\n"))
    place.get_by_role("button", name="Bring them in").click()
    expect(told(place)).to_have_text("2 todos are yours now.")
    assert len(account.request.get("/api/v1/todos").json()["items"]) == 2

    one = a_file('{"version": 1, "todos": [{"title": "One"}]}', "one.json")
    place.get_by_label("File", exact=True).set_input_files(one)
    expect(place).to_contain_text("1 todo would come, and 0 new lists.")
    place.get_by_role("button", name="Bring them in").click()
    expect(told(place)).to_have_text("1 todo is yours now.")


def test_what_is_wrong_with_a_file_is_told(account: Page, watch: Watch) -> None:
    """
    Fault by fault where there are some, and at the field; an empty file has nothing to bring.
    """
    watch.expected |= {400, 422}
    place, field = part(account, "Your data"), account.get_by_label("File", exact=True)
    field.set_input_files(a_file("title,due_date\n" + "Buy milk,tomorrow\n" * 7))
    expect(place).to_contain_text("Nothing was changed, for something in the file is not right")
    expect(place).to_contain_text("Line 2:")
    expect(place).to_contain_text("… and 2 more.")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.set_input_files(a_file("nonsense", "todos.json"))
    expect(place).to_contain_text("This is no file of todos")
    field.set_input_files(a_file("x" * (10 * 1024 * 1024 + 1)))
    expect(place).to_contain_text("too large")
    field.set_input_files(a_file("title\n"))
    expect(place).to_contain_text("There are no todos in this file.")
    expect(field).to_have_attribute("aria-invalid", "false")
    expect(place.get_by_role("button", name="Bring them in")).to_have_count(0)


def test_a_calendar_address_is_shown_once(account: Page) -> None:
    """
    It works, can be copied, is replaced by another, and ended; opened again the page does not know it any more.
    """
    account.context.grant_permissions(["clipboard-read", "clipboard-write"])
    place = part(account, "Your data")
    place.get_by_role("button", name="Make a new address").click()
    field = place.get_by_label("Secret address")
    expect(field).to_be_focused()
    first = field.input_value()
    assert account.request.get(first).ok
    place.get_by_role("button", name="Copy").click()
    expect(place.get_by_text("Copied.")).to_be_visible()
    assert account.evaluate("navigator.clipboard.readText()") == first

    place.get_by_role("button", name="Make a new address").click()
    expect(field).not_to_have_value(first)
    second = field.input_value()
    assert account.request.get(first).status == 404
    assert account.request.get(second).ok

    place.get_by_role("button", name="End the address").click()
    expect(place.get_by_text("Calendars that use it show nothing any more.")).to_be_focused()
    place.get_by_role("button", name="Leave it").click()
    assert account.request.get(second).ok
    place.get_by_role("button", name="End the address").click()
    place.get_by_role("button", name="End it").click()
    expect(told(place)).to_contain_text("The address is no more")
    expect(field).to_have_count(0)
    assert account.request.get(second).status == 404

    place.get_by_role("button", name="Make a new address").click()
    expect(field).to_be_visible()
    account.reload()
    loaded(account)
    expect(field).to_have_count(0)


def test_an_address_that_cannot_be_copied_is_selected(account: Page) -> None:
    """
    Where a browser lets nobody write to the clipboard.
    """
    account.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    place = part(account, "Your data")
    place.get_by_role("button", name="Make a new address").click()
    place.get_by_label("Secret address").evaluate("field => field.setSelectionRange(0, 0)")
    place.get_by_role("button", name="Copy").click()
    expect(place).to_contain_text("The address is selected")
    address = place.get_by_label("Secret address").input_value()
    assert account.evaluate("getSelection().toString()") == address


# --- leaving ---


def test_an_account_is_left_and_kept(account: Page, member: Person, watch: Watch, picture: Picture) -> None:
    """
    With the password; then it is said until when that can be taken back, and whoever logs in again can keep it.
    """
    watch.expected |= {403, 401}
    place = part(account, "Erase the account")
    password = place.get_by_label("Your password", exact=True)
    password.fill("not the one")
    place.get_by_role("button", name="Erase my account").click()
    expect_fault(place, "Your password", f"{WRONG}. Nothing was changed.")
    password.fill(PASSWORD)
    place.get_by_role("button", name="Erase my account").click()
    expect(account.get_by_role("heading", name="Your account will be erased")).to_be_visible()
    expect(account.get_by_role("main")).to_be_focused()
    assert account.request.get("/api/v1/me").status == 401
    expect_accessible(account)
    picture(account, "account-left-1280-light")
    again = account.get_by_role("link", name="Log in again to keep it")
    expect(again).to_have_attribute("href", "/log-in?next=/account")

    log_in(account, member).goto("/account")
    loaded(account)
    leaving = account.get_by_role("complementary")
    expect(leaving).to_contain_text("Your account will be erased on")
    expect(leaving).to_be_in_viewport()
    expect(place.get_by_role("button")).to_have_count(0)
    expect_accessible(account)
    for width, scheme in LOOKS:
        looked_at(account, width, scheme)
        account.screenshot(path=PICTURES / f"account-leaving-{width}-{scheme}.png")
    leaving.get_by_role("button", name="Keep my account").click()
    expect(told(account.get_by_role("main"))).to_have_text("Your account stays. Nothing was erased.")
    expect(leaving).to_have_count(0)
    expect(place.get_by_role("button", name="Erase my account")).to_be_visible()
    assert account.request.get("/api/v1/me").json()["erase_at"] is None


# --- all of it ---


def test_a_session_that_is_over_leads_to_the_log_in(account: Page, member: Person, watch: Watch) -> None:
    """
    Whatever was asked for; the log-in leads back.
    """
    watch.expected.add(401)
    presses: list[Callable[[], None]] = [
        lambda: account.get_by_role("button", name="Log out everywhere else").click(),
        lambda: part(account, "Your data").get_by_role("link", name="Everything (JSON)").click(),
        lambda: account.get_by_label("File", exact=True).set_input_files(a_file("title\nOne\n")),
        lambda: account.get_by_role("button", name="Make a new address").click(),
    ]
    for press in presses:
        member.log_in()
        log_in(account, member).goto("/account")
        loaded(account)
        account.context.clear_cookies()
        press()
        expect(account).to_have_url("/log-in?next=/account")
    account.goto("/account")
    expect(account).to_have_url("/log-in?next=/account")


def test_a_service_out_of_reach_is_told(at_home: Page, watch: Watch) -> None:
    """
    Instead of each list and beside each form, with another try; nothing is lost.
    """
    blocked = True
    at_home.route(
        re.compile("/api/v1/me"), lambda route: route.fulfill(status=503, json={}) if blocked else route.fallback()
    )
    watch.expected.add(503)
    at_home.goto("/account")
    expect(at_home.get_by_role("button", name="Try again")).to_have_count(3)
    blocked = False
    for _ in range(3):
        at_home.get_by_role("button", name="Try again").first.click()
    loaded(at_home)
    expect(at_home.get_by_role("button", name="Try again")).to_have_count(0)
    blocked = True
    place = part(at_home, "Profile")
    place.get_by_label("Name").fill("Ann")
    place.get_by_role("button", name="Save").click()
    expect(place.get_by_role("alert")).to_be_focused()
    expect(place.get_by_label("Name")).to_have_value("Ann")


@pytest.mark.parametrize("anchor", ["", "#password", "#sessions", "#events", "#delete"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_the_page_loads(anchor: str, width: int, new_context: NewContext, member: Person) -> None:
    """
    What the page starts with has the size of what comes, wherever one looks.
    """
    context = new_context(viewport={"width": width, "height": 800})
    context.add_init_script(SHIFTS)
    page = log_in(context.new_page(), member)
    page.goto(f"/account{anchor}")
    loaded(page)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert [shift for shift in page.evaluate("shifts") if not shift["hadRecentInput"]] == []


def looked_at(page: Page, width: int, scheme: str) -> None:
    """
    Show *page* so wide, and light or dark.
    """
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")


def expect_accessible(page: Page) -> None:
    """
    Expect that axe finds nothing to mend.
    """
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_everybody_can_use_it(account: Page, picture: Picture, watch: Watch, width: int, scheme: str) -> None:
    """
    Axe finds nothing in any state, and nothing is wider than the window, down to 320 px (WCAG 2.2, 1.4.10).
    """
    watch.expected |= {403, 422}
    looked_at(account, width, scheme)
    expect_accessible(account)
    picture(account, f"account-{width}-{scheme}")

    password = part(account, "Password")
    password.get_by_label("Your password now", exact=True).fill("not the one")
    password.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    password.get_by_role("button", name="Change the password").click()
    expect(password).to_contain_text(WRONG)
    data = part(account, "Your data")
    data.get_by_label("File", exact=True).set_input_files(a_file("title,due_date\nBuy milk,tomorrow\n"))
    expect(data).to_contain_text("Line 2")
    data.get_by_role("button", name="Make a new address").click()
    data.get_by_role("button", name="End the address").click()
    profile = part(account, "Profile")
    profile.get_by_role("button", name="Save").click()
    told(profile)
    expect_accessible(account)
    picture(account, f"account-states-{width}-{scheme}")
    account.set_viewport_size({"width": 320, "height": 800})
    assert account.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(("locale", "title"), [("de-AT", "Dein Konto"), ("es-MX", "Tu cuenta")])
def test_it_speaks_other_languages(
    locale: str, title: str, new_context: NewContext, member: Person, picture: Picture
) -> None:
    """
    From its first byte on, and at 320 px nothing is wider than the window.
    """
    page = log_in(new_context(locale=locale, viewport={"width": 320, "height": 800}).new_page(), member)
    page.goto("/account")
    loaded(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("select")).to_have_value(locale[:2])  # mails follow the browser, too, until one chooses
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    expect_accessible(page)
    page.set_viewport_size({"width": 360, "height": 800})
    picture(page, f"account-{locale}-360-light")
