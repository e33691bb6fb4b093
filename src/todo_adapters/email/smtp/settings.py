"""
``SMTP_*``: where the server is, and how it knows us.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Any

from attrs import Attribute, field, frozen
from msgspec import Meta

from todo_adapters.sender import Sender

_STARTTLS_PORT, _TLS_PORT = 587, 465


class Security(StrEnum):
    """
    When the connection is encrypted: after STARTTLS, from its first byte, or never.
    """

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_password(settings: SmtpSettings, _: Attribute[Any], password: str | None) -> None:
    if (password is None) is not (settings.username is None):
        raise ValueError("must be set when SMTP_USERNAME is, and only then")


def _check_security(settings: SmtpSettings, _: Attribute[Any], __: Security | None) -> None:
    if settings.port == _TLS_PORT and settings.encryption is Security.STARTTLS:
        raise ValueError("must be tls when SMTP_PORT is 465, where encryption starts at once")
    if settings.port == _STARTTLS_PORT and settings.encryption is Security.TLS:
        raise ValueError("must be starttls when SMTP_PORT is 587; servers that encrypt at once listen on 465")
    if settings.encryption is Security.NONE and settings.password and not _is_this_machine(settings.host):
        raise ValueError("must be starttls or tls, or SMTP_PASSWORD would cross the network in the clear")


def _check_use_tls(settings: SmtpSettings, _: Attribute[Any], use_tls: bool | None) -> None:  # noqa: FBT001 - attrs calls it
    if None not in {use_tls, settings.security} and use_tls is (settings.security is Security.NONE):
        raise ValueError("contradicts SMTP_SECURITY; remove SMTP_USE_TLS")


@frozen(kw_only=True)
class SmtpSettings(Sender):
    """
    What an operator says about the mail server.
    """

    host: str = field(metadata={"help": "Name of the mail server."})
    port: Annotated[int, Meta(ge=1, le=65535)] = field(
        default=_STARTTLS_PORT, metadata={"help": "Usually 587 with STARTTLS, 465 with TLS."}
    )
    username: str | None = field(default=None, metadata={"help": "The account at the server, if it wants one."})
    password: str | None = field(
        default=None, repr=False, validator=_check_password, metadata={"help": "The account's password."}
    )
    security: Security | None = field(
        default=None,
        validator=_check_security,
        metadata={"help": "`starttls`; `tls` from the first byte; or `none`. Default: `starttls`."},
    )
    use_tls: bool | None = field(
        default=None,
        validator=_check_use_tls,
        metadata={"help": "The older way to say it: true means `starttls`, false `none`."},
    )

    @property
    def encryption(self) -> Security:
        """
        Return what ``security`` says, or else ``use_tls``.
        """
        if self.security is not None:
            return self.security
        return Security.NONE if self.use_tls is False else Security.STARTTLS
