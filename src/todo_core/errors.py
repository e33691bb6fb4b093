"""
Everything that can go wrong, as the domain sees it.

DomainError
├── InvalidInput            a value breaks a rule
├── InvalidFile             things in a file break rules, each told by its place
├── Unauthenticated         no live session stands behind the request
├── WrongCredentials        address and password do not belong together
├── WrongPassword           who is logged in asks for what needs the password, and that is another
├── EmailNotVerified        right password, but the address was never confirmed
├── InvalidToken            a mailed link is unknown, used, superseded or expired
├── InvalidSignature        a mail provider's report is not signed as it should be, or is too old
├── NotFound                there is no such thing, or it belongs to somebody else
├── Conflict                something with the same identity stands already
├── RetryKeyReused          a key that makes retries known came with another request
├── NotKept                 it was undone, for something asked together with it failed
├── PreconditionFailed      the thing changed since the caller saw it
├── PreconditionRequired    the caller must say which version it saw
├── TooManyRequests         a limit is used up
├── Unavailable             something we depend on cannot answer now
│   └── CountersUnavailable the counters of the limits cannot; everything else may be well
└── EmailError              a message could not be handed over; never reaches a client
    ├── EmailRejected       it never will be accepted
    ├── EmailUnavailable    trying again may help
    ├── EmailInterrupted    we broke off before it can have been accepted
    └── EmailMisconfigured  nothing will be accepted until an operator acts
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from attrs import frozen


class DomainError(Exception):
    """
    Something the domain forbids or cannot do.
    """


class InvalidInput(DomainError):
    """
    A value breaks a rule of the domain.

    Args:
        detail: the rule, in a sentence fit for the person who typed the value.
        field: the name of the argument that breaks it, if it is one argument's fault.
    """

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


@frozen
class Fault:
    """
    What is wrong with something in a file: where it stands (RFC 6901), and the rule that it breaks.
    """

    pointer: str
    detail: str


class InvalidFile(DomainError):
    """
    Things in a file break rules of the domain.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("invalid file")
        self.faults = faults


class Unauthenticated(DomainError):
    """
    No live session stands behind the request.
    """


class WrongCredentials(DomainError):
    """
    Address and password do not belong together; which of the two is wrong stays unsaid.
    """


class WrongPassword(DomainError):
    """
    Somebody is logged in and asks for what needs the password of the account, and gave another.
    """


class EmailNotVerified(DomainError):
    """
    The password was right, but the address was never confirmed.
    """


class InvalidToken(DomainError):
    """
    The link is unknown, altered, used, superseded or expired; which of these stays unsaid.
    """


class InvalidSignature(DomainError):
    """
    The report is not the mail provider's, was altered on its way, or is too old; which of these stays unsaid.
    """


class NotFound(DomainError):
    """
    There is no such thing, or it belongs to somebody else.
    """


class Conflict(DomainError):
    """
    Something with the same identity stands already.
    """


class RetryKeyReused(DomainError):
    """
    Something else was asked before under the key that is to make a retry known.
    """


class NotKept(DomainError):
    """
    Something that was asked together with it failed, so it was undone.
    """


class PreconditionFailed(DomainError):
    """
    The thing has changed since the caller saw it.
    """


class PreconditionRequired(DomainError):
    """
    The operator asks callers to say which version of the thing they saw.
    """


class TooManyRequests(DomainError):
    """
    A limit is used up.

    Args:
        name: which limit, a short lower-case word.
        amount: how many it allows in *window*.
        window: how long it counts.
        retry_after: how long until it allows one again.
    """

    def __init__(self, name: str, *, amount: int, window: timedelta, retry_after: timedelta) -> None:
        super().__init__(name)
        self.name = name
        self.amount = amount
        self.window = window
        self.retry_after = retry_after


class Unavailable(DomainError):
    """
    Something we depend on cannot answer now; nothing was changed as far as we know.
    """


class CountersUnavailable(Unavailable):
    """
    The counters of the limits cannot be reached; everything else may be well.
    """


class EmailError(DomainError):
    """
    A message could not be handed over.

    Args:
        code: the provider's own code, such as ``550`` or ``connect``; it is logged and stored,
            so it holds neither an address nor a secret.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class EmailRejected(EmailError):
    """
    The provider will never accept this message; trying again is useless.
    """


class EmailUnavailable(EmailError):
    """
    The provider cannot take the message now; trying again may help.

    Args:
        code: as for any ``EmailError``.
        retry_after: how long the provider wants to be left alone, if it said so.
        unknown: whether the provider may have taken the message all the same, as when its last answer was lost.
        away: whether nobody's message could be taken, for the provider was not there to be asked.
    """

    def __init__(
        self, code: str, *, retry_after: timedelta | None = None, unknown: bool = False, away: bool = False
    ) -> None:
        super().__init__(code)
        self.retry_after = retry_after
        self.unknown = unknown
        self.away = away


class EmailInterrupted(EmailError):
    """
    Sending was cancelled, so early that the provider cannot have the message.
    """


class EmailMisconfigured(EmailError):
    """
    The provider will accept nothing until an operator changes a setting.
    """
