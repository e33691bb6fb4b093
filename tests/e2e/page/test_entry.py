"""
The screens of somebody who is not logged in: signing up, logging in, and the way back for who forgot the password.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.e2e.page.conftest import Watch
from tests.support.people import Person
from tests.support.server import PASSWORD, eventually

NEW_PASSWORD = "a different one, quite long"
SIZES = {"360": {"width": 360, "height": 740}, "1280": {"width": 1280, "height": 800}}
SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
}"""

Picture = Callable[[Page, str], None]


def _blank(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>there</title>")


def _answered(page: Page, path: str, status: int, **headers: str) -> None:
    """
    Let the API answer *path* with a problem.
    """

    def answer(route: Route) -> None:
        route.fulfill(status=status, content_type="application/problem+json", headers=headers, body="{}")

    page.route(f"**/api/v1/auth/{path}", answer)


def _tab_to(page: Page, wanted: Locator) -> None:
    """
    Go there by the keyboard.
    """
    for _ in range(20):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {wanted} by the keyboard")


def _type(page: Page, label: str, text: str) -> None:
    _tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def _log_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def test_the_whole_story_by_the_keyboard_alone(page: Page, person: Person) -> None:
    """
    Sign up, verify, log in, forget the password, choose another, log in with it.
    """
    page.context.route(f"{person.server.url}/", _blank)
    page.goto("/sign-up")
    _type(page, "E-mail address", person.email)
    _type(page, "Password", PASSWORD)
    _type(page, "Your name (optional)", "Ann")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    with person.server.client() as client:
        client.post("/auth/verify-email", json={"token": person.link_token("Verify")})

    _tab_to(page, page.get_by_role("link", name="To logging in"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("E-mail address")).to_have_value(person.email)
    _type(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{person.server.url}/")

    page.context.clear_cookies()
    page.goto("/log-in")
    _tab_to(page, page.get_by_role("link", name="Forgot your password?"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Forgot your password?")).to_be_visible()
    _type(page, "E-mail address", person.email)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{person.server.url}/check-inbox")

    page.goto(f"/reset-password?token={person.link_token('Reset')}")
    _type(page, "New password", NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_focused()
    _tab_to(page, page.get_by_role("link", name="Log in with it"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    _type(page, "E-mail address", person.email)
    _type(page, "Password", NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{person.server.url}/")


class TestSigningUp:
    def test_a_taken_address_looks_like_any_other(self, page: Page, person: Person) -> None:
        """
        What the person sees afterwards is the same, word for word; only the mail tells.
        """
        seen = []
        for _ in range(2):
            page.goto("/sign-up")
            page.get_by_label("E-mail address").fill(person.email)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Sign up").click()
            page.wait_for_url("**/check-inbox")
            expect(page.get_by_label("E-mail address")).to_have_value(person.email)
            seen.append(page.locator("body").inner_text())
            with person.server.client() as client:
                client.post("/auth/verify-email", json={"token": person.link_token("Verify")})
        assert seen[0] == seen[1]
        assert eventually(lambda: person.letters("account"))

    def test_a_password_is_judged_while_it_is_typed(self, page: Page, watch: Watch) -> None:
        """
        In the service's words, about the address in the form too; short beginnings are not sent anywhere.
        """
        page.goto("/sign-up")
        password = page.get_by_label("Password", exact=True)
        told = page.locator("#password-told")
        password.press_sequentially("passwo")
        expect(told).to_contain_text("Long is strong")
        password.press_sequentially("rd")
        expect(told).to_have_text("At least 12 characters, please.")
        password.press_sequentially("1234")
        expect(told).to_contain_text("most common")
        page.get_by_label("E-mail address").fill("maximiliane@example.org")
        password.fill("maximiliane!")
        expect(told).to_contain_text("not your address")
        password.fill("fifteenletterss")
        expect(told).to_have_text("Nothing speaks against this one.")
        asked = [request.post_data_json for request in watch.requests if request.url.endswith("/password-check")]
        assert min(len(body["password"]) for body in asked) >= 8
        assert asked[0]["email"] is None
        assert asked[-1] == {"password": "fifteenletterss", "email": "maximiliane@example.org", "token": None}

    def test_what_is_wrong_is_said_at_its_field(self, page: Page, watch: Watch) -> None:
        """
        The focus goes there, and what was said goes away when it is mended.
        """
        watch.expected.add(422)
        page.goto("/sign-up")
        email, password = page.get_by_label("E-mail address"), page.get_by_label("Password", exact=True)
        email.fill("ann@localhost")
        password.fill("short")
        page.get_by_role("button", name="Sign up").click()
        expect(email).to_be_focused()
        expect(email).to_have_accessible_description("This is not an e-mail address.")
        email.fill("ann@example.org")
        expect(email).to_have_attribute("aria-invalid", "false")
        page.get_by_role("button", name="Sign up").click()
        expect(password).to_be_focused()
        expect(password).to_have_accessible_description("At least 12 characters, please.")
        expect(password).to_have_attribute("aria-invalid", "true")

    def test_without_verdicts_one_signs_up_all_the_same(self, page: Page, watch: Watch, person: Person) -> None:
        """
        Whoever has used up their requests is not judged for a while, and hears nothing of it.
        """
        watch.expected.add(429)
        _answered(page, "password-check", 429, **{"Retry-After": "60"})
        page.goto("/sign-up")
        password = page.get_by_label("Password", exact=True)
        for text in ("a first one, quite long", PASSWORD):
            with (
                page.expect_request("**/password-check") if text != PASSWORD else page.expect_event("domcontentloaded")
            ):
                password.fill(text)
                if text == PASSWORD:
                    page.get_by_label("E-mail address").fill(person.email)
                    page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
        assert len([request for request in watch.requests if request.url.endswith("/password-check")]) == 1

    def test_a_password_is_shown_on_request(self, page: Page) -> None:
        """
        And hidden again; the button says which.
        """
        page.goto("/sign-up")
        password, eye = page.get_by_label("Password", exact=True), page.get_by_role("button", name="Show the password")
        password.fill(PASSWORD)
        for kind, pressed in (("password", "false"), ("text", "true"), ("password", "false")):
            expect(password).to_have_attribute("type", kind)
            expect(eye).to_have_attribute("aria-pressed", pressed)
            eye.click()


class TestLoggingIn:
    def test_a_wrong_password_says_what_to_do(self, page: Page, watch: Watch, member: Person) -> None:
        """
        Known and unknown addresses alike: look again, or choose a new password.
        """
        watch.expected.add(401)
        for email in (member.email, f"nobody.{member.email}"):
            page.goto("/log-in")
            _log_in(page, email, NEW_PASSWORD)
            alert = page.get_by_role("alert")
            expect(alert).to_be_focused()
            expect(alert).to_contain_text("do not belong together")
            expect(page.get_by_label("E-mail address")).to_have_value(email)
        alert.get_by_role("link", name="choose a new password").click()
        expect(page).to_have_url(f"{member.server.url}/forgot-password")

    def test_an_address_that_is_not_verified_is_offered_another_mail(
        self, page: Page, watch: Watch, person: Person
    ) -> None:
        """
        One press sends it.
        """
        watch.expected.add(403)
        with person.server.client() as client:
            client.post("/auth/register", json={"email": person.email, "password": PASSWORD})
        person.link_token("Verify")
        page.goto("/log-in")
        _log_in(page, person.email, PASSWORD)
        expect(page.get_by_role("alert")).to_contain_text("has to be verified")
        page.get_by_role("button", name="Send that mail again").click()
        expect(page).to_have_url(f"{person.server.url}/check-inbox")
        assert person.link_token("Verify", number=2)

    def test_too_many_tries_are_told_when_to_come_again(self, page: Page, watch: Watch) -> None:
        """
        In seconds, and in minutes when they are many.
        """
        watch.expected.add(429)
        page.goto("/log-in")
        for seconds, sentence in (("42", "in 42 seconds"), ("3599", "in 60 minutes")):
            _answered(page, "login", 429, **{"Retry-After": seconds})
            _log_in(page, "ann@example.org", PASSWORD)
            expect(page.get_by_role("alert")).to_contain_text(sentence)

    def test_a_service_out_of_reach_is_told_so(self, page: Page, watch: Watch) -> None:
        """
        What was typed is still there.
        """
        page.goto("/log-in")
        page.context.set_offline(offline=True)
        _log_in(page, "ann@example.org", PASSWORD)
        expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
        expect(page.get_by_label("Password", exact=True)).to_have_value(PASSWORD)
        assert all("net::ERR" in complaint for complaint in watch.complaints)
        watch.complaints.clear()

    @pytest.mark.parametrize(
        ("wish", "place"),
        [
            ("", "/"),
            ("?next=/account%23password", "/account#password"),
            ("?next=//elsewhere.example/", "/"),
            ("?next=https://elsewhere.example/", "/"),
            ("?next=/%5Celsewhere.example/", "/"),
            ("?next=/%09/elsewhere.example/", "/"),
            ("?next=javascript:alert(1)", "/"),
        ],
    )
    def test_it_leads_to_a_place_of_ours(self, page: Page, member: Person, wish: str, place: str) -> None:
        """
        The one that was wished for, if it is one; the session is in a cookie that no script can read.
        """
        for path in ("/", "/account"):
            page.context.route(f"{member.server.url}{path}", _blank)
        page.goto(f"/log-in{wish}")
        _log_in(page, member.email, PASSWORD)
        expect(page).to_have_url(f"{member.server.url}{place}")
        [cookie] = page.context.cookies()
        assert (cookie["name"], cookie["httpOnly"], cookie["secure"]) == ("__Host-session", True, True)
        assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]

    def test_who_is_logged_in_already_is_led_home(self, at_home: Page) -> None:
        """
        By the server, so nobody has to ask and be refused; a session that is over leads nowhere.
        """
        led = at_home.request.get("/log-in", max_redirects=0)
        assert (led.status, led.headers["location"], led.headers["cache-control"]) == (303, "/", "no-store")
        cookies = at_home.context.cookies()
        assert at_home.request.post("/api/v1/auth/logout", headers={"Sec-Fetch-Site": "same-origin"}).ok
        at_home.context.add_cookies(cookies)
        assert at_home.request.get("/log-in", max_redirects=0).status == 200


class TestWaitingForMail:
    def test_the_mail_is_sent_again(self, page: Page, member: Person) -> None:
        """
        To the address that was given before; that it was is said aloud.
        """
        page.goto("/forgot-password")
        page.get_by_label("E-mail address").fill(member.email)
        page.get_by_role("button", name="Mail me a link").click()
        expect(page.get_by_label("E-mail address")).to_have_value(member.email)
        member.link_token("Reset")
        page.get_by_role("button", name="Send it again").click()
        expect(page.get_by_role("status")).to_contain_text("another mail is on its way")
        expect(page.get_by_role("status")).to_be_focused()
        assert member.link_token("Reset", number=2)
        assert page.evaluate("JSON.parse(sessionStorage.asked)") == {"email": member.email, "why": "reset"}

    def test_the_mail_after_signing_up_is_sent_again(self, page: Page, person: Person) -> None:
        """
        The one that verifies the address.
        """
        page.goto("/sign-up")
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        person.link_token("Verify")
        with page.expect_request("**/verify-email/resend"):
            page.get_by_role("button", name="Send it again").click()
        assert person.link_token("Verify", number=2)

    def test_who_comes_from_nowhere_gives_the_address(self, page: Page, person: Person) -> None:
        """
        Whoever is not verified yet gets that mail, whatever was asked for.
        """
        with person.server.client() as client:
            client.post("/auth/register", json={"email": person.email, "password": PASSWORD})
        person.link_token("Verify")
        page.goto("/check-inbox")
        expect(page.get_by_label("E-mail address")).to_have_value("")
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_role("button", name="Send it again").click()
        assert person.link_token("Verify", number=2)

    def test_asking_too_often_is_told(self, page: Page, watch: Watch) -> None:
        """
        With the time to wait.
        """
        watch.expected.add(429)
        _answered(page, "password-reset", 429, **{"Retry-After": "600"})
        for path, button in (("/check-inbox", "Send it again"), ("/forgot-password", "Mail me a link")):
            page.goto(path)
            page.get_by_label("E-mail address").fill("ann@example.org")
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role("alert")).to_contain_text("in 10 minutes")


class TestChoosingAnotherPassword:
    def test_the_time_left_is_shown_and_said_a_few_times(self, page: Page, member: Person) -> None:
        """
        It counts down for the eye, and is said at ten, five and one minutes; at its end a new link is offered.
        """
        page.clock.install()
        page.goto(f"/reset-password?token={member.forget_password()}")
        timer, said = page.get_by_role("timer"), page.get_by_role("status")
        expect(timer).to_have_text("Your link works for 60 more minutes.")
        for passing, shown, spoken in (
            ("30:00", "30 more minutes", "60 more minutes"),
            ("20:10", "10 more minutes", "10 more minutes"),
            ("03:00", "7 more minutes", "10 more minutes"),
            ("02:00", "5 more minutes", "5 more minutes"),
            ("04:00", "more seconds", "60 more seconds"),
        ):
            page.clock.fast_forward(passing)
            expect(timer).to_contain_text(shown)
            expect(said).to_contain_text(spoken)
        page.clock.fast_forward("01:00")
        expect(page.get_by_role("alert")).to_contain_text("does not work any more")
        expect(page.get_by_label("E-mail address")).to_be_focused()

    @pytest.mark.parametrize("link", ["", "?token=nonsense", "?token=" + "x" * 600, "?token=", "#token=nonsense"])
    def test_a_dead_link_is_one_press_from_a_new_one(self, page: Page, watch: Watch, member: Person, link: str) -> None:
        """
        The form for it is there at once, and the focus in it.
        """
        watch.expected |= {400, 422}
        page.goto(f"/reset-password{link}")
        expect(page.get_by_role("alert")).to_contain_text("does not work any more")
        expect(page.get_by_label("E-mail address")).to_be_focused()
        page.keyboard.type(member.email)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{member.server.url}/check-inbox")
        assert member.link_token("Reset")

    def test_the_link_says_whose_password_it_would_be(self, page: Page, watch: Watch, member: Person) -> None:
        """
        The own address is refused while it is typed, and at its field when it is sent; the link lives on.
        """
        watch.expected.add(422)
        page.goto(f"/reset-password?token={member.forget_password()}")
        password, told = page.get_by_label("New password"), page.locator("#new_password-told")
        password.fill(member.email)
        expect(told).to_contain_text("not your address")
        page.get_by_role("button", name="Set the password").click()
        expect(password).to_be_focused()
        expect(password).to_have_attribute("aria-invalid", "true")
        password.fill(NEW_PASSWORD)
        expect(told).to_have_text("Nothing speaks against this one.")
        page.get_by_role("button", name="Set the password").click()
        expect(page.get_by_role("status")).to_contain_text("logged out everywhere")

    def test_every_session_is_over(self, at_home: Page, member: Person) -> None:
        """
        That of this browser, too: the log-in page is shown, not skipped.
        """
        at_home.goto(f"/reset-password?token={member.forget_password()}")
        at_home.get_by_label("New password").fill(NEW_PASSWORD)
        at_home.get_by_role("button", name="Set the password").click()
        at_home.get_by_role("link", name="Log in with it").click()
        expect(at_home).to_have_url(f"{member.server.url}/log-in")

    def test_a_link_that_was_used_meanwhile_is_noticed_while_typing(
        self, page: Page, watch: Watch, member: Person
    ) -> None:
        """
        Before the password is sent in vain.
        """
        watch.expected.add(400)
        token = member.forget_password()
        page.goto(f"/reset-password?token={token}")
        expect(page.get_by_role("timer")).to_be_visible()
        with member.server.client() as client:
            client.post("/auth/password-reset/confirm", json={"token": token, "new_password": NEW_PASSWORD})
        page.get_by_label("New password").press_sequentially("a password that comes too late")
        expect(page.get_by_role("alert")).to_contain_text("does not work any more")


def _sign_up_states(page: Page) -> None:
    page.get_by_label("E-mail address").fill("ann@localhost")
    page.get_by_label("Password", exact=True).fill("password1234")
    expect(page.locator("#password-told")).not_to_have_class("told hint")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("This is not an e-mail address.")).to_be_visible()


def _good(page: Page) -> None:
    page.get_by_label("New password").fill(NEW_PASSWORD)
    expect(page.locator(".told.good")).to_be_visible()


def _done(page: Page) -> None:
    _good(page)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("counts from now on")


def _wrong(page: Page) -> None:
    _log_in(page, "ann@example.org", PASSWORD)
    expect(page.get_by_role("alert")).to_be_visible()


def _sent_again(page: Page) -> None:
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("status")).to_be_visible()


def _nothing(_: Page) -> None:
    pass


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "sign-up": ("/sign-up", _nothing),
    "sign-up-faults": ("/sign-up", _sign_up_states),
    "log-in": ("/log-in", _nothing),
    "log-in-wrong": ("/log-in", _wrong),
    "check-inbox": ("/check-inbox", _nothing),
    "check-inbox-again": ("/check-inbox", _sent_again),
    "forgot-password": ("/forgot-password", _nothing),
    "reset-password": ("/reset-password?token={token}", _nothing),
    "reset-password-good": ("/reset-password?token={token}", _good),
    "reset-password-done": ("/reset-password?token={token}", _done),
    "reset-password-dead": ("/reset-password", _nothing),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_accessible_and_fits(
    page: Page, watch: Watch, member: Person, picture: Picture, state: str
) -> None:
    """
    Nothing is found by axe in light and dark, nothing has to be scrolled sideways, and each target is 44 px high.
    """
    watch.expected |= {400, 401, 422}
    path, reach = STATES[state]
    page.goto(path.format(token=member.forget_password()))
    expect(page.locator("html[data-ready]")).to_be_attached()
    reach(page)
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type] # a dict of its two members
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            picture(page, f"{state}-{size}-{scheme}")
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        low = page.evaluate(
            "[...document.querySelectorAll('main :is(button, input:not([type=hidden]), .aside a, a.go)')]"
            ".filter((element) => element.getBoundingClientRect().height < 44).map((element) => element.outerHTML)"
        )
        assert low == []


@pytest.mark.parametrize("language", ["en-GB", "de-DE", "es-ES"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves(
    new_context: Callable[..., BrowserContext],
    member: Person,
    picture: Picture,
    size: str,
    language: str,
) -> None:
    """
    From the first line of the page to the last verdict on a password.
    """
    page = new_context(viewport=SIZES[size], locale=language).new_page()
    page.add_init_script(f"({SHIFTS})()")
    for path in ("/sign-up", "/log-in", "/check-inbox", "/forgot-password"):
        page.goto(path)
        expect(page.locator("html[data-ready]")).to_be_attached()
        picture(page, f"{path[1:]}-{size}-{language[:2]}")
        assert page.evaluate("window.shifted") == 0, path
    page.goto(f"/reset-password?token={member.forget_password()}")
    expect(page.get_by_role("timer")).to_be_visible()
    field = page.locator("#new_password")
    for text, tone in (("password1234", "bad"), (member.email, "bad"), (NEW_PASSWORD, "good")):
        field.fill(text)
        expect(page.locator(f".told.{tone}")).to_be_visible()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
        picture(page, f"reset-password-{tone}-{size}-{language[:2]}")
    assert page.evaluate("window.shifted") == 0


def test_texts_of_problems_hold_no_password(page: Page, watch: Watch) -> None:
    """
    What was typed is in its field, and in no other part of the page.
    """
    watch.expected.add(422)
    page.goto("/sign-up")
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_label("Password", exact=True).fill("todotodotodo7")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    assert "todotodotodo7" not in page.content()
    assert "todotodotodo7" not in json.dumps(page.evaluate("[{...localStorage}, {...sessionStorage}]"))
