"""
HTTP as the shell speaks it: bodies, errors, headers, conditions, pages. On the real database, in this process.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Generator
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for
from tests.support.server import PASSWORD, eventually, run_todo
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_web import decoding
from todo_web.app import create_app
from todo_web.container import Container
from todo_web.errors import RequestTimeout
from todo_web.middleware.security_headers import SecurityHeaders
from todo_web.problems import ALL
from todo_web.routes import profile
from todo_web.routes.password_reset import ConfirmResetBody

ANN = "ann@example.org"

LINK_PAGES = ("/reset-password", "/verify-email", "/confirm-email", "/undo-email-change", "/undo-deletion")
PAGES = ("/", "/sign-up", "/log-in", "/check-inbox", "/forgot-password", *LINK_PAGES, "/account")


@pytest.fixture
def container(database_url: str) -> Container:
    """
    Return the program's parts, on a database of the test's own.
    """
    return container_for(database_url, COURIER="apart", TRUSTED_PROXY_HOPS="1")[0]


@pytest.fixture
def client(container: Container) -> Generator[TestClient]:
    """
    Yield somebody who is not logged in.
    """
    with client_of(container) as client:
        yield client


def log_in(client: TestClient, email: str) -> dict[str, str]:
    """
    Return the header of a new account's new session.
    """
    core = client.app_state["core"]
    assert client.portal is not None

    async def create() -> None:
        await core.create_user(email=EmailAddress(email), password=Password(PASSWORD))

    client.portal.call(create)
    answer = client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def ann(client: TestClient) -> TestClient:
    """
    Return the client, logged in as Ann.
    """
    client.headers.update(log_in(client, ANN))
    return client


def slug(answer: Any) -> str:
    """
    Return which problem *answer* is, having seen that it is one.
    """
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["instance"] == answer.headers["x-request-id"]
    return str(problem["type"]).rpartition("/")[2]


class TestBodies:
    """
    What is wrong with a body is said, all of it, and nothing is guessed.
    """

    def test_every_wrong_field_is_named(self, client: TestClient) -> None:
        """
        Missing, unknown, mistyped and forbidden values come in one answer, each with its JSON Pointer.
        """
        answer = client.post("/api/v1/auth/register", json={"email": "nobody", "display_name": 7, "a/b": 1})
        assert slug(answer) == "invalid-input"
        assert {(error["pointer"], error["detail"]) for error in answer.json()["errors"]} == {
            ("/email", "This is not an e-mail address."),
            ("/password", "Required"),
            ("/display_name", "Expected `str`, got `int`"),
            ("/a~1b", "Unknown field"),
        }

    def test_a_rule_of_the_domain_is_named_at_its_field(self, client: TestClient) -> None:
        """
        A password that is too short is an error of that field.
        """
        answer = client.post("/api/v1/auth/register", json={"email": ANN, "password": "short"})
        assert slug(answer) == "invalid-input"
        assert answer.json()["errors"] == [
            {"pointer": "/password", "detail": "A password needs at least 12 characters."}
        ]

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"\xff", b'{"email": NaN}', b"[" * 100_00, b'{"email": "\\ud800"}', b"\x00"]
    )
    def test_what_is_not_json_is_refused(self, client: TestClient, body: bytes) -> None:
        """
        Broken, empty, endlessly nested and wrongly encoded bodies are malformed, and never an error of ours.
        """
        answer = client.post("/api/v1/auth/login", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
        assert slug(answer) in {"malformed-json", "invalid-input"}

    @pytest.mark.parametrize("document", [b"null", b"true", b"5", b'"text"', b"[]", b"[[]]"])
    def test_what_is_no_object_is_refused(self, client: TestClient, document: bytes) -> None:
        """
        Any JSON but an object is invalid input.
        """
        answer = client.post("/api/v1/auth/login", content=document, headers={"Content-Type": "application/json"})
        assert slug(answer) == "invalid-input"
        assert answer.json()["errors"] == [{"pointer": "", "detail": "Expected an object"}]

    @pytest.mark.parametrize("value", ["5", 5, 1.0, None, "true"])
    def test_nothing_is_coerced(self, ann: TestClient, value: object) -> None:
        """
        A switch takes true and false only.
        """
        answer = ann.post("/api/v1/todos", json={"title": "x", "completed": value})
        assert slug(answer) == "invalid-input"

    def test_a_nul_cannot_be_stored_and_is_refused(self, ann: TestClient) -> None:
        """
        PostgreSQL's text has no NUL: the field says so.
        """
        answer = ann.post("/api/v1/todos", json={"title": "a\x00b"})
        assert answer.json()["errors"] == [{"pointer": "/title", "detail": "Expected `str` without NUL characters"}]

    @pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
    def test_other_media_types_are_refused(self, client: TestClient, media_type: str) -> None:
        """
        A form of another site cannot be mistaken for a request to the API.
        """
        answer = client.post("/api/v1/auth/login", content=b"{}", headers={"Content-Type": media_type})
        assert slug(answer) == "unsupported-media-type"

    def test_a_large_body_is_refused(self, client: TestClient) -> None:
        """
        65,536 bytes are read, one more is too large, whether or not the length was announced.
        """
        json_type = {"Content-Type": "application/json"}
        most = b'{"email": "' + b"x" * (65_536 - 13) + b'"}'
        assert len(most) == 65_536
        assert slug(client.post("/api/v1/auth/login", content=most, headers=json_type)) == "invalid-input"
        assert slug(client.post("/api/v1/auth/login", content=most + b" ", headers=json_type)) == "too-large"
        chunks = iter([most, b" "])
        assert slug(client.post("/api/v1/auth/login", content=chunks, headers=json_type)) == "too-large"

    async def test_a_body_must_arrive_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """
        Whoever sends half a body and waits is not waited for.
        """
        monkeypatch.setattr(decoding, "BODY_DEADLINE", 0.05)

        async def receive() -> dict[str, Any]:
            await decoding.asyncio.sleep(3600)
            raise AssertionError

        request = Request(
            {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}, receive
        )
        with pytest.raises(RequestTimeout):
            await decoding.read_body(request, ConfirmResetBody)

    async def test_a_client_that_leaves_is_no_error_of_ours(
        self, container: Container, caplog: pytest.LogCaptureFixture
    ) -> None:
        """
        A connection that ends in the middle of a body leaves no traceback in the log.
        """
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/v1/auth/password-reset",
            "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1),
            "state": {"core": container.core(), "trusted_proxy_hops": 0},
        }
        with caplog.at_level(logging.DEBUG):
            await create_app(container)(scope, receive, send)
        await container.engine().dispose()
        assert sent[0]["status"] == 400
        assert ClientDisconnect.__name__ not in caplog.text


class TestErrors:
    """
    Every error is a problem, whoever raises it.
    """

    def test_unknown_paths(self, client: TestClient) -> None:
        """
        A path that is not served is not found; a slash too many does not redirect.
        """
        for path in ("/nothing", "/api/v1/", "/api/v1/todos/", "/api/v1/todos/not-a-uuid", "/static/nothing"):
            assert slug(client.get(path, follow_redirects=False)) == "not-found"

    @pytest.mark.parametrize("method", ["PUT", "TRACE", "BREW", "PATCH"])
    def test_other_methods(self, client: TestClient, method: str) -> None:
        """
        Allow lists every method the path takes.
        """
        answer = client.request(method, "/api/v1/todos")
        assert slug(answer) == "method-not-allowed"
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}

    def test_what_nobody_expected(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """
        A fault of ours is a 500 that tells nothing, with the headers of any answer; the log knows it by its id.
        """

        def broken(_: object) -> None:
            raise RuntimeError("broken")

        headers = log_in(client, ANN)
        monkeypatch.setattr(profile, "profile_of", broken)
        answer = client.get("/api/v1/me", headers=headers)
        assert slug(answer) == "internal"
        assert "broken" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_each_problem_has_its_page(self, client: TestClient) -> None:
        """
        The type of a problem is a URL that explains it.
        """
        for problem in ALL:
            answer = client.get(f"/problems/{problem.slug}")
            assert answer.status_code == 200
            assert problem.slug in answer.text
        assert slug(client.get("/problems/unheard-of")) == "not-found"

    def test_a_type_can_be_followed(self, client: TestClient) -> None:
        """
        What stands in a problem as its type is answered.
        """
        problem = client.get("/nothing").json()
        assert problem["type"] == "http://localhost:8000/problems/not-found"


class TestHosts:
    """
    Only requests meant for this service are answered.
    """

    @pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:80", "[::1]:8000", "LOCALHOST"])
    def test_ours_are_answered(self, client: TestClient, host: str) -> None:
        """
        The hosts of both URLs and the loopback, with any port.
        """
        assert client.get("/health", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[::1", "localhost, evil.example"])
    def test_others_are_refused(self, client: TestClient, host: str) -> None:
        """
        Any other name is a problem.
        """
        assert slug(client.get("/health", headers={"Host": host})) == "invalid-host"

    def test_two_hosts_are_refused(self, client: TestClient) -> None:
        """
        Two Host headers could be read differently by a proxy and by us (RFC 9112 §3.2).
        """
        answer = client.get("/health", headers=[("Host", "localhost"), ("Host", "evil.example")])
        assert slug(answer) == "invalid-host"


class TestHeaders:
    """
    Security headers are on whatever leaves.
    """

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/health"),
            ("GET", "/nothing"),
            ("GET", "/api/v1/me"),
            ("GET", "/docs"),
            ("GET", "/reset-password"),
            ("GET", "/static/page.css"),
            ("POST", "/api/v1/auth/login"),
            ("TRACE", "/api/v1/me"),
            ("OPTIONS", "/api/v1/me"),
        ],
    )
    def test_every_response_has_them(self, client: TestClient, method: str, path: str) -> None:
        """
        Good answers, errors and files alike.
        """
        headers = client.request(method, path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        may_be_kept = path in LINK_PAGES or path.startswith("/static/")
        assert headers["cache-control"] == ("no-cache" if may_be_kept else "no-store")
        assert not {"x-xss-protection", "server", "strict-transport-security"} & set(headers)

    def test_production_insists_on_https(self) -> None:
        """
        HSTS for a year, subdomains included, where there is TLS.
        """

        async def app(_: Any, __: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        headers = TestClient(SecurityHeaders(app, hsts=True)).get("/").headers
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"

    def test_pages_run_only_our_own_scripts(self, client: TestClient) -> None:
        """
        No page has a script or a style in it, and every file it names is served here; so /docs works offline.
        """
        for path in (*PAGES, "/docs", "/problems/not-found"):
            page = client.get(path).text
            assert not re.findall(r"<script>|<style|style=|onclick|javascript:", page)
            for reference in re.findall(r'(?:src|href)="([^#"][^"]*)"', page):
                assert reference.startswith("/")
                of_somebody = reference.startswith("/api/v1/")  # one's own data, for who is logged in
                assert client.get(reference).status_code in ({200, 401} if of_somebody else {200}), reference
            assert "script-src 'self';" in client.get(path).headers["content-security-policy"]

    def test_forms_never_put_fields_into_a_url(self, client: TestClient) -> None:
        """
        Each form has method="post", so that a browser without scripts shows no password in its address bar.
        """
        forms = [form for path in PAGES for form in re.findall(r"<form[^>]*>", client.get(path).text)]
        assert forms
        assert all('method="post"' in form for form in forms)


class TestOrigins:
    """
    Only the web page's origin may read our answers.
    """

    def test_the_frontend_may(self, client: TestClient) -> None:
        """
        Its requests and preflights are allowed, with credentials and conditional headers.
        """
        origin = {"Origin": "http://localhost:8000"}
        assert client.get("/health", headers=origin).headers["access-control-allow-origin"] == origin["Origin"]
        wish = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "If-Match"}
        answer = client.options("/api/v1/todos", headers=origin | wish)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == origin["Origin"]
        assert "PATCH" in answer.headers["access-control-allow-methods"]

    @pytest.mark.parametrize(
        "origin",
        [
            *("null", "*", "http://localhost", "https://localhost:8000", "http://localhost:80000"),
            *("http://localhost:8000.evil.example", "http://evillocalhost:8000", "http://evil.localhost:8000"),
        ],
    )
    def test_nobody_else_may(self, client: TestClient, origin: str) -> None:
        """
        Other origins, and those that only look like ours, get no permission, and caches are told why.
        """
        answer = client.get("/health", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers
        assert "Origin" in answer.headers["vary"]
        preflight = client.options("/health", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})
        assert "access-control-allow-origin" not in preflight.headers


class TestTodos:
    """
    Todos over HTTP.
    """

    def test_a_field_that_is_not_sent_stays(self, ann: TestClient) -> None:
        """
        A merge patch changes what it names; null clears; the version counts.
        """
        made = ann.post("/api/v1/todos", json={"title": "buy milk", "notes": "two"})
        assert made.headers["etag"] == '"1"'
        url = made.headers["location"]
        done = ann.patch(url, json={"completed": True}).json()
        assert (done["title"], done["notes"], done["completed"], done["version"]) == ("buy milk", "two", True, 2)
        patch = {"Content-Type": "application/merge-patch+json"}
        cleared = ann.patch(url, content=b'{"notes": null}', headers=patch).json()
        assert (cleared["title"], cleared["notes"], cleared["completed"]) == ("buy milk", None, True)
        assert ann.patch(url, json={}).headers["etag"] == '"3"'
        refused = ann.patch(url, json={"title": None})
        assert slug(refused) == "invalid-input"
        assert ann.get(url).json() == cleared

    def test_two_writers_notice_each_other(self, ann: TestClient) -> None:
        """
        With If-Match the second of two edits made from one version is refused; so is such a deletion.
        """
        url = ann.post("/api/v1/todos", json={"title": "buy milk"}).headers["location"]
        seen = {"If-Match": '"1"'}
        assert ann.patch(url, json={"title": "buy oats"}, headers=seen).status_code == 200
        assert slug(ann.patch(url, json={"title": "buy rice"}, headers=seen)) == "precondition-failed"
        assert slug(ann.delete(url, headers=seen)) == "precondition-failed"
        assert ann.get(url).json()["title"] == "buy oats"
        assert ann.delete(url, headers={"If-Match": '"2"'}).status_code == 204
        assert slug(ann.get(url)) == "not-found"

    def test_what_is_known_is_not_sent_again(self, ann: TestClient) -> None:
        """
        If-None-Match with the current tag gets 304 and no body.
        """
        url = ann.post("/api/v1/todos", json={"title": "buy milk"}).headers["location"]
        answer = ann.get(url, headers={"If-None-Match": '"1"'})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')

    def test_a_list_is_read_page_by_page(self, ann: TestClient) -> None:
        """
        Following next_cursor, or the Link header, shows each todo once, oldest first.
        """
        titles = [f"todo {number}" for number in range(7)]
        for title in titles:
            ann.post("/api/v1/todos", json={"title": title})
        read: list[str] = []
        answer = ann.get("/api/v1/todos", params={"limit": 3})
        while True:
            read += [todo["title"] for todo in answer.json()["items"]]
            if answer.json()["next_cursor"] is None:
                break
            answer = ann.get(answer.links["next"]["url"])
        assert read == titles
        assert "link" not in answer.headers

    def test_a_list_can_be_narrowed(self, ann: TestClient) -> None:
        """
        By completed, and by how words in title or notes begin, without regard to case; what is no word finds nothing.
        """
        for title, notes, completed in (
            ("Buy milk", None, True),
            ("call Bob", "about MILK", False),
            ("100%", None, False),
        ):
            ann.post("/api/v1/todos", json={"title": title, "notes": notes, "completed": completed})

        def titles(**params: str) -> list[str]:
            return [todo["title"] for todo in ann.get("/api/v1/todos", params=params).json()["items"]]

        assert titles(q="milk") == ["Buy milk", "call Bob"]
        assert titles(q="milk", completed="true") == ["Buy milk"]
        assert titles(q="100") == titles(q="100%") == ["100%"]
        assert titles(q="%") == []
        assert titles(completed="false") == ["call Bob", "100%"]

    @pytest.mark.parametrize(
        "query",
        ["limit=0", "limit=201", "limit=x", "completed=perhaps", "cursor=nonsense", "sort=title", "limit=1&limit=2"],
    )
    def test_a_wrong_question_is_refused(self, ann: TestClient, query: str) -> None:
        """
        Values out of bounds, unknown parameters and those given twice are invalid input.
        """
        answer = ann.get(f"/api/v1/todos?{query}")
        assert slug(answer) == "invalid-input"
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{query.partition('=')[0]}"]

    def test_other_peoples_todos_do_not_exist(self, ann: TestClient) -> None:
        """
        Reading, changing and deleting them answers 404, and leaves them as they are.
        """
        url = ann.post("/api/v1/todos", json={"title": "Ann's"}).headers["location"]
        bob = log_in(ann, "bob@example.org")
        assert slug(ann.get(url, headers=bob)) == "not-found"
        assert slug(ann.patch(url, json={"title": "Bob's"}, headers=bob)) == "not-found"
        assert slug(ann.delete(url, headers=bob)) == "not-found"
        assert ann.get("/api/v1/todos", headers=bob).json()["items"] == []
        assert ann.get(url).json()["title"] == "Ann's"

    def test_head_is_get_without_a_body(self, ann: TestClient) -> None:
        """
        HEAD is answered wherever GET is.
        """
        url = ann.post("/api/v1/todos", json={"title": "buy milk"}).headers["location"]
        assert ann.head(url).status_code == 200
        assert ann.head("/docs").status_code == 200

    def test_an_operator_can_insist_on_if_match(self, database_url: str) -> None:
        """
        With REQUIRE_IF_MATCH=true a change without a version is refused.
        """
        container, _ = container_for(database_url, COURIER="apart", REQUIRE_IF_MATCH="true")
        with client_of(container) as client:
            client.headers.update(log_in(client, ANN))
            url = client.post("/api/v1/todos", json={"title": "buy milk"}).headers["location"]
            assert slug(client.patch(url, json={"title": "x"})) == "precondition-required"
            assert client.patch(url, json={"title": "x"}, headers={"If-Match": '"1"'}).status_code == 200


class TestSessions:
    """
    Who is let in.
    """

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer  ", "bearer \xff"])
    def test_nobody_is_let_in_without_a_token(self, client: TestClient, header: str) -> None:
        """
        Anything but a token of ours is a problem that says how to authenticate.
        """
        answer = client.get("/api/v1/me", headers={"Authorization": header.encode("latin-1")})
        assert slug(answer) == "unauthenticated"
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_the_profile_is_the_callers(self, ann: TestClient) -> None:
        """
        /me tells the caller's own address, and neither hash nor session.
        """
        profile = ann.get("/api/v1/me").json()
        assert profile["email"] == ANN
        names = {"id", "email", "display_name", "locale", "timezone", "verified_at", "created_at", "erase_at"}
        assert set(profile) == names


class TestLimits:
    """
    How often things may be asked.
    """

    def test_requests_are_counted_for_session_and_client(self, database_url: str) -> None:
        """
        One session's surplus is refused and told when to come again, while others are served.
        """
        container, _ = container_for(
            database_url, COURIER="apart", RATE_LIMIT_ENABLED="true", RATE_LIMIT_PER_MINUTE="5", TRUSTED_PROXY_HOPS="1"
        )
        with client_of(container) as client:
            ann, bob = log_in(client, ANN), log_in(client, "bob@example.org")
            assert [client.get("/api/v1/me", headers=ann).status_code for _ in range(7)] == [200] * 5 + [429] * 2
            assert client.get("/api/v1/me", headers=bob).status_code == 200
            refused = client.get("/api/v1/me", headers=ann)
            assert slug(refused) == "too-many-requests"
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert refused.headers["ratelimit-policy"] == '"requests";q=5;w=60'
            assert client.get("/health").status_code == 200
            guesses = {"Authorization": "Bearer x.y.z", "X-Forwarded-For": "9.9.9.9"}
            statuses = [client.get("/api/v1/me", headers=guesses).status_code for _ in range(6)]
            assert statuses == [401] * 5 + [429]

    def test_reset_requests_are_counted_for_the_client(self, database_url: str) -> None:
        """
        A client that asks for many addresses is refused, the same for known and unknown ones.
        """
        container, _ = container_for(database_url, COURIER="apart", RATE_LIMIT_RESET_CLIENT="3/hour")
        with client_of(container) as client:
            statuses = [
                client.post("/api/v1/auth/password-reset", json={"email": f"a{number}@example.org"}).status_code
                for number in range(4)
            ]
        assert statuses == [202, 202, 202, 429]

    def test_log_ins_are_counted_for_the_account(self, client: TestClient) -> None:
        """
        After five tries in a minute the right password is refused like any other.
        """
        log_in(client, ANN)
        for number in range(4):
            wrong = {"email": ANN, "password": f"wrong {number}"}
            answer = client.post("/api/v1/auth/login", json=wrong, headers={"X-Forwarded-For": f"9.9.9.{number}"})
            assert slug(answer) == "wrong-credentials"
        right = {"email": ANN, "password": PASSWORD}
        answer = client.post("/api/v1/auth/login", json=right, headers={"X-Forwarded-For": "9.9.9.9"})
        assert slug(answer) == "too-many-requests"

    @pytest.mark.parametrize("email", [ANN, "nobody@example.org"])
    def test_a_refusal_says_what_it_counts_and_how_long_to_wait(self, database_url: str, email: str) -> None:
        """
        In Retry-After, RateLimit and RateLimit-Policy, the same for addresses that are known and those that are not.
        """
        limits = {"RATE_LIMIT_LOGIN": "2/minute", "RATE_LIMIT_RESET_CLIENT": "2/hour", "RATE_LIMIT_BAD_TOKENS": "2/day"}
        container, _ = container_for(database_url, COURIER="apart", **limits)
        with client_of(container) as client:
            log_in(client, ANN)
            wrong = {"email": email, "password": "wrong"}
            for path, body, policy in (
                ("login", wrong, '"log-in";q=2;w=60'),
                ("password-reset", {"email": email}, '"reset-client";q=2;w=3600'),
                ("verify-email", {"token": "bad"}, '"bad-tokens";q=2;w=86400'),
            ):
                refused = [client.post(f"/api/v1/auth/{path}", json=body) for _ in range(3)][-1]
                assert slug(refused) == "too-many-requests"
                assert refused.headers["ratelimit-policy"] == policy
                wait = int(refused.headers["retry-after"])
                window = int(policy.rpartition("=")[2])
                assert window - 60 <= wait <= window
                assert refused.headers["ratelimit"] == f"{policy.partition(';')[0]};r=0;t={wait}"


def test_the_log_has_the_path_and_never_the_query(settings: dict[str, str], tmp_path: Any, server: Any) -> None:
    """
    A token that somebody put into a URL is in no line of the log, nor is a password or an address.
    """
    with server.client() as client:
        client.get("/todos?token=secret-token-in-a-url", headers={"Authorization": "Bearer secret-bearer"})
        client.post("/auth/login", json={"email": "who@example.org", "password": "secret-password"})

    def logged() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in server.output.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == "request"]

    requests = eventually(lambda: found if len(found := logged()) >= 3 else None)
    assert {"/api/v1/todos", "/api/v1/auth/login"} <= {line["path"] for line in requests}
    assert all(line["request_id"] for line in requests)
    assert "secret" not in server.output
    assert "who@example.org" not in server.output
    assert run_todo("check", settings=settings, folder=tmp_path).returncode == 0
