"""
Sessions over HTTP: as a bearer's token, in a page's cookie, seen and ended from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Generator, Mapping
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from attrs import frozen
from starlette.testclient import TestClient

from tests.support.app import client_of, container_for, traced_sql
from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer
from tests.support.smtp import SmtpServer
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password

ANN, BOB = "ann@example.org", "bob@example.org"
COOKIE = "__Host-session"
OURS = "http://localhost:8000"
LISTED = "https://todo.example.org"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
PRODUCTION = {
    "ENVIRONMENT": "production",
    "FRONTEND_URL": "https://todo.example.org",
    "ALLOWED_HOSTS": "localhost",
    "EMAIL_PROVIDER": "smtp",
    "SMTP_HOST": "smtp.example.org",
    "SMTP_FROM_EMAIL": "todo@example.org",
}


@pytest.fixture
def client(database_url: str) -> Generator[TestClient]:
    """
    Yield a program that has one page of its own and one elsewhere, where Ann and Bob have accounts.
    """
    container, _ = container_for(
        database_url, COURIER="apart", ALLOWED_ORIGINS=f"{OURS},{LISTED}", RATE_LIMIT_LOGIN="1000/minute"
    )
    with client_of(container) as client:
        enrol(client)
        yield client


def enrol(client: TestClient) -> None:
    """
    Let Ann and Bob have accounts.
    """
    core, portal = client.app_state["core"], client.portal
    assert portal is not None

    async def create() -> None:
        for email in (ANN, BOB):
            await core.create_user(email=EmailAddress(email), password=Password(PASSWORD))

    portal.call(create)


def log_in(client: TestClient, email: str = ANN, **body: str) -> Any:
    """
    Return the answer to a log-in from our own page.
    """
    answer = client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD, **body}, headers=SAME_ORIGIN)
    client.cookies.clear()
    assert answer.status_code == 200, answer.text
    return answer


def bearer(client: TestClient, email: str = ANN) -> dict[str, str]:
    """
    Return the header of a program that has logged in.
    """
    return {"Authorization": f"Bearer {log_in(client, email).json()['access_token']}"}


def morsel(answer: Any) -> Morsel[str]:
    """
    Return the one cookie that *answer* sets.
    """
    [line] = answer.headers.get_list("set-cookie")
    [found] = SimpleCookie(line).values()
    return found


def cookie(client: TestClient, email: str = ANN) -> dict[str, str]:
    """
    Return the header of a browser that has logged in.
    """
    return {"Cookie": f"{COOKIE}={morsel(log_in(client, email, session='cookie')).value}"}


def slug(answer: Any) -> str:
    """
    Return which problem *answer* is.
    """
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).rpartition("/")[2]


def is_known(client: TestClient, headers: Mapping[str, str]) -> bool:
    """
    Tell whether a request with *headers* is somebody's.
    """
    answer = client.get("/api/v1/me", headers=dict(headers))
    assert answer.status_code in {200, 401}
    return bool(answer.status_code == 200)


class TestTheCookie:
    """
    A page's session is in a cookie that its scripts cannot read.
    """

    @pytest.mark.parametrize("settings", [{}, PRODUCTION], ids=["development", "production"])
    def test_it_cannot_be_without_its_attributes(self, database_url: str, settings: dict[str, str]) -> None:
        """
        In development and production it is `__Host-`, Secure, HttpOnly, Lax, for the whole host and no other.

        (ASVS 3.3.1 to 3.3.4.) It lasts as long as the session.
        """
        with client_of(container_for(database_url, COURIER="apart", JWT_EXPIRY_DAYS="2", **settings)[0]) as client:
            enrol(client)
            found = morsel(log_in(client, session="cookie"))
        assert found.key == COOKIE
        assert {name: value for name, value in found.items() if value} == {
            "path": "/",
            "secure": True,
            "httponly": True,
            "samesite": "lax",
            "max-age": str(2 * 24 * 3600),
        }

    def test_the_answer_does_not_hold_the_token(self, client: TestClient) -> None:
        """
        Nor does any header but the cookie; without the wish there is no cookie at all.
        """
        answer = log_in(client, session="cookie")
        assert answer.json().keys() == {"expires_at", "user"}
        rest = [value for name, value in answer.headers.multi_items() if name != "set-cookie"]
        assert morsel(answer).value not in " ".join([answer.text, *rest])
        assert "set-cookie" not in log_in(client).headers

    def test_it_stands_for_the_person(self, client: TestClient) -> None:
        """
        Reading needs nothing else, wherever the page came from; changing needs to come from our pages.
        """
        ann = cookie(client)
        assert client.get("/api/v1/me", headers=ann).json()["email"] == ANN
        assert client.get("/api/v1/me", headers=ann | {"Sec-Fetch-Site": "cross-site"}).status_code == 200
        assert client.head("/api/v1/me", headers=ann).status_code == 200
        added = client.post("/api/v1/todos", json={"title": "Buy milk"}, headers=ann | SAME_ORIGIN)
        assert added.status_code == 201

    @pytest.mark.parametrize("value", ["", "nonsense", "a.b.c", '"'])
    def test_what_is_no_token_stands_for_nobody(self, client: TestClient, value: str) -> None:
        """
        A made-up cookie is answered like none.
        """
        assert slug(client.get("/api/v1/me", headers={"Cookie": f"{COOKIE}={value}"})) == "unauthenticated"

    def test_another_cookie_stands_for_nobody(self, client: TestClient) -> None:
        """
        A name without the prefix could be set by a neighbouring host.
        """
        value = cookie(client)["Cookie"].partition("=")[2]
        for name in ("session", "__Secure-session", "__host-session"):
            assert not is_known(client, {"Cookie": f"{name}={value}"})

    @pytest.mark.parametrize("way", ["log out", "end this session"])
    def test_whoever_leaves_loses_it(self, client: TestClient, way: str) -> None:
        """
        The session is over, and the browser forgets the cookie: one of the same name, host and path.
        """
        ann = cookie(client)
        if way == "log out":
            answer = client.post("/api/v1/auth/logout", headers=ann | SAME_ORIGIN)
        else:
            [session] = client.get("/api/v1/me/sessions", headers=ann).json()["items"]
            answer = client.delete(f"/api/v1/me/sessions/{session['id']}", headers=ann | SAME_ORIGIN)
        assert answer.status_code == 204
        gone = morsel(answer)
        assert (gone.key, gone.value, gone["max-age"], gone["path"], gone["domain"]) == (COOKIE, "", "0", "/", "")
        assert gone["secure"]
        assert not is_known(client, ann)

    def test_ending_other_sessions_keeps_it(self, client: TestClient) -> None:
        """
        Nothing is said about the cookie when another session ends.
        """
        ann, other = cookie(client), bearer(client)
        answer = client.delete("/api/v1/me/sessions", headers=ann | SAME_ORIGIN)
        assert (answer.status_code, "set-cookie" in answer.headers) == (204, False)
        assert (is_known(client, ann), is_known(client, other)) == (True, False)


class TestCrossOrigin:
    """
    A browser sends the cookie along with other pages' requests: those that change something are refused.
    """

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/api/v1/todos"),
            ("PATCH", "/api/v1/todos/00000000-0000-7000-8000-000000000001"),
            ("DELETE", "/api/v1/me/sessions"),
            ("POST", "/api/v1/auth/logout"),
        ],
    )
    def test_another_page_changes_nothing(self, client: TestClient, method: str, path: str) -> None:
        """
        Cross-site, from a neighbour or an old browser's page that is not listed, or without saying: 403.
        """
        ann, other = cookie(client), bearer(client)
        for headers in (
            {},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "cross-site", "Origin": LISTED},
            {"Sec-Fetch-Site": "same-site", "Origin": "https://blog.example.org"},
            {"Origin": "null"},
            {"Origin": "https://evil.example"},
            {"Origin": f"{LISTED}.evil.example"},
        ):
            answer = client.request(method, path, headers=ann | headers)
            assert (answer.status_code, slug(answer)) == (403, "cross-origin"), headers
        assert (is_known(client, ann), is_known(client, other)) == (True, True)

    def test_our_pages_do(self, client: TestClient) -> None:
        """
        Our own origin, and those of ALLOWED_ORIGINS on this site.
        """
        for headers in (
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Sec-Fetch-Site": "same-site", "Origin": LISTED},
            {"Origin": OURS},
            {"Origin": LISTED},
        ):
            answer = client.post("/api/v1/auth/logout", headers=cookie(client) | headers)
            assert answer.status_code == 204, headers

    def test_another_page_logs_nobody_in(self, client: TestClient) -> None:
        """
        Nor out of their own account into the attacker's; whether the password is right is not looked at.
        """
        for password in (PASSWORD, "not the password at all"):
            answer = client.post(
                "/api/v1/auth/login",
                json={"email": ANN, "password": password, "session": "cookie"},
                headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
            )
            assert slug(answer) == "cross-origin"
            assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    def test_a_form_is_no_request(self, client: TestClient, media_type: str) -> None:
        """
        With a cookie, too, and from our own page: a body is JSON or refused (ASVS 3.5.2).
        """
        headers = cookie(client) | SAME_ORIGIN | {"Content-Type": media_type}
        assert slug(client.post("/api/v1/todos", content=b'{"title": "x"}', headers=headers)) == (
            "unsupported-media-type"
        )


class TestBearer:
    """
    Who sends Authorization means it: no cookie counts beside it.
    """

    @pytest.mark.parametrize("authorization", ["Bearer nonsense", "Bearer ", "", "Basic YW5uOnB3"])
    def test_a_wrong_token_is_not_mended_by_a_cookie(self, client: TestClient, authorization: str) -> None:
        """
        The request is nobody's, however good the cookie is.
        """
        headers = cookie(client) | {"Authorization": authorization}
        assert slug(client.get("/api/v1/me", headers=headers)) == "unauthenticated"

    def test_the_token_decides_who_asks(self, client: TestClient) -> None:
        """
        Bob's token beside Ann's cookie is Bob; logging out ends his session and leaves the browser its cookie.
        """
        ann, bob = cookie(client), bearer(client, BOB)
        assert client.get("/api/v1/me", headers=ann | bob).json()["email"] == BOB
        answer = client.post("/api/v1/auth/logout", headers=ann | bob)
        assert (answer.status_code, "set-cookie" in answer.headers) == (204, False)
        assert (is_known(client, ann), is_known(client, bob)) == (True, False)

    def test_any_page_may_bring_a_token(self, client: TestClient) -> None:
        """
        No browser sends it by itself, so there is nothing to guard against.
        """
        headers = bearer(client) | {"Sec-Fetch-Site": "cross-site", "Origin": "https://todo.vercel.app"}
        assert client.post("/api/v1/todos", json={"title": "x"}, headers=headers).status_code == 201


class TestOwnSessions:
    """
    One sees where one is logged in, and ends what is not wanted.
    """

    def test_each_is_told_apart(self, client: TestClient) -> None:
        """
        By its times, its program and its network; the one that asks is marked, and no secret is shown.
        """
        agent = {"User-Agent": "Firefox on a phone", "X-Forwarded-For": "198.51.100.7"}
        body = {"email": ANN, "password": PASSWORD}
        token = client.post("/api/v1/auth/login", json=body, headers=agent).json()["access_token"]
        here = bearer(client)
        answer = client.get("/api/v1/me/sessions", headers=here)
        current, other = answer.json()["items"]
        assert (current["current"], other["current"]) == (True, False)
        assert other["user_agent"] == "Firefox on a phone"
        assert other.keys() == {
            *("id", "created_at", "last_seen_at", "expires_at", "user_agent", "network", "current"),
        }
        assert secret_of(token) not in answer.text

    def test_one_ends_another_session(self, client: TestClient) -> None:
        """
        By its id: 204, and the second time there is none.
        """
        here, there = bearer(client), bearer(client)
        [other] = [
            session
            for session in client.get("/api/v1/me/sessions", headers=here).json()["items"]
            if not session["current"]
        ]
        assert client.delete(f"/api/v1/me/sessions/{other['id']}", headers=here).status_code == 204
        assert (is_known(client, here), is_known(client, there)) == (True, False)
        assert slug(client.delete(f"/api/v1/me/sessions/{other['id']}", headers=here)) == "not-found"

    @pytest.mark.parametrize("thing", ["sessions", "todos"])
    def test_anothers_is_like_what_is_not_there(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch, thing: str
    ) -> None:
        """
        The same answer, and the same questions to the database, so that time does not tell either (ASVS 8.2.2).
        """
        ann, bob = bearer(client), bearer(client, BOB)
        if thing == "todos":
            path, found = "/api/v1/todos", client.post("/api/v1/todos", json={"title": "x"}, headers=bob).json()
        else:
            path, [found] = "/api/v1/me/sessions", client.get("/api/v1/me/sessions", headers=bob).json()["items"]
        told: list[tuple[str, dict[str, Any]]] = []
        asked: list[list[str]] = []
        for thing_id in (found["id"], UUID(int=7)):
            with traced_sql(monkeypatch) as statements:
                answer = client.delete(f"{path}/{thing_id}", headers=ann)
            told.append((slug(answer), answer.json() | {"instance": ""}))
            asked.append(list(statements))
        assert told[0] == told[1]
        assert told[0][0] == "not-found"
        assert asked[0] == asked[1]
        assert is_known(client, bob)


def secret_of(token: str) -> str:
    """
    Return the session's secret in an access token.
    """
    payload = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"])


@frozen
class Replicas:
    """
    Two programs on one database, and Ann, who has an account there.
    """

    one: TodoServer
    other: TodoServer
    ann: Person

    def know(self, token: str) -> list[int]:
        """
        Return what both answer to whoever brings *token*.
        """
        return [ask(server, "GET", "/me", token) for server in (self.one, self.other)]


def ask(server: TodoServer, method: str, path: str, token: str) -> int:
    """
    Return the status of the answer.
    """
    with server.client(token) as client:
        return client.request(method, path).status_code


@pytest.fixture
def replicas(settings: dict[str, str], mail: SmtpServer, tmp_path: Path) -> Generator[Replicas]:
    """
    Yield two programs that run.
    """
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    with TodoServer(folders[0], settings) as one, TodoServer(folders[1], settings) as other:
        ann = Person(one, mail)
        ann.sign_up()
        yield Replicas(one, other, ann)


def test_what_ends_on_one_replica_is_over_on_all(replicas: Replicas, database_url: str) -> None:
    """
    A log-out, an ended session, a disabled account and a reset are known to every process at the next request.

    (ASVS 7.4.1, 7.4.2.) Each log-in makes another session (7.2.4), whose secret has 256 bits and is stored as its
    SHA-256.
    """
    tokens = [replicas.ann.log_in() for _ in range(4)]
    secrets = {base64.urlsafe_b64decode(secret_of(token)) for token in tokens}
    assert {len(secret) for secret in secrets} == {32}
    assert len(secrets) == len(tokens)
    with psycopg.connect(database_url, autocommit=True) as connection:
        kept = {row[0] for row in connection.execute("SELECT digest FROM sessions")}
        assert kept == {hashlib.sha256(secret).digest() for secret in secrets}
        assert [replicas.know(token) for token in tokens] == [[200, 200]] * 4

        assert ask(replicas.one, "POST", "/auth/logout", tokens[0]) == 204
        assert replicas.know(tokens[0]) == [401, 401]

        with replicas.other.client(tokens[1]) as client:
            sessions = client.get("/me/sessions").json()["items"]
        ended = next(session for session in sessions if not session["current"])
        assert ask(replicas.other, "DELETE", f"/me/sessions/{ended['id']}", tokens[1]) == 204
        assert sorted(replicas.know(token) for token in tokens) == [[200, 200]] * 2 + [[401, 401]] * 2

        connection.execute("UPDATE users SET disabled_at = now()")
        assert replicas.know(tokens[1]) == [401, 401]
        connection.execute("UPDATE users SET disabled_at = NULL")
        assert replicas.know(tokens[1]) == [200, 200]

    reset = replicas.ann.forget_password()
    with replicas.other.client() as client:
        body = {"token": reset, "new_password": "a different one, quite long"}
        assert client.post("/auth/password-reset/confirm", json=body).status_code == 204
    assert [replicas.know(token) for token in tokens] == [[401, 401]] * 4


def test_no_replica_knows_a_session_that_was_idle(replicas: Replicas, database_url: str) -> None:
    """
    One that was last seen 72 hours ago, or has expired, is over; what is seen is written down for all.
    """
    idle, expired, used = (replicas.ann.log_in() for _ in range(3))
    seen = "UPDATE sessions SET last_seen_at = now() - interval '1 hour' * %s WHERE digest = %s"

    def digest(token: str) -> bytes:
        return hashlib.sha256(base64.urlsafe_b64decode(secret_of(token))).digest()

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(seen, [72, digest(idle)])
        connection.execute(seen, [71, digest(used)])
        connection.execute("UPDATE sessions SET expires_at = now() WHERE digest = %s", [digest(expired)])
        assert [replicas.know(token) for token in (idle, expired, used)] == [[401, 401], [401, 401], [200, 200]]
        row = connection.execute("SELECT now() - last_seen_at FROM sessions WHERE digest = %s", [digest(used)])
        [(ago,)] = row.fetchall()
    assert ago < timedelta(hours=1)


def test_a_cookie_is_in_no_log(settings: dict[str, str], mail: SmtpServer, tmp_path: Path) -> None:
    """
    Neither what is set nor what is sent, at the most talkative level; a refused request is logged like any.
    """
    with TodoServer(tmp_path, settings | {"LOG_LEVEL": "DEBUG"}) as server:
        Person(server, mail).sign_up()
        with server.client() as client:
            body = {"email": ANN, "password": PASSWORD, "session": "cookie"}
            value = morsel(client.post("/auth/login", json=body, headers=SAME_ORIGIN)).value
            jar = {"Cookie": f"{COOKIE}={value}"}
            assert client.get("/me", headers=jar).status_code == 200
            assert client.post("/auth/logout", headers=jar).status_code == 403
            assert client.post("/auth/logout", headers=jar | SAME_ORIGIN).status_code == 204
            assert client.get("/me", headers=jar).status_code == 401
    assert "/api/v1/auth/logout" in server.output
    assert secret_of(value) not in server.output
    assert value.split(".")[2] not in server.output
