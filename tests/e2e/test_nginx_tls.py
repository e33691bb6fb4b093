"""
How nginx encrypts, configured as we ship it.
"""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.nginx import Proxy, proxied
from tests.support.server import free_port

_ALL_THERE_ARE = "ALL:@SECLEVEL=0"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Generator[Proxy]:
    """
    Yield nginx in front of nothing.
    """
    folder: Path = tmp_path_factory.mktemp("nginx")
    with proxied(folder, upstream=free_port()) as running:
        yield running


def _agreed(proxy: Proxy, version: ssl.TLSVersion, ciphers: str = _ALL_THERE_ARE) -> tuple[str | None, str]:
    """
    Return the protocol and the cipher suite that nginx agrees on with a client that offers these.
    """
    context = proxy.trust()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # what is old is what we want
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
    context.set_ciphers(ciphers)
    with (
        socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as talk,
    ):
        cipher = talk.cipher()
        assert cipher is not None
        return talk.version(), cipher[0]


def test_the_newest_protocol_is_taken(proxy: Proxy) -> None:
    """
    TLS 1.3 with whoever speaks it, 1.2 with others (ASVS 12.1.1).
    """
    assert _agreed(proxy, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
    assert _agreed(proxy, ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_protocols_are_refused(proxy: Proxy, version: ssl.TLSVersion) -> None:
    """
    Nothing older than TLS 1.2 is spoken.
    """
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        _agreed(proxy, version)


@pytest.mark.parametrize("ciphers", ["AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "DHE"])
def test_weak_suites_are_refused(proxy: Proxy, ciphers: str) -> None:
    """
    Neither those without forward secrecy, nor those with CBC, nor finite fields (ASVS 12.1.2).
    """
    with pytest.raises(ssl.SSLError, match="ALERT_HANDSHAKE_FAILURE"):
        _agreed(proxy, ssl.TLSVersion.TLSv1_2, f"{ciphers}:@SECLEVEL=0")
