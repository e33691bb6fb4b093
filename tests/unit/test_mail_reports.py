from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec import Struct

from todo_adapters.mail_reports import OLDEST, address_in, check_age, decoded, header
from todo_core.contracts.expectations import raises
from todo_core.errors import InvalidInput, InvalidSignature
from todo_core.model.email import EmailAddress

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECONDS = int(NOON.timestamp())


class Fact(Struct):
    what: str = ""


def test_a_header_that_is_missing():
    """
    A report without a header that its signature needs is not signed.
    """
    assert header({"svix-id": "msg_1"}, "svix-id") == "msg_1"
    with raises(InvalidSignature):
        header({}, "svix-id")


@pytest.mark.parametrize("seconds", [SECONDS, SECONDS - OLDEST, SECONDS + OLDEST])
def test_a_report_of_about_now(seconds):
    """
    Five minutes before and after now are about now.
    """
    check_age(str(seconds), now=NOON)


@pytest.mark.parametrize(
    "seconds",
    [str(SECONDS - OLDEST - 1), str(SECONDS + OLDEST + 1), "", "-1", "1e9", f" {SECONDS}", "9" * 5000, f"{SECONDS}.5"],
)
def test_a_time_that_is_not_now(seconds):
    """
    What is further off, or is no number of seconds, is refused.
    """
    with raises(InvalidSignature):
        check_age(seconds, now=NOON)


@pytest.mark.parametrize("one", ["\N{ARABIC-INDIC DIGIT ONE}", "\N{FULLWIDTH DIGIT ONE}"])
def test_digits_of_other_scripts(one):
    """
    Only ASCII digits count.
    """
    with raises(InvalidSignature):
        check_age(one * 10, now=datetime.fromtimestamp(1_111_111_111, UTC))


def test_what_a_kind_does_not_name_is_passed_over():
    """
    Providers add fields as they like.
    """
    assert decoded(b'[{"what": "a", "new": {"deep": [1]}}]', list[Fact]) == [Fact("a")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b'[{"what": 1}]',
        b'[{"what": "\xff"}]',
        b'[{"what": "\\ud800"}]',
        b'[{"new": ' + b"[" * 100_000,
    ],
)
def test_a_body_that_is_none(body):
    """
    A body of another form is refused, however it fails.
    """
    with raises(InvalidInput):
        decoded(body, list[Fact])


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann Example <Ann@Example.ORG>", "ann@example.org"),
        ("ann@xn--bcher-kva.example", "ann@bücher.example"),
        ("ann@bücher.example", "ann@bücher.example"),
        ("ann@-host.example.org", None),
        ("ann@xn--\N{BULLET}.example", None),
        ("root@localhost", None),
        ("nobody", None),
        ("", None),
    ],
)
def test_addresses_as_providers_write_them(text, address):
    """
    An address is found behind a name and with its domain as people write it, or it is none that we write to.
    """
    assert address_in(text) == (None if address is None else EmailAddress(address))
