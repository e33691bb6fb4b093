"""
The service behind nginx, configured as we ship it: what two programs could read differently, and who is slow.
"""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.support.nginx import HOST, Proxy, command, configured, proxied
from tests.support.server import TodoServer, eventually, free_port
from tests.support.slow import SLOW_PATH, SlowClients

_PATIENCE = 30.0
"""Seconds to wait for the end of an answer."""

_CROWD = 60
_HEARD = '"event":"request"'
_OF_FIXTURES = 2
_GET = "GET /health HTTP/1.1\r\nHost: localhost\r\n"
_POST = f"POST {SLOW_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

_AMBIGUOUS = {
    "a length and chunks": (f"{_POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    "two lengths": (f"{_POST}Content-Length: 0\r\nContent-Length: 4\r\n\r\n", "400"),
    "an odd length": (f"{_POST}Content-Length: +4\r\n\r\n{{}}  ", "400"),
    "an odd chunk": (f"{_POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", "400"),
    "a space before the colon": (f"{_POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"),
    "an unknown coding": (f"{_POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "501"),
    "two hosts": (f"{_GET}Host: evil.example\r\n\r\n", "400"),
    "one host twice": (f"{_GET}Host: localhost\r\n\r\n", "400"),
    "no host": ("GET /health HTTP/1.1\r\n\r\n", "400"),
    "a bare CR": ("GET /health HTTP/1.1\r\nHost: local\rhost\r\n\r\n", "400"),
}


@pytest.fixture
def server(settings: dict[str, str], tmp_path: Path) -> Generator[TodoServer]:
    """
    Yield the running program, as it is set behind one proxy.
    """
    counted = {"RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_PER_MINUTE": "200"}
    with TodoServer(tmp_path, {**settings, **counted, "TRUSTED_PROXY_HOPS": "1"}) as running:
        yield running


@pytest.fixture
def proxy(server: TodoServer, tmp_path: Path) -> Generator[Proxy]:
    """
    Yield nginx in front of it.
    """
    (tmp_path / "nginx").mkdir()
    with proxied(tmp_path / "nginx", upstream=server.port) as running:
        yield running


@pytest.fixture
def say(proxy: Proxy) -> Callable[[str], str]:
    """
    Return what sends a text as it is, and returns all that is answered until the connection ends.
    """

    def say(text: str) -> str:
        answer = b""
        plain = socket.create_connection(("127.0.0.1", proxy.port), timeout=_PATIENCE)
        with proxy.trust().wrap_socket(plain, server_hostname="localhost") as talk:
            talk.sendall(text.encode("latin-1"))
            while piece := talk.recv(65_536):
                answer += piece
        return answer.decode("latin-1")

    return say


def settled(server: TodoServer) -> int:
    """
    Return how many requests the service has logged, once those two of the fixtures are: a line follows its answer.
    """
    return eventually(lambda: count if (count := server.output.count(_HEARD)) >= _OF_FIXTURES else None)


def examined(proxy: Proxy) -> subprocess.CompletedProcess[str]:
    """
    Return what ``nginx -t`` says of the configuration.
    """
    return subprocess.run([*command(proxy), "-t"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - a program of the machine's


def test_nginx_finds_nothing_wrong_with_the_configuration(tmp_path: Path) -> None:
    """
    ``nginx -t`` succeeds, and warns of nothing.
    """
    run = examined(configured(tmp_path, upstream=free_port()))
    assert run.returncode == 0, run.stderr
    assert not re.search(r"\[\w+\]", run.stderr), run.stderr


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("client_header_timeout 10s;", "client_heeder_timeout 10s;", "[emerg] unknown directive"),
        ("client_header_timeout 10s;", "client_header_timeout soon;", "[emerg]"),
        (f"server_name {HOST};", f"server_name {HOST} {HOST};", "[warn] conflicting server name"),
    ],
)
def test_nginx_would_find_a_fault(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    """
    A misspelt directive, a wrong value and a name said twice are each told.
    """
    proxy = configured(tmp_path, upstream=free_port())
    site = tmp_path / "todo.conf"
    text = site.read_text("utf-8")
    assert right in text
    site.write_text(text.replace(right, wrong), "utf-8")
    assert told in examined(proxy).stderr


class TestRequestsReadTwice:
    """
    What a proxy and a server could read differently ends at the proxy (RFC 9112 §11.2, ASVS 4.2.1).
    """

    def test_it_is_refused_and_the_connection_closed(self, server: TodoServer, say: Callable[[str], str]) -> None:
        """
        There is one answer, an error, whatever is sent behind it, and the service hears nothing.
        """
        heard = settled(server)
        for name, (text, status) in _AMBIGUOUS.items():
            answer = say(f"{text}{_GET}\r\n")
            assert re.findall(r"HTTP/1\.1 (\d+)", answer) == [status], name
        assert server.output.count(_HEARD) == heard

    def test_bare_line_feeds_hide_no_request(self, server: TodoServer, say: Callable[[str], str]) -> None:
        """
        Nginx takes LF for a line's end (RFC 9112 §2.2 lets it), and writes CRLF: both read the same one request.
        """
        heard = settled(server)
        answer = say("GET /health HTTP/1.1\nHost: localhost\nConnection: close\n\n")
        assert re.findall(r"HTTP/1\.1 (\d+)", answer) == ["200"]
        hidden = f"{_POST}X: a\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n{_GET}\r\n"
        answer = say(hidden)
        assert len(re.findall(r"HTTP/1\.1 (\d+)", answer)) == 1
        eventually(lambda: server.output.count(_HEARD) == heard + 2)

    def test_another_name_is_not_answered(self, say: Callable[[str], str]) -> None:
        """
        Whoever asks for another host gets no answer, neither by TLS nor by HTTP.
        """
        assert say("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n") == ""


class TestClients:
    """
    The address that counts is the one that nginx sees (ASVS 15.3.4).
    """

    @pytest.fixture
    def settings(self, settings: dict[str, str]) -> dict[str, str]:
        """
        Return settings under which a client may ask for two resets.
        """
        return {**settings, "RATE_LIMIT_RESET_CLIENT": "2/hour"}

    def test_a_made_up_address_is_not_believed(self, proxy: Proxy) -> None:
        """
        A client counts as itself whatever X-Forwarded-For it sends, and another client counts for itself.
        """

        def ask(client: httpx2.Client, number: int, **headers: str) -> int:
            body = {"email": f"a{number}@example.org"}
            return client.post("/auth/password-reset", json=body, headers=headers).status_code

        with proxy.client() as client:
            made_up = [{"X-Forwarded-For": f"9.9.9.{n}, 8.8.8.{n}", "Forwarded": f"for=7.7.7.{n}"} for n in range(4)]
            assert [ask(client, n, **headers) for n, headers in enumerate(made_up)] == [202, 202, 429, 429]
        elsewhere = httpx2.HTTPTransport(local_address="127.0.0.2", verify=proxy.trust())
        with httpx2.Client(base_url=f"{proxy.url}/api/v1", transport=elsewhere) as other:
            assert ask(other, 5) == 202


class TestSlowClients:
    """
    Whoever is slow waits at nginx, and nobody waits for them.
    """

    def test_others_are_served_and_the_service_never_hears_of_them(self, server: TodoServer, proxy: Proxy) -> None:
        """
        While many dribble headers and bodies, all other requests are answered, and no slow one takes a connection.
        """
        before = _connections(server)
        with SlowClients(proxy, headers=_CROWD, bodies=_CROWD) as slow, proxy.client() as client:
            eventually(lambda: slow.hanging == 2 * _CROWD)
            statuses = {client.get("/ready").status_code for _ in range(50)}
            statuses |= {httpx2.get(f"{proxy.url}/health", verify=proxy.trust()).status_code for _ in range(10)}
            assert _connections(server) - before < _CROWD / 2
        assert statuses == {200}
        assert SLOW_PATH not in server.output

    def test_a_header_that_takes_too_long_is_not_waited_for(self, proxy: Proxy) -> None:
        """
        Nginx hangs up on a header that is not there after ten seconds, however steadily it comes.
        """
        with SlowClients(proxy, headers=3, bodies=0, again=False) as slow:
            eventually(lambda: slow.hanging == 3)
            eventually(lambda: slow.hanging == 0, within=30)


class TestBodies:
    """
    How large a request may be.
    """

    def test_too_large_a_body_is_refused_in_the_words_of_whoever_refuses_it(self, proxy: Proxy) -> None:
        """
        The service refuses beyond 64 KiB; beyond 1 MiB nginx does, and the service need not read it.
        """
        headers = {"Content-Type": "application/json"}
        with proxy.client() as client:
            ours = client.post("/auth/login", content=b" " * 65_537, headers=headers)
            nginxs = client.post("/auth/login", content=b" " * 1_048_577, headers=headers)
        assert {answer.status_code for answer in (ours, nginxs)} == {413}
        assert {answer.headers["content-type"] for answer in (ours, nginxs)} == {"application/problem+json"}
        assert "/problems/too-large" in ours.json()["type"]
        assert nginxs.json()["type"] == "about:blank"

    def test_each_security_header_is_there_once(self, proxy: Proxy) -> None:
        """
        Nginx adds none of those that the service sets.
        """
        answer = httpx2.get(f"{proxy.url}/health", verify=proxy.trust())
        names = [name for name, _ in answer.headers.multi_items()]
        assert len(names) == len(set(names))
        assert answer.headers["server"] == "nginx"


class TestWithoutTheService:
    """
    What nginx says by itself.
    """

    def test_a_service_that_is_away_is_a_problem(self, server: TodoServer, proxy: Proxy) -> None:
        """
        While the service restarts, a client is told when to come again.
        """
        server.stop()
        with proxy.client() as client:
            answer = client.get("/me")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "5"

    def test_no_log_holds_a_token(self, server: TodoServer, proxy: Proxy) -> None:
        """
        Neither the log of requests nor that of errors has a query in it, in good times and in bad ones.
        """
        page = f"{proxy.url}/reset-password?token=secret-token"
        assert httpx2.get(page, verify=proxy.trust()).status_code == 200
        httpx2.get(f"{proxy.url}/static/page.css", headers={"Referer": page}, verify=proxy.trust())
        server.stop()
        assert httpx2.get(page, verify=proxy.trust()).status_code == 503
        eventually(lambda: proxy.logs.count('"path":"/reset-password"') == 2)
        assert "secret" not in proxy.logs

    def test_http_leads_to_https(self, proxy: Proxy) -> None:
        """
        People without TLS are led to the same place with it; a program at the API is refused, and notices.
        """
        plain = f"http://localhost:{proxy.plain_port}"
        page = httpx2.get(f"{plain}/reset-password?a=b")
        assert (page.status_code, page.headers["location"]) == (308, "https://localhost/reset-password?a=b")
        assert httpx2.post(f"{plain}/api/v1/auth/login", json={}).status_code == 403


def _connections(server: TodoServer) -> int:
    found = psutil.net_connections("tcp4")
    ours = [one for one in found if one.laddr and one.laddr.port == server.port]
    return sum(one.status == psutil.CONN_ESTABLISHED for one in ours)
