"""
Messages as they travel: an envelope around MIME.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage as MimeMessage
from email.policy import SMTP

import idna
from attrs import field, frozen

from todo_core.model.email import EmailAddress, EmailMessage

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@frozen
class Envelope:
    """
    A message sealed for SMTP; ``utf8`` tells that only servers with SMTPUTF8 (RFC 6531) can carry it.
    """

    sender: str
    recipient: str
    utf8: bool
    content: bytes = field(repr=False)


def seal(message: EmailMessage, *, sender: EmailAddress, sender_name: str) -> Envelope:
    """
    Return *message* in an envelope from *sender*.

    Raises:
        ValueError: an address or a header cannot travel by mail.
    """
    from_, to = mailbox(sender, sender_name), mailbox(message.to)
    utf8 = not (from_.username + to.username).isascii()
    content = _mime(message, from_, to, utf8=utf8).as_bytes()
    return Envelope(from_.addr_spec, to.addr_spec, utf8, content)


def mailbox(address: EmailAddress, display_name: str = "") -> Address:
    """
    Return *address* as mail servers know it.

    Raises:
        ValueError: there can be no such domain.
    """
    return Address(display_name, address.text.rpartition("@")[0], ascii_domain(address))


def ascii_domain(address: EmailAddress) -> str:
    """
    Return the domain of *address* as the DNS knows it (RFC 5891).

    Raises:
        ValueError: there can be no such domain.
    """
    domain = address.text.rpartition("@")[2]
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")


def check_headers(message: EmailMessage) -> None:
    """
    Raise a ``ValueError`` if a header of *message* holds a control character or a line break of any kind.
    """
    for header in (message.subject, message.message_id):
        if _CONTROL.search(header) or len(header.splitlines()) > 1:
            raise ValueError("a header holds a control character")


def _mime(message: EmailMessage, from_: Address, to: Address, *, utf8: bool) -> MimeMessage:
    check_headers(message)
    mime = MimeMessage(SMTP.clone(cte_type="7bit", utf8=utf8))  # bodies of seven bits pass every server
    mime["From"] = from_
    mime["To"] = to
    mime["Subject"] = message.subject
    mime["Date"] = datetime.now(UTC)
    mime["Message-ID"] = f"<{message.message_id}>"
    mime["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes, please
    mime.set_content(message.text)
    mime.add_alternative(message.html, subtype="html")
    return mime
