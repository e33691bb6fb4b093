"""
The steps of a conversation with a mail server, and what it means when one fails.

A failure's code is ``step reason``, such as ``login 535`` or ``certificate expired``: the reason is the
server's own code, or a word. ``todo_web.doctor`` has advice for each.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiosmtplib

from todo_adapters.email.smtp.settings import Security
from todo_core.errors import EmailError, EmailInterrupted, EmailMisconfigured, EmailUnavailable

_TO_THE_SERVER = ("resolve", "connect")
_SET_UP = {
    Security.STARTTLS: ("greeting", "starttls", "certificate", "ehlo"),
    Security.TLS: ("tls", "certificate", "greeting", "ehlo"),
    Security.NONE: ("greeting", "ehlo"),
}
_MESSAGE = ("mail", "rcpt", "data")

_FAILURES_FOR_GOOD = range(500, 600)
_CREDENTIALS_WANTED = {530, 534, 535, 538}  # RFC 4954 §6, whatever command they answer

# OpenSSL's X509_V_ERR_*, which the module ssl has no names for.
_CERTIFICATE_FAULTS = {9: "premature", 10: "expired", 62: "misnamed", 64: "misnamed"} | dict.fromkeys(
    (2, 18, 19, 20, 21), "untrusted"
)


def steps_of(security: Security, *, with_account: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Return the steps until a server knows us, and those of a message, in the order they are taken.
    """
    log_in = ("login",) if with_account else ()
    return (*_TO_THE_SERVER, *_SET_UP[security], *log_in), _MESSAGE


@asynccontextmanager
async def step(name: str, deadline: float, refused: type[EmailError] = EmailMisconfigured) -> AsyncGenerator[None]:
    """
    Turn what goes wrong into our errors, *refused* for an answer that is final, without the server's own words.

    Before its data a message cannot have been accepted, so a cancellation until then is an interruption.
    """
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except aiosmtplib.SMTPResponseException as answer:
        answered = "greeting" if name == "tls" else name  # who can answer has encrypted already
        raise _meaning(answered, answer.code, refused) from None
    except asyncio.CancelledError:
        if name == "data":
            raise
        raise EmailInterrupted(f"{name} cancelled") from None
    except TimeoutError:
        raise _unavailable(name, "timeout") from None
    except OSError as error:
        raise _failure(name, error.__cause__ or error) from None
    except (aiosmtplib.SMTPException, ValueError):
        raise refused(f"{name} unsupported") from None


def _meaning(name: str, code: int, refused: type[EmailError]) -> EmailError:
    if code in _CREDENTIALS_WANTED:
        return EmailMisconfigured(f"{name} {code}")
    return refused(f"{name} {code}") if code in _FAILURES_FOR_GOOD else _unavailable(name, str(code), answered=True)


def _failure(name: str, cause: BaseException) -> EmailError:
    match cause:
        case ssl.SSLCertVerificationError():
            return EmailMisconfigured(f"certificate {_CERTIFICATE_FAULTS.get(cause.verify_code, 'invalid')}")
        case ssl.SSLError() | socket.gaierror():
            return _unavailable(name, "failed")
        case ConnectionRefusedError():
            return _unavailable(name, "refused")
        case _:
            return _unavailable(name, "lost")


def _unavailable(name: str, reason: str, *, answered: bool = False) -> EmailUnavailable:
    """
    Return the error: who did not answer the data may have taken them, who did not let us in is away for everybody.
    """
    unknown = name == "data" and not answered
    return EmailUnavailable(f"{name} {reason}", unknown=unknown, away=name not in _MESSAGE)
