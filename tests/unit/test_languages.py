"""
Which language somebody reads, by RFC 9110 §12.5.4.
"""

from __future__ import annotations

import pytest
from starlette.requests import Request

from todo_web.languages import language_of, negotiated

OFFERED = ["en", "de", "es"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("es, de", "es"),
        ("en;q=0.5, de;q=0.7", "de"),
        ("fr, de;q=0.3", "de"),
        ("de; q=0.2 , es ;q=0.9", "es"),
        ("de;q=1.000, es;q=0.999", "de"),
        ("da, en-gb;q=0.8, en;q=0.7", "en"),
    ],
)
def test_the_best_of_those_we_speak_is_taken(header: str, language: str) -> None:
    """
    Quality decides, then the order in which they are named; upper and lower case are the same.
    """
    assert negotiated(header, offered=OFFERED) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [("de-AT", "de"), ("de-Latn-AT-1996, en", "de"), ("es-419;q=0.9, en;q=0.1", "es"), ("deu", None), ("d", None)],
)
def test_a_region_is_content_with_its_language(header: str, language: str | None) -> None:
    """
    Subtags are dropped from the right until one fits (RFC 4647 §3.4); a word that only begins alike does not fit.
    """
    assert negotiated(header, offered=OFFERED) == language


def test_a_region_that_we_speak_is_taken_for_what_it_is() -> None:
    """
    It is answered as it is written here, and is nobody's who asked for the language only.
    """
    assert negotiated("pt-br", offered=["en", "pt-BR"]) == "pt-BR"
    assert negotiated("pt", offered=["en", "pt-BR"]) is None


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("*", "en"),
        ("fr, *;q=0.1", "en"),
        ("en;q=0, *", "de"),
        ("en;q=0.1, *;q=0.5", "de"),
        ("de, *", "de"),
        ("*;q=0", None),
        ("*;q=0, es;q=0.1", "es"),
        ("en;q=0, de;q=0, es;q=0, *", None),
    ],
)
def test_a_star_is_any_language_that_is_not_named(header: str, language: str | None) -> None:
    """
    The first of ours that is not, and none where it has no quality.
    """
    assert negotiated(header, offered=OFFERED) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [("de;q=0", None), ("de-AT, de;q=0", None), ("de;q=0, en", "en"), ("en;q=0.0, es;q=0.001", "es")],
)
def test_a_refused_language_is_not_taken(header: str, language: str | None) -> None:
    """
    A quality of 0 means that the language is not acceptable.
    """
    assert negotiated(header, offered=OFFERED) == language


@pytest.mark.parametrize(
    "header",
    [
        "",
        ",",
        "fr",
        "german",
        "de;q=2",
        "de;q=0.1234",
        "de;level=1",
        "de_AT",
        "../../etc",
        "\x00",
        "de;q=",
        "-",
        "*-de",
    ],
)
def test_what_is_no_range_is_no_wish(header: str) -> None:
    """
    Nothing is guessed from what does not keep the grammar, nor from languages that we do not speak.
    """
    assert negotiated(header, offered=OFFERED) is None


def test_only_the_first_ranges_count() -> None:
    """
    A header of any length costs the same.
    """
    assert negotiated(",".join(["fr"] * 19 + ["de"]), offered=OFFERED) == "de"
    assert negotiated(",".join(["fr"] * 20 + ["de"]), offered=OFFERED) is None


@pytest.mark.parametrize(
    ("headers", "language"), [([], None), ([b"de"], "de"), ([b"fr", b"es"], "es"), ([b"\xff, de"], "de")]
)
def test_the_header_may_come_in_pieces_or_not_at_all(headers: list[bytes], language: str | None) -> None:
    """
    Several lines are one list (RFC 9110 §5.3).
    """
    raw = [(b"accept-language", value) for value in headers]
    request = Request({"type": "http", "method": "POST", "headers": raw, "state": {"locales": OFFERED}})
    assert language_of(request) == language
