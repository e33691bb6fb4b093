"""
In which coding a file of the web page is sent, by RFC 9110 §12.5.3.
"""

from __future__ import annotations

import pytest

from todo_web.web_page import best_coding

MADE = ("br", "gzip", "identity")


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0.001, gzip;q=0", "br"),
        ("br ; q=0.9 , gzip ; q=0.8", "br"),
        ("gzip;q=0.5, identity", "identity"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("gzip, *;q=0.5", "gzip"),
    ],
)
def test_the_coding_that_is_liked_best_is_taken(header, coding):
    """
    The weight decides, then what is smallest; ``*`` stands for those that are not named.
    """
    assert best_coding(header, MADE) == coding


@pytest.mark.parametrize(
    "header",
    [
        "",
        "identity",
        "deflate",
        "zstd;q=1, br;q=0",
        "br;q=0, gzip;q=0",
        "*;q=0",
        "identity;q=0",
        "brotli",
        ",;=,",
        "br;q=2",
    ],
)
def test_who_likes_none_gets_the_plain_file(header):
    """
    Without a word, with words we do not know, and even to whom nothing is right: a file is worth more than a refusal.
    """
    assert best_coding(header, MADE) == "identity"


def test_what_was_not_made_is_not_sent():
    """
    A picture, which the build does not compress, is sent as it is.
    """
    assert best_coding("br, gzip", ["identity"]) == "identity"
    assert best_coding("br, gzip;q=0.1", ["gzip", "identity"]) == "gzip"
