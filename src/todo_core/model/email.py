"""
Addresses and messages.
"""

from __future__ import annotations

import re
import unicodedata

from attrs import field, frozen

from todo_core.errors import InvalidInput

LONGEST_ADDRESS = 254
"""Characters; RFC 5321 §4.5.3.1.3 less the angle brackets."""

_LONGEST_LOCAL_PART = 64
# The addresses that HTML's <input type=email> takes, opened to letters outside ASCII (RFC 6531)
# and closed to names without a dot, which no mail from outside can reach.
_LOCAL_PART = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_ENCODED_WORD = re.compile(r"=\?.*\?=")


def _canonical(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).lower()


def _is_local_part(text: str) -> bool:
    return (
        _LOCAL_PART.fullmatch(text) is not None
        and len(text.encode()) <= _LONGEST_LOCAL_PART
        and not text.startswith(".")
        and not text.endswith(".")
        and ".." not in text
        and _ENCODED_WORD.search(text) is None
    )


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    return len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)


@frozen
class EmailAddress:
    """
    Where a message goes, compared without regard to case.

    White space around it is dropped, letters are lower-cased and composed (NFC); control characters,
    lists of recipients, quoted or encoded local parts and names without a dot are refused, so that one
    address is always exactly one recipient.

    Raises:
        InvalidInput: the text is not one plain address of at most 254 characters.
    """

    text: str = field(converter=_canonical)

    def __attrs_post_init__(self) -> None:
        local, _, domain = self.text.rpartition("@")
        if len(self.text) > LONGEST_ADDRESS or not _is_local_part(local) or not _is_domain(domain):
            raise InvalidInput("This is not an e-mail address.")

    @property
    def masked(self) -> str:
        """
        Return the address as others may see it over an operator's shoulder, in ASCII: ``a***@e***.org``.
        """
        local, _, domain = self.text.rpartition("@")
        name, _, top = domain.rpartition(".")
        return f"{local[0]}***@{name[0]}***.{top}".encode("ascii", "replace").decode()

    def __str__(self) -> str:
        return self.text


@frozen
class EmailMessage:
    """
    A message to one person, in both forms a mail reader may want.

    *message_id* is ``left@right`` without angle brackets, the same each time the message is tried, so
    that a receiver can tell a duplicate. The bodies may hold a live link: they are kept out of ``repr``.
    """

    to: EmailAddress
    message_id: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
