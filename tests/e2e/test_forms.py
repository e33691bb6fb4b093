"""
Forms that are sent without script. On the real database, in this process, with a page of the test's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from tests.e2e.test_http import log_in, slug
from tests.support.app import client_of, container_for
from tests.support.server import PASSWORD
from todo_web import app, decoding
from todo_web.errors import InvalidFields, RequestTimeout
from todo_web.routes.accounts import TokenBody
from todo_web.routes.forms import OPERATIONS
from todo_web.routes.password_reset import ConfirmResetBody
from todo_web.web_page import WebPage

ANN = "ann@example.org"
OURS = {"Sec-Fetch-Site": "same-origin"}
FORM = "application/x-www-form-urlencoded"
PAGES = (
    *("sign-up", "log-in", "check-inbox", "forgot-password", "reset-password"),
    *("verify-email", "confirm-email", "undo-email-change", "undo-deletion"),
)
ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://neighbour.example.org"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "", "Origin": "null"},
)
HOSTILE = (
    (b"email=ann%40example.org&password=x&colour=red", 422),
    (b"email=ann%40example.org&password=x&colour=", 422),
    (b"email=ann%40example.org&password=x&=", 422),
    (b"email=ann%40example.org&email=bob%40example.org&password=x", 422),
    (b"email=ann%40example.org&email=&password=x", 422),
    (b"email=ann%00%40example.org&password=x", 422),
    (b"email=ann%40example.org&password=%00", 422),
    (b"email=ann%40example.org&password=" + b"x" * 2000, 422),
    (b"email=ann%40example.org&password=%ED%A0%80", 400),
    (b"email=ann%40example.org&password=%FF", 400),
    ("email=ann%40example.org&password=ü".encode(), 400),
    (b"email=ann%40example.org&password=x&" + b"a=1&" * 20, 400),
    (b"email=" + b"x" * 70_000, 413),
    (b"", 422),
    (b"&&&", 422),
    (b"=", 422),
    (b'{"email": "ann@example.org", "password": "x"}', 422),
)
HTML = """\
<!doctype html><html lang="{language}"><head><title>{name}</title></head><body><h1>{name} in {language}</h1><form>
<label for="email">E-mail</label><input name="email"><label for="password">Password</label>
<input name="password" type="password"><input type="hidden" name="token"/></form></body></html>
"""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """
    Return a folder with a small page for each form, in two languages.
    """
    for name in PAGES:
        (tmp_path / name).mkdir()
        for ending, language in ((".en", "en"), (".de", "de"), ("", "en")):
            html = HTML.format(name=name, language=language)
            (tmp_path / name / f"index{ending}.html").write_text(html, "utf-8")
    return tmp_path


@pytest.fixture
def client(database_url: str, built: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[TestClient]:
    """
    Yield somebody whose browser sends forms of our own pages.
    """
    monkeypatch.setattr(app, "WebPage", lambda: WebPage(built))
    with client_of(container_for(database_url, COURIER="apart")[0]) as client:
        client.headers.update(OURS)
        yield client


def send(client: TestClient, name: str, fields: dict[str, str] | None = None, **headers: str) -> Any:
    """
    Return the answer to a form, which leads nowhere by itself.
    """
    return client.post(f"/api/v1/forms/{name}", data=fields or {}, headers=headers, follow_redirects=False)


def send_raw(client: TestClient, name: str, body: bytes, content_type: str = FORM) -> Any:
    """
    Return the answer to whatever is sent in a form's place.
    """
    return client.post(
        f"/api/v1/forms/{name}", content=body, headers={"Content-Type": content_type}, follow_redirects=False
    )


class TestWhatIsDone:
    """
    A form leads on to the next page (the mails' part of the story is in tests/e2e/page/test_without_script.py).
    """

    def test_what_causes_mail_leads_to_the_inbox(self, client: TestClient) -> None:
        """
        Whether or not there is an account; a field that was left empty is not given.
        """
        log_in(client, ANN)
        for email in (ANN, "nobody@example.org"):
            for name, fields in (
                ("sign-up", {"email": email, "password": PASSWORD, "display_name": ""}),
                ("forgot-password", {"email": email}),
                ("resend-verification", {"email": email}),
            ):
                answer = send(client, name, fields)
                assert (answer.status_code, answer.headers["location"]) == (303, "/check-inbox"), name
                assert answer.content == b""

    def test_logging_in_and_out(self, client: TestClient) -> None:
        """
        The browser keeps the session in a cookie that no script can read, until a form ends it.
        """
        log_in(client, ANN)
        answer = send(client, "log-in", {"email": f" {ANN.upper()}", "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        kept = answer.headers["set-cookie"]
        assert re.match(r"__Host-session=[\w.-]+; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax; Secure$", kept)
        cookie = kept.partition(";")[0]
        assert client.get("/api/v1/me", headers={"Cookie": cookie}).json()["email"] == ANN
        answer = send(client, "log-out", Cookie=cookie)
        assert (answer.status_code, answer.headers["location"]) == (303, "/log-in?done=log-out")
        assert '__Host-session=""' in answer.headers["set-cookie"]
        assert client.get("/api/v1/me", headers={"Cookie": cookie}).status_code == 401

    @pytest.mark.parametrize(
        ("what", "said"),
        [("log-out", "You are logged out."), ("reset-password", "new password counts"), ("undo-deletion", "stays")],
    )
    def test_the_log_in_page_tells_what_was_done(self, client: TestClient, what: str, said: str) -> None:
        """
        In the words of a fixed list, in the language of the page; anything else in the address says nothing.
        """
        told = client.get(f"/log-in?done={what}")
        assert said in told.text
        assert told.headers["cache-control"] == "no-store"
        assert "Du " in client.get("/log-in?done=log-out", headers={"Accept-Language": "de-AT"}).text
        for other in ("/log-in", "/log-in?done=%3Cb%3E", f"/sign-up?done={what}", f"/log-in?was={what}"):
            page = client.get(other)
            assert "notice" not in page.text
            assert page.headers["cache-control"] == "no-cache"


class TestWhatGoesWrong:
    """
    The page that has the form tells what is wrong, with what was typed still in it.
    """

    def test_what_is_wrong_is_said_at_its_field(self, client: TestClient) -> None:
        """
        Each fault at its own, in the reader's language; what was typed stays, the password does not.
        """
        answer = send(client, "sign-up", {"email": 'not"<an>address', "password": "short"}, **{"Accept-Language": "de"})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "<h1>sign-up in de</h1>" in answer.text
        assert "<title>Fehler: sign-up" in answer.text
        assert '<input aria-invalid="true" aria-describedby="email-fault" value="not&quot;&lt;an&gt;address"' in (
            answer.text
        )
        assert "Das ist keine E-Mail-Adresse." in answer.text
        assert "short" not in answer.text

    def test_a_rule_of_the_core_is_said_in_the_readers_language(self, client: TestClient) -> None:
        """
        The core's own words are English.
        """
        fields = {"email": ANN, "password": "short"}
        assert "A password needs at least 12 characters." in send(client, "sign-up", fields).text
        assert "mindestens 12 Zeichen" in send(client, "sign-up", fields, **{"Accept-Language": "de"}).text

    def test_what_is_missing_is_said_to_be(self, client: TestClient) -> None:
        """
        Left empty or left out is the same.
        """
        for body in (b"", b"email=&password="):
            answer = send_raw(client, "log-in", body)
            assert answer.status_code == 422
            assert answer.text.count("This is needed.") == 2

    def test_a_wrong_password(self, client: TestClient) -> None:
        """
        The status and the challenge are those of the JSON twin; the address is still there.
        """
        answer = send(client, "log-in", {"email": ANN, "password": "wrong one, this is"})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert "do not belong together" in answer.text
        assert f'value="{ANN}"' in answer.text
        assert "wrong one" not in answer.text
        assert "set-cookie" not in answer.headers

    def test_an_address_that_is_not_verified(self, client: TestClient) -> None:
        """
        Whoever knows the password is led to where another link can be asked for.
        """
        send(client, "sign-up", {"email": ANN, "password": PASSWORD})
        answer = send(client, "log-in", {"email": ANN, "password": PASSWORD})
        assert answer.status_code == 403
        assert "<h1>verify-email" in answer.text
        assert "has to be verified first" in answer.text
        assert f'value="{ANN}"' in answer.text

    @pytest.mark.parametrize(
        ("name", "page", "another"),
        [
            ("reset-password", "forgot-password", True),
            ("verify-email", "verify-email", True),
            ("confirm-email", "confirm-email", False),
            ("undo-email-change", "undo-email-change", False),
            ("undo-deletion", "undo-deletion", False),
        ],
    )
    def test_a_dead_link(self, client: TestClient, name: str, page: str, *, another: bool) -> None:
        """
        It is said to be, where another can be had if there is such a place, and its token is not repeated.
        """
        more = {"new_password": PASSWORD} if name == "reset-password" else {}
        answer = send(client, name, {"token": "dead-token", **more})
        assert answer.status_code == 400
        assert f"<h1>{page} in en</h1>" in answer.text
        assert "does not work any more" in answer.text
        assert ("Have another one mailed here." in answer.text) is another
        assert "dead-token" not in answer.text

    def test_a_weak_password_keeps_the_link_in_the_form(self, client: TestClient) -> None:
        """
        The token stays where it is while the password is refused, so that the form can be sent again.
        """
        answer = send(client, "reset-password", {"token": "a.token", "new_password": "\x00"})
        assert answer.status_code == 422
        assert '<input value="a.token" type="hidden" name="token"/>' in answer.text

    def test_the_limit_is_told_with_its_headers(
        self, database_url: str, built: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        What the limits count is counted here as everywhere, and the page says how long to wait.
        """
        monkeypatch.setattr(app, "WebPage", lambda: WebPage(built))
        container, _ = container_for(database_url, COURIER="apart", RATE_LIMIT_LOGIN="1/hour")
        with client_of(container) as client:
            client.headers.update(OURS)
            fields = {"email": ANN, "password": PASSWORD}
            assert [send(client, "log-in", fields).status_code for _ in range(2)] == [401, 429]
            answer = send(client, "log-in", fields)
            assert "minutes" in answer.text
            assert int(answer.headers["retry-after"]) > 0
            assert client.post("/api/v1/auth/login", json=fields).status_code == 429

    def test_without_the_web_page_a_problem_is_told(
        self, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        A build that has no pages answers as the rest of the API does.
        """
        monkeypatch.setattr(app, "WebPage", lambda: WebPage(tmp_path / "nothing"))
        with client_of(container_for(database_url, COURIER="apart")[0]) as client:
            client.headers.update(OURS)
            assert slug(send_raw(client, "log-in", b"")) == "invalid-input"
            assert client.get("/log-in?done=log-out").status_code == 404


class TestWhatIsNotTaken:
    """
    Forms are read as strictly as JSON is.
    """

    def test_a_form_of_another_site(self, client: TestClient) -> None:
        """
        Nobody is logged in, signed up or written to by a page that they only visit, nor by what does not say who sent.
        """
        log_in(client, ANN)
        fields = {"email": ANN, "password": PASSWORD}
        kept = client.post("/api/v1/auth/login", json={**fields, "session": "cookie"}).headers["set-cookie"]
        for operation, elsewhere in product(OPERATIONS, ELSEWHERE):
            headers = {"Cookie": kept.partition(";")[0], **elsewhere}
            answer = client.post(operation.path, data=fields, headers=headers, follow_redirects=False)
            assert answer.status_code == 403, operation.name
            assert "our own page" in answer.text
            assert "set-cookie" not in answer.headers
            assert '<input value="ann@' not in answer.text

    def test_what_is_hostile_or_broken(self, client: TestClient) -> None:
        """
        Unknown fields, fields that come twice, NUL, what is not UTF-8, too much: each refused, with a page.
        """
        for body, status in HOSTILE:
            answer = send_raw(client, "log-in", body)
            assert answer.status_code == status, body[:60]
            assert "<h1>log-in in en</h1>" in answer.text
            assert 'role="alert"' in answer.text

    def test_what_is_no_form(self, client: TestClient) -> None:
        """
        Only what a form sends by itself is read.
        """
        for kind in (
            "application/json",
            "multipart/form-data; boundary=x",
            "text/plain",
            f"{FORM}; charset=utf-16",
            "",
        ):
            answer = send_raw(client, "log-in", b"email=ann%40example.org&password=x", kind)
            assert answer.status_code == 415, kind

    async def test_a_form_that_does_not_arrive(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """
        It has as long as any body has.
        """
        monkeypatch.setattr(decoding, "BODY_DEADLINE", 0.05)

        async def receive() -> dict[str, Any]:
            await decoding.asyncio.sleep(3600)
            raise AssertionError

        request = Request({"type": "http", "method": "POST", "headers": [(b"content-type", FORM.encode())]}, receive)
        with pytest.raises(RequestTimeout):
            await decoding.read_form(request, TokenBody)

    async def test_a_password_is_not_kept_to_be_shown_again(self) -> None:
        """
        Neither a right one nor a wrong one, whatever else the form had; the token of a link is.
        """

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"token=t&new_password=hunter2&colour=red", "more_body": False}

        scope = {"type": "http", "method": "POST", "headers": [(b"content-type", FORM.encode())]}
        request: Request[Any] = Request(scope, receive)
        with pytest.raises(InvalidFields):
            await decoding.read_form(request, ConfirmResetBody)
        assert request.state["given"] == {"token": "t", "colour": "red"}

    def test_the_document_says_so(self) -> None:
        """
        What forms are answered with is told of as it is: pages, or problems, and none that is JSON's.
        """
        described = json.loads(app.describe())["paths"]["/api/v1/forms/log-in"]["post"]
        assert list(described["requestBody"]["content"]) == [FORM]
        assert "malformed-form" in described["responses"]["400"]["description"]
        assert "malformed-json" not in described["responses"]["400"]["description"]
        assert set(described["responses"]["401"]["content"]) == {"text/html", "application/problem+json"}


class TestTheTokenInThePage:
    """
    Without script, the page of a mailed link carries its token in its form.
    """

    @pytest.mark.parametrize("name", ["reset-password", "verify-email", "confirm-email", "undo-deletion"])
    def test_the_token_of_the_link_is_in_the_form(self, client: TestClient, name: str) -> None:
        """
        Escaped, kept by no cache, and nothing else of the page is different.
        """
        plain = client.get(f"/{name}").text
        answer = client.get(f"/{name}", params={"token": 'a"<b>'})
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert 'value="a&quot;&lt;b&gt;" type="hidden"' in answer.text
        assert answer.text.replace(' value="a&quot;&lt;b&gt;"', "") == plain

    def test_there_and_nowhere_else(self, client: TestClient) -> None:
        """
        Neither on other pages, nor where there is none, nor what is too long to be one.
        """
        for address in ("/sign-up?token=a", "/verify-email?token=", f"/verify-email?token={'a' * 513}"):
            answer = client.get(address)
            assert "value=" not in answer.text
            assert answer.headers["cache-control"] == "no-cache"
