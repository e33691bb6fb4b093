"""
What the reports of mail providers have in common.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parseaddr
from typing import TypeVar

import idna
import msgspec

from todo_core.errors import InvalidInput, InvalidSignature
from todo_core.model.email import EmailAddress

T = TypeVar("T")

OLDEST = 300
"""Seconds that the clocks of a provider and ours may be apart, the report's way included."""

_SECONDS = re.compile(r"[0-9]{1,12}")


def header(headers: Mapping[str, str], name: str) -> str:
    """
    Return the header that a signed report must have.

    Raises:
        InvalidSignature: it is missing.
    """
    value = headers.get(name)
    if value is None:
        raise InvalidSignature
    return value


def check_age(seconds: str, *, now: datetime) -> None:
    """
    Return if *seconds*, the time that was signed with a report, is about *now*.

    Raises:
        InvalidSignature: it is more than five minutes off, or no number of seconds since 1970.
    """
    if not _SECONDS.fullmatch(seconds) or abs(int(seconds) - now.timestamp()) > OLDEST:
        raise InvalidSignature


def decoded(body: bytes, kind: type[T]) -> T:
    """
    Return the JSON in *body* as a *kind*; what a *kind* does not name is passed over.

    Raises:
        InvalidInput: it is nothing of the kind.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidInput("This is not a report as the provider documents it.") from None


def address_in(text: str) -> EmailAddress | None:
    """
    Return the address in *text*, which may have a name before it, if it is one that we write to.

    A domain comes back from mail servers as the DNS knows it, and is compared as people write it.
    """
    local, _, domain = parseaddr(text)[1].rpartition("@")
    with suppress(idna.IDNAError):
        domain = idna.decode(domain)
    try:
        return EmailAddress(f"{local}@{domain}")
    except InvalidInput:
        return None
