"""
Passwords and what is asked of them (NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 5.0 V6.2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from attrs import field, frozen
from attrs.validators import ge

from todo_core.errors import InvalidInput
from todo_core.model.email import EmailAddress

LONGEST_PASSWORD = 1024
"""Bytes of UTF-8; more would only make the hash function work for an attacker."""

SHORTEST_MINIMUM = 8
"""No operator may set the minimum below this (NIST SP 800-63B-4)."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SERVICE_NAMES = ("todo", "todo app")
_SHORTEST_NAME = 3
"""Letters; a shorter name is part of too many words."""


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@frozen
class Password:
    """
    A password as somebody typed it: any characters, composed (NFC) but neither trimmed nor folded.

    Raises:
        InvalidInput: it is empty, longer than 1,024 bytes, or no text that UTF-8 can write.
    """

    text: str = field(repr=False, converter=_composed)

    def __attrs_post_init__(self) -> None:
        if not self.text:
            raise InvalidInput("A password cannot be empty.")
        if _LONE_SURROGATE.search(self.text):
            raise InvalidInput("A password can only have characters that UTF-8 can write.")
        if len(self.text.encode()) > LONGEST_PASSWORD:
            raise InvalidInput(f"A password can have at most {LONGEST_PASSWORD} bytes.")


@frozen
class PasswordRules:
    """
    What a new password must satisfy.  There are no rules about kinds of characters, on purpose.

    Args:
        shortest: characters that it needs.
        names: what else this service is called, such as the name of its host.
    """

    shortest: int = field(default=12, validator=ge(SHORTEST_MINIMUM))
    names: tuple[str, ...] = ()

    def check(self, password: Password, *, email: EmailAddress | None, named: str) -> None:
        """
        Return if *password*, which the caller named so, may guard the account of *email*, as far as that is known.

        Raises:
            InvalidInput: it is too short, or it is the address or the service's own name, be it twice over or
                with digits and signs around it (ASVS 6.2.11).
        """
        if len(password.text) < self.shortest:
            raise InvalidInput(f"A password needs at least {self.shortest} characters.", field=named)
        names = (*_parts(email), *_SERVICE_NAMES, *self.names)
        if password.text.casefold().strip() in names or _says_only(password.text, names):
            raise InvalidInput(
                "A password must not be the e-mail address or the name of this service, whatever is put around it.",
                field=named,
            )


def _parts(email: EmailAddress | None) -> tuple[str, ...]:
    return () if email is None else (email.text, email.text.rpartition("@")[0])


def _says_only(text: str, names: Iterable[str]) -> bool:
    letters = _letters(text)
    rest = letters
    for name in sorted(map(_letters, names), key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME:
            rest = rest.replace(name, "")
    return bool(letters) and not rest


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))
