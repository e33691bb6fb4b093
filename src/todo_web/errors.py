"""
What can go wrong before the core is asked: errors of HTTP, not of the domain.

HttpError
├── MalformedJson
├── MalformedForm
├── InvalidFields
├── UnsupportedMediaType
├── RequestTimeout
├── TooLarge
├── InvalidHost
└── CrossOriginRequest
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen


class HttpError(Exception):
    """
    The request cannot be handed to the core.
    """


class MalformedJson(HttpError):
    """
    The body is not JSON.

    Args:
        detail: what is wrong with it, where that can be said in a sentence.
    """

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or "malformed")
        self.detail = detail


class MalformedForm(HttpError):
    """
    The body is not what a form sends.
    """


@frozen(slots=False)
class FieldError:
    """
    What is wrong with one value: where it stands (RFC 6901) and which rule it breaks.
    """

    pointer: str
    detail: str


class InvalidFields(HttpError):
    """
    Some fields are wrong, missing or unknown.
    """

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("invalid fields")
        self.errors = errors


class UnsupportedMediaType(HttpError):
    """
    The body is declared as something other than what is understood.
    """


class RequestTimeout(HttpError):
    """
    The body did not arrive in time.
    """


class TooLarge(HttpError):
    """
    The body is too large.
    """


class InvalidHost(HttpError):
    """
    The request is meant for another host.
    """


class CrossOriginRequest(HttpError):
    """
    The request brings a cookie, would change something, and may have been made by a page of another origin.
    """
