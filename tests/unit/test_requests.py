"""
What the shell reads from a request's headers.
"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from todo_core.errors import PreconditionFailed
from todo_web.etags import etag, is_known, seen_version
from todo_web.state import client_of


def request(headers: list[tuple[str, str]], **state: Any) -> Request[Any]:
    """
    Return a request with these *headers*, from 10.0.0.9.
    """
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "method": "GET", "headers": raw, "client": ("10.0.0.9", 1), "state": state})


@pytest.mark.parametrize(
    ("hops", "forwarded", "client"),
    [
        (0, [], "10.0.0.9"),
        (0, ["1.1.1.1"], "10.0.0.9"),
        (1, ["1.1.1.1"], "1.1.1.1"),
        (1, ["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
        (1, ["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
        (2, ["6.6.6.6, 1.1.1.1, 10.0.0.1"], "1.1.1.1"),
        (2, ["1.1.1.1"], "10.0.0.9"),
        (1, [], "10.0.0.9"),
        (0, ["6.6.6.6", "1.1.1.1"], "10.0.0.9"),
        (1, ["6.6.6.6,"], "10.0.0.9"),
        (1, ["6.6.6.6,  2001:db8::1 "], "2001:db8::1"),
        (3, ["6.6.6.6, 7.7.7.7, 1.1.1.1, 10.0.0.2, 10.0.0.1"], "1.1.1.1"),
    ],
)
def test_the_client_is_counted_from_the_right(hops: int, forwarded: list[str], client: str) -> None:
    """
    As many entries of X-Forwarded-For are believed as proxies are trusted; what clients write themselves never is.
    """
    headers = [("X-Forwarded-For", value) for value in forwarded]
    assert client_of(request(headers, trusted_proxy_hops=hops)) == client


@pytest.mark.parametrize(("header", "version"), [(None, None), ("*", None), ('"1"', 1), (' "12" ', 12)])
def test_if_match_names_a_version(header: str | None, version: int | None) -> None:
    """
    No header and * mean any version.
    """
    assert seen_version(request([] if header is None else [("If-Match", header)])) == version


@pytest.mark.parametrize("header", ['W/"1"', "1", '"0"', '"one"', "", '"1', '"99999999999"'])
def test_what_can_never_match_fails_the_precondition(header: str) -> None:
    """
    Weak tags and tags we never gave match no version.
    """
    with pytest.raises(PreconditionFailed):
        seen_version(request([("If-Match", header)]))


@pytest.mark.parametrize(
    ("header", "known"),
    [('"3"', True), ('W/"3"', True), ('"1", "3"', True), ("*", True), ('"4"', False), ("", False), ("3", False)],
)
def test_if_none_match_is_compared_weakly(header: str, *, known: bool) -> None:
    """
    Any of the listed tags may be the one, weak or strong.
    """
    assert is_known(request([("If-None-Match", header)]), etag(3)) is known
