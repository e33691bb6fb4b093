"""
What is hostile, broken or only strange is refused with a problem, in good time, and leaves no trace but a line of log.

In this process, and where connections matter against the program as it runs.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Generator
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
from dependency_injector import providers
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from tests.e2e.test_http import log_in, slug
from tests.support.app import client_of, container_for
from tests.support.server import TodoServer, eventually
from todo_adapters.fakes import FewBreachedPasswords
from todo_web import decoding
from todo_web.app import create_app
from todo_web.decoding import FORM
from todo_web.places import Places
from todo_web.routes import OPERATIONS

LOG_IN = "/api/v1/auth/login"
JSON_TYPE = {"Content-Type": "application/json"}
COMMON = "This password is among the most common ones, which are tried first."
LEAKED = "This password is known from a data leak, and such are tried first."
NAMED = "A password must not be the e-mail address or the name of this service, whatever is put around it."
NIL = "00000000-0000-0000-0000-000000000000"
HOSTILE: tuple[Any, ...] = (
    *("\x00", "a\x00b", "\uffff", "\u202e", "\r\nBcc: all@example.org", "'; DROP TABLE users --", "x" * 60_000),
    *(10**18, 1e308, [], {}, [[]], {"a": {}}, None, True),
)
NOT_JSON = (
    b'{"email": NaN}',
    b'{"email": Infinity}',
    b'{"email": -Infinity}',
    b'{"email": 1e400}',
    b'{"email": -1e400}',
    b'{"email": ' + b"9" * 60_000 + b"}",
    b'{"email": -' + b"9" * 60_000 + b"}",
    b'{"email": 0x10}',
    b'{"email": 010}',
    b'{"email": "a\\ud800"}',
    b'{"email": "\\udc00\\ud800"}',
    b'{"email": "\xed\xa0\x80"}',
    b'{"email": "\xc0\xaf"}',
    b'{"email": "a\x01"}',
    b'{"email": "\\x41"}',
    b"{'email': 'a'}",
    b'{"email": "a",}',
    b'{"email": "a"} {}',
    b'{"email": "a"}\x00',
    b'{"email": "a"} // and more',
    b"\xef\xbb\xbf{}",
    '{"email": "a"}'.encode("utf-16"),
    '{"email": "ü"}'.encode("latin-1"),
    b'{"email":' * 10_00 + b"1" + b"}" * 10_00,
    b"[" * 32_000 + b"]" * 32_000,
    b"[" * 60_000,
    b"",
    b" ",
)
WITH_BODY = [operation for operation in OPERATIONS if operation.body is not None]


def filled(path: str) -> str:
    """
    Return *path* with something in the place of each of its parameters.
    """
    return re.sub(r"\{\w+\}", "internal", re.sub(r"\{\w+:uuid\}", NIL, path))


def names_in(body: Any) -> list[str]:
    """
    Return the names of the fields of a *body*.
    """
    return [field.name for field in attrs.fields(body)] if attrs.has(body) else list(body.__annotations__)


@pytest.fixture
def client(database_url: str) -> Generator[TestClient]:
    """
    Yield somebody who is not logged in, and whom no limit stops.
    """
    many = {f"RATE_LIMIT_{name}": "10000/minute" for name in ("LOGIN", "REGISTER", "VERIFY", "RESET", "RESET_CLIENT")}
    with client_of(container_for(database_url, COURIER="apart", **many)[0]) as client:
        yield client


@pytest.fixture
def ann(client: TestClient) -> TestClient:
    """
    Return the client, logged in as Ann.
    """
    client.headers.update(log_in(client, "ann@example.org"))
    return client


class TestJson:
    """
    What parsers differ about is not taken.
    """

    @pytest.mark.parametrize(
        "body",
        [
            b'{"email": "ann@example.org", "email": "bob@example.org", "password": "x"}',
            b'{"email": "ann@example.org", "ema\\u0069l": "bob@example.org", "password": "x"}',
            b'{"email": {"a": 1, "a": 1}, "password": "x"}',
        ],
    )
    def test_a_member_that_comes_twice(self, client: TestClient, body: bytes) -> None:
        """
        Which of two values counts, programs differ about: none does, however it is spelled and wherever it stands.
        """
        answer = client.post(LOG_IN, content=body, headers=JSON_TYPE)
        assert slug(answer) == "malformed-json"
        assert answer.json()["detail"] == "An object has a member twice."

    def test_what_only_some_take_for_json(self, client: TestClient) -> None:
        """
        NaN, endless numbers, lone surrogates, other encodings, a byte order mark, depth, and what follows the end.
        """
        for body in NOT_JSON:
            answer = client.post(LOG_IN, content=body, headers=JSON_TYPE)
            assert slug(answer) == "malformed-json", body[:40]

    def test_a_long_list(self, client: TestClient) -> None:
        """
        A million items are too large a body, and as many as fit into one are refused at a glance.
        """
        million = b"[" + b"1," * 999_999 + b"1]"
        assert slug(client.post(LOG_IN, content=million, headers=JSON_TYPE)) == "too-large"
        most = b'{"email": [' + b"1," * 32_000 + b"1]}"
        assert slug(client.post(LOG_IN, content=most, headers=JSON_TYPE)) == "invalid-input"
        members = json.dumps({f"k{number}": number for number in range(4_000)}).encode()
        answer = client.post(LOG_IN, content=members, headers=JSON_TYPE)
        assert slug(answer) == "invalid-input"

    @pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
    def test_a_hostile_value_in_any_field(self, ann: TestClient, operation: Any) -> None:
        """
        Whatever stands in whichever field of whichever operation, it is answered, and never with an error of ours.
        """
        for name in names_in(operation.body):
            for value in HOSTILE:
                answer = ann.request(operation.method, filled(operation.path), json={name: value})
                assert answer.status_code < 500, f"{name}={value!r:.40}: {answer.text}"

    def test_a_nul_in_a_query(self, ann: TestClient) -> None:
        """
        A parameter cannot hold one either.
        """
        assert slug(ann.get("/api/v1/todos?q=a%00b")) == "invalid-input"
        assert slug(ann.get("/api/v1/todos?cursor=%00")) == "invalid-input"

    def test_nobody_says_whose_it_is(self, ann: TestClient) -> None:
        """
        A field that nobody documented is refused by its name, the owner's id above all.
        """
        bob = log_in(ann, "bob@example.org")
        bobs_id = ann.get("/api/v1/me", headers=bob).json()["id"]
        url = ann.post("/api/v1/todos", json={"title": "mine"}).headers["location"]
        for name in ("owner_id", "ownerId", "id", "version", "__proto__", "__class__"):
            answer = ann.post("/api/v1/todos", json={"title": "mine", name: bobs_id})
            assert answer.json()["errors"] == [{"pointer": f"/{name}", "detail": "Unknown field"}]
            assert slug(ann.patch(url, json={name: bobs_id})) == "invalid-input"
        assert ann.get("/api/v1/todos", headers=bob).json()["items"] == []


class TestMediaTypes:
    """
    Only what is declared as JSON is read as JSON.
    """

    def test_no_operation_takes_a_form(self, ann: TestClient) -> None:
        """
        What a page of another site can send without being asked (CORS) is refused, whatever is in it.

        What is there for forms takes them from our own pages only.
        """
        for operation in WITH_BODY:
            for media_type in ("text/plain", FORM, "multipart/form-data"):
                headers = {"Content-Type": media_type, "Sec-Fetch-Site": "cross-site"}
                answer = ann.request(operation.method, filled(operation.path), content=b"{}", headers=headers)
                if FORM in operation.body_types:
                    assert answer.status_code == 403, operation.name
                else:
                    assert slug(answer) == "unsupported-media-type", operation.name

    def test_json_is_in_utf_8(self, client: TestClient) -> None:
        """
        Who declares another encoding would be misread (RFC 8259 §8.1).
        """
        for parameter in ("; charset=latin-1", ';charset="utf-16"', "; Charset = ascii", "; x=y; charset=utf-7"):
            answer = client.post(LOG_IN, content=b"{}", headers={"Content-Type": f"application/json{parameter}"})
            assert slug(answer) == "unsupported-media-type", parameter

    def test_json_may_say_so(self, client: TestClient) -> None:
        """
        In whatever letters, with its encoding or with parameters that mean nothing.
        """
        for parameter in ("", "; charset=utf-8", ';CHARSET="UTF-8"', "; version=1"):
            answer = client.post(LOG_IN, content=b"{}", headers={"Content-Type": f"Application/JSON{parameter}"})
            assert slug(answer) == "invalid-input", parameter


class TestMethods:
    """
    Each path takes the methods it has, and no other.
    """

    def test_no_path_takes_a_strange_method(self, client: TestClient) -> None:
        """
        TRACE, which would show a request's headers to scripts, is refused like any made-up method.
        """
        for path in sorted({operation.path for operation in OPERATIONS}):
            for method in ("TRACE", "TRACK", "CONNECT", "PROPFIND", "BREW"):
                answer = client.request(method, filled(path), headers={"X-Secret": "echoed"})
                assert slug(answer) == "method-not-allowed", (method, path)
                assert "echoed" not in answer.text


class TestDocs:
    """
    The page that shows the API can be left out; the API's description cannot.
    """

    def test_without_docs_there_is_no_page_and_none_of_its_files(self, database_url: str) -> None:
        """
        SHOW_DOCS=false takes /docs away, its scripts too; the description for programs stays.
        """
        container, _ = container_for(database_url, COURIER="apart", SHOW_DOCS="false")
        with client_of(container) as client:
            for path in ("/docs", "/static/docs.js", "/static/docs.html", "/static/swagger-ui/swagger-ui-bundle.js"):
                assert slug(client.get(path)) == "not-found"
            assert client.get("/static/page.css").status_code == 200
            described = client.get("/api/v1/openapi.json")
            assert "/docs" not in described.json()["paths"]
            assert "/api/v1/todos" in described.json()["paths"]

    def test_with_docs_there_is_the_page_and_all_its_files(self, client: TestClient) -> None:
        """
        In development a reader finds the page and all it loads.
        """
        assert client.get("/docs").status_code == 200
        assert "/docs" in client.get("/api/v1/openapi.json").json()["paths"]
        assert client.get("/static/docs.js").status_code == 200


class TestProduction:
    """
    What production adds to every answer, and takes away.
    """

    def test_production_insists_on_https_and_shows_no_docs(self, database_url: str) -> None:
        """
        HSTS stands on pages, answers, errors and files; /docs is not there; nothing tells who serves.
        """
        container, _ = container_for(
            database_url,
            COURIER="apart",
            ENVIRONMENT="production",
            FRONTEND_URL="https://todo.acme.org",
            EMAIL_PROVIDER="smtp",
            SMTP_HOST="smtp.acme.org",
            SMTP_FROM_EMAIL="todo@acme.org",
        )
        with client_of(container) as client:
            client.headers["Host"] = "todo.acme.org"
            for path, status in (
                ("/", 200),
                ("/health", 200),
                ("/reset-password", 200),
                ("/static/page.css", 200),
                ("/api/v1/openapi.json", 200),
                ("/api/v1/me", 401),
                ("/docs", 404),
                ("/dev/mail", 404),
            ):
                answer = client.get(path)
                assert answer.status_code == status, path
                assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
                assert not {"server", "x-powered-by", "x-xss-protection"} & set(answer.headers)
                assert "unsafe" not in answer.headers["content-security-policy"]
            client.headers["Host"] = "elsewhere.acme.org"
            assert "strict-transport-security" in client.get("/").headers


class TestPasswords:
    """
    What is asked of a password, as a person meets it.
    """

    def test_a_refusal_says_why(self, client: TestClient) -> None:
        """
        At the field, in a sentence; the words are those of the rule that was broken.
        """
        reasons = {
            "eleven char": "A password needs at least 12 characters.",
            "qwertyuiop12": COMMON,
            "QWERTYUIOP12": COMMON,
            "ann.van.der.berg": NAMED,
            "TodoApp 2026": NAMED,
        }
        for password, reason in reasons.items():
            body = {"email": "ann.van.der.berg@example.org", "password": password}
            answer = client.post("/api/v1/auth/register", json=body)
            assert slug(answer) == "invalid-input"
            assert answer.json()["errors"] == [{"pointer": "/password", "detail": reason}]

    def test_any_kind_of_characters_will_do(self, client: TestClient) -> None:
        """
        Letters only, signs only, spaces, and a kibibyte of them.
        """
        for password in ("fifteenletterss", "🐎🔋🖇" * 4, "  spaces at both ends  ", "p" * 1024):
            answer = client.post("/api/v1/auth/register", json={"email": "ann@example.org", "password": password})
            assert answer.status_code == 202, password[:20]

    def test_what_has_leaked_is_refused_where_an_operator_wants_that(self, database_url: str) -> None:
        """
        With PASSWORD_BREACH_CHECK=true the list is asked; while it cannot be, the password is taken.
        """
        settings = {"PASSWORD_BREACH_CHECK": "true", "PASSWORD_BREACH_URL": "http://127.0.0.1:9"}
        container, _ = container_for(database_url, COURIER="apart", **settings)
        body = {"email": "ann@example.org", "password": "a stolen password"}
        with client_of(container) as client:
            assert client.post("/api/v1/auth/register", json=body).status_code == 202
        stolen = FewBreachedPasswords(frozenset({body["password"]}))
        container, _ = container_for(database_url, COURIER="apart", **settings)
        container.breached_passwords.override(providers.Object(stolen))
        with client_of(container) as client:
            answer = client.post("/api/v1/auth/register", json=body)
        assert answer.json()["errors"] == [{"pointer": "/password", "detail": LEAKED}]


class TestConnections:
    """
    The program as it runs: what happens to connections is seen in its log.
    """

    def test_who_leaves_in_the_middle_leaves_no_traceback(self, server: TodoServer) -> None:
        """
        A connection that ends within a body, announced or in chunks, is a line of log and nothing more.
        """
        head = f"POST {LOG_IN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        for rest in ('Content-Length: 100\r\n\r\n{"email":', 'Transfer-Encoding: chunked\r\n\r\n9\r\n{"email":\r\n'):
            _send(server, (head + rest).encode(), then_leave=True)
        lines = eventually(lambda: found if len(found := _requests(server)) == 2 else None)
        assert [(line["path"], line["status"]) for line in lines] == [(LOG_IN, 400)] * 2
        assert "Traceback" not in server.output
        assert "ClientDisconnect" not in server.output

    def test_too_large_is_said_at_once(self, server: TodoServer) -> None:
        """
        Whoever announces too much is answered before sending it, and whoever does not as soon as it is too much.
        """
        head = f"POST {LOG_IN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        announced = _send(server, f"{head}Content-Length: 1000000000\r\n\r\n".encode())
        chunk = b"10001\r\n" + b"x" * 65_537 + b"\r\n"
        chunked = _send(server, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk)
        for answer in (announced, chunked):
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b"application/problem+json" in answer

    def test_no_server_introduces_itself(self, server: TodoServer) -> None:
        """
        Nothing in an answer's head names a program or a version, in good answers, errors and refusals of the parser.
        """
        for request in (
            b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            b"GARBAGE\r\n\r\n",
        ):
            answer = _send(server, request).lower()
            assert answer
            for word in (b"\r\nserver:", b"x-powered-by", b"uvicorn", b"starlette", b"python"):
                assert word not in answer


async def test_a_slow_body_is_a_problem_too(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Who has not sent it all in time is told so, as a problem.
    """
    monkeypatch.setattr(decoding, "BODY_DEADLINE", 0.05)
    container, _ = container_for(database_url, COURIER="apart")
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(3600)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/auth/login",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "state": {"core": container.core(), "trusted_proxy_hops": 0, "hashing": Places(1)},
    }
    await create_app(container)(scope, receive, send)
    await container.engine().dispose()
    assert sent[0]["status"] == 408
    assert dict(sent[0]["headers"])[b"content-type"] == b"application/problem+json"
    assert json.loads(sent[1]["body"])["type"].endswith("/problems/request-timeout")


def test_what_is_refused_leaves_no_traceback(client: TestClient) -> None:
    """
    Refusing is daily work: nothing in the log is an error, and nothing has a traceback.
    """
    with capture_logs() as logged:
        for body in (b"{", b"[" * 60_000, b'{"a": 1, "a": 1}', b"\xff", b'{"email": ' + b"9" * 5_000 + b"}"):
            client.post(LOG_IN, content=body, headers=JSON_TYPE)
    assert [line["status"] for line in logged if line["event"] == "request"] == [400] * 5
    assert not [line for line in logged if line["log_level"] == "error" or "exc_info" in line]


def _send(server: TodoServer, request: bytes, *, then_leave: bool = False) -> bytes:
    """
    Send *request* as it stands and return what comes back, up to the end of the first answer's body.
    """
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 80), timeout=20) as connection:
        connection.sendall(request)
        if then_leave:
            return b""
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
            if b"\r\n\r\n" in answer:
                return answer
    return answer


def _requests(server: TodoServer) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in server.output.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "request" and line["path"] == LOG_IN]
