"""
What is said about mail once, whoever carries it.
"""

from __future__ import annotations

from typing import Annotated, Any

from attrs import Attribute, field, frozen
from msgspec import Meta

from todo_core.model.email import EmailAddress


def _check_name(_: Any, __: Attribute[str], name: str) -> None:
    if any(ord(character) < ord(" ") for character in name):
        raise ValueError("must be one line")


@frozen(kw_only=True)
class Sender:
    """
    From whom mail comes, and how long handing it over may take.

    The variables keep the names they had when SMTP was the only way, so that one set of them serves every provider.
    """

    from_email: EmailAddress = field(
        converter=EmailAddress,
        metadata={"variable": "SMTP_FROM_EMAIL", "help": "The address mail comes from, whatever the provider."},
    )
    from_name: str = field(
        default="Todo App",
        validator=_check_name,
        metadata={"variable": "SMTP_FROM_NAME", "help": "The name mail comes from, whatever the provider."},
    )
    timeout: Annotated[float, Meta(gt=0, le=600)] = field(
        default=30.0,
        metadata={
            "variable": "SMTP_TIMEOUT",
            "help": "Seconds until a message must have been accepted, connecting included, whatever the provider;"
            " several providers share them evenly.",
        },
    )
