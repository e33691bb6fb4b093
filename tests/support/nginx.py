"""
nginx in front of the service, with the configuration that we ship.
"""

from __future__ import annotations

import getpass
import os
import shutil
import ssl
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import trustme
from attrs import frozen

from tests.support.server import eventually, free_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx"
HOST = "localhost"

_AUTHORITY = trustme.CA()
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@frozen
class Proxy:
    """
    A running nginx: its ports, its logs, and whom its clients trust.
    """

    folder: Path
    plain_port: int
    port: int

    @property
    def url(self) -> str:
        """
        Return where the service is reached through it.
        """
        return f"https://{HOST}:{self.port}"

    @property
    def logs(self) -> str:
        """
        Return all that it has written.
        """
        return "".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*.log"))

    def trust(self) -> ssl.SSLContext:
        """
        Return a client's context that trusts its certificate.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _AUTHORITY.configure_trust(context)
        return context

    def client(self, token: str | None = None) -> httpx2.Client:
        """
        Return a client of the API behind it, logged in with *token*.
        """
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx2.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=20, verify=self.trust())


def nginx() -> str:
    """
    Return the program; without it the test is skipped, or fails where nothing may be left out.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None and os.environ.get("CI"):
        pytest.fail("nginx is not installed")
    if program is None:
        pytest.skip("nginx is not installed")
    return program


def configured(folder: Path, *, upstream: int, more: Sequence[int] = ()) -> Proxy:
    """
    Write the configuration that we ship to *folder*, with ports, paths and a certificate of the test's own.

    For *more* than one upstream there is a line for each, as a deployment with replicas has it.
    """
    proxy = Proxy(folder, plain_port=free_port(), port=free_port())
    certificate = _AUTHORITY.issue_cert(HOST, key_type=trustme.KeyType.RSA)  # whatever suite there is goes with it
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "certificate.pem"))
    live = "/etc/letsencrypt/live/todo.example.org"
    site = _changed(
        "todo.conf",
        {
            f"{live}/fullchain.pem": str(folder / "certificate.pem"),
            f"{live}/privkey.pem": str(folder / "certificate.pem"),
            "todo.example.org": HOST,
            "listen 443": f"listen 127.0.0.1:{proxy.port}",
            "listen 80": f"listen 127.0.0.1:{proxy.plain_port}",
            "server 127.0.0.1:8000;": " ".join(f"server 127.0.0.1:{port};" for port in (upstream, *more)),
            "/var/log/nginx/": f"{folder}/",
        },
    )
    lines = [line for line in site.splitlines() if "listen [::]" not in line]  # not every machine has IPv6
    (folder / "todo.conf").write_text("\n".join(lines))
    temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY)
    main = _changed(
        "nginx.conf",
        {
            "user www-data;": f"user {getpass.getuser()};" if os.geteuid() == 0 else "",
            "/run/nginx.pid": f"{folder}/nginx.pid",
            "/var/log/nginx/": f"{folder}/",
            "/etc/nginx/sites-enabled/*": f"{folder}/todo.conf",
            "http {": f"http {{ {temporary}",
        },
    )
    (folder / "nginx.conf").write_text(main)
    return proxy


def _changed(name: str, changes: dict[str, str]) -> str:
    text = (SHIPPED / name).read_text("utf-8")
    for old, new in changes.items():
        assert old in text, f"{name} has no {old}"
        text = text.replace(old, new)
    return text


def command(proxy: Proxy) -> list[str]:
    """
    Return how nginx is called with the configuration of *proxy*.
    """
    return [nginx(), "-e", str(proxy.folder / "start.log"), "-p", str(proxy.folder), "-c", "nginx.conf"]


@contextmanager
def proxied(folder: Path, *, upstream: int, more: Sequence[int] = ()) -> Generator[Proxy]:
    """
    Yield nginx in front of what listens at the port *upstream*, and at *more*.
    """
    proxy = configured(folder, upstream=upstream, more=more)
    process = subprocess.Popen([*command(proxy), "-g", "daemon off;"])  # noqa: S603 - a program of the machine's
    try:
        eventually(lambda: _answers(proxy), within=10)
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answers(proxy: Proxy) -> bool:
    try:
        return httpx2.get(f"{proxy.url}/health", verify=proxy.trust()).status_code > 0
    except httpx2.TransportError:
        return False
