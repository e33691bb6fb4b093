"""
Every error as an RFC 9457 problem: the only place that knows which status a domain error has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from attrs import field, frozen
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from todo_core import errors
from todo_web.errors import (
    CrossOriginRequest,
    FieldError,
    HttpError,
    InvalidFields,
    InvalidHost,
    MalformedForm,
    MalformedJson,
    RequestTimeout,
    TooLarge,
    UnsupportedMediaType,
)
from todo_web.pages import is_lost, page

MEDIA_TYPE = "application/problem+json"


@frozen
class Problem:
    """
    A kind of problem. ``help`` tells a developer, on its page, what it means and what to do.
    """

    status: int
    slug: str
    title: str
    help: str


@frozen(slots=False)
class ProblemDocument:
    """
    The body of an error (RFC 9457); ``instance`` is the id that the log knows the request by.
    """

    type: str
    title: str
    status: int
    instance: str
    detail: str | None = None
    errors: Sequence[FieldError] | None = None


INVALID_INPUT = Problem(
    422,
    "invalid-input",
    "Some of the input is not valid",
    "`errors` names each wrong value by its JSON Pointer and the rule it breaks. Nothing was changed.",
)
INTERNAL = Problem(
    500,
    "internal",
    "Something went wrong on our side",
    "The fault is ours and has been logged under `instance`. Trying again later may help.",
)
METHOD_NOT_ALLOWED = Problem(
    405, "method-not-allowed", "This address does not take that method", "`Allow` lists the methods that it takes."
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    errors.InvalidInput: INVALID_INPUT,
    errors.InvalidFile: INVALID_INPUT,
    InvalidFields: INVALID_INPUT,
    MalformedJson: Problem(
        400, "malformed-json", "The body is not JSON", "Send one JSON document in UTF-8 (RFC 8259), no member twice."
    ),
    MalformedForm: Problem(
        400,
        "malformed-form",
        "The body is not what a form sends",
        "Send at most 20 fields as `application/x-www-form-urlencoded`, in UTF-8.",
    ),
    InvalidHost: Problem(
        400,
        "invalid-host",
        "This service does not answer for that host",
        "The `Host` header must be given once and be one of `ALLOWED_HOSTS`.",
    ),
    errors.InvalidToken: Problem(
        400,
        "invalid-token",
        "This link does not work any more",
        "It was used, has expired, was replaced by a newer one, or was not copied whole. Ask for another one.",
    ),
    errors.Unauthenticated: Problem(
        401,
        "unauthenticated",
        "You are not logged in",
        "Log in and send `Authorization: Bearer` with the access token, or the cookie. A log-out, a password reset,"
        " days without a request and the token's expiry end a session.",
    ),
    errors.WrongCredentials: Problem(
        401,
        "wrong-credentials",
        "Address and password do not belong together",
        "Which of the two is wrong is not said. Somebody who forgot the password can ask for a reset link.",
    ),
    errors.WrongPassword: Problem(
        403,
        "wrong-password",
        "That is not your password",
        "This needs the password that you have now, beside the session. The session lives on; nothing was changed.",
    ),
    errors.EmailNotVerified: Problem(
        403,
        "email-not-verified",
        "The e-mail address has to be verified first",
        "Follow the link in the mail that came after signing up, or ask for another one.",
    ),
    errors.InvalidSignature: Problem(
        403,
        "invalid-signature",
        "This report is not signed as it should be",
        "It must be signed with the secret that the service was given for this provider, reach it unaltered, and be"
        " less than five minutes old.",
    ),
    CrossOriginRequest: Problem(
        403,
        "cross-origin",
        "This request may have been made by a page of another site",
        "With a session in a cookie, a change is taken from our own pages and from those of `ALLOWED_ORIGINS` only."
        ' Other programs log in with `"session": "bearer"` and send `Authorization`.',
    ),
    errors.NotFound: Problem(
        404, "not-found", "There is nothing here", "It never was, is gone, or belongs to somebody else."
    ),
    RequestTimeout: Problem(
        408,
        "request-timeout",
        "The request took too long to arrive",
        "The body must arrive within 10 seconds, an import within 60.",
    ),
    errors.Conflict: Problem(409, "conflict", "That is taken", "Something with the same identity stands already."),
    errors.PreconditionFailed: Problem(
        412,
        "precondition-failed",
        "It has changed since you saw it",
        "Get it again, look at the difference, and send the change with the new `ETag` in `If-Match`.",
    ),
    TooLarge: Problem(
        413,
        "too-large",
        "The request is too large",
        "A body can have at most 64 KiB, a batch 2 MiB, an import 10 MiB, and a mail provider's report 1 MiB.",
    ),
    UnsupportedMediaType: Problem(
        415,
        "unsupported-media-type",
        "Only JSON is understood here",
        "Send `Content-Type: application/json`, or `text/csv` with an import of CSV. What is below"
        " `/api/v1/forms/` takes `application/x-www-form-urlencoded` instead, as forms send it without script.",
    ),
    errors.RetryKeyReused: Problem(
        422,
        "idempotency-key-reused",
        "Something else was asked under this key",
        "An `Idempotency-Key` belongs to one request for 24 hours. Send a new key with a new request.",
    ),
    errors.NotKept: Problem(
        424,
        "not-kept",
        "Another operation of the batch failed, so this one was not kept",
        "The batch was to be kept as a whole. Mend the operation that failed, or leave it out, and send all again.",
    ),
    errors.PreconditionRequired: Problem(
        428,
        "precondition-required",
        "Say which version you saw",
        "This service is run with `REQUIRE_IF_MATCH=true`: send the `ETag` you last got in `If-Match`.",
    ),
    errors.TooManyRequests: Problem(
        429, "too-many-requests", "That was too often", "Wait for the number of seconds in `Retry-After`."
    ),
    errors.Unavailable: Problem(
        503,
        "unavailable",
        "The service cannot answer right now",
        "Nothing was changed as far as we know. Try again after the number of seconds in `Retry-After`.",
    ),
}

_BY_STATUS = {
    404: PROBLEMS[errors.NotFound],
    405: METHOD_NOT_ALLOWED,
}

ALL = tuple(
    sorted({*PROBLEMS.values(), METHOD_NOT_ALLOWED, INTERNAL}, key=lambda problem: (problem.status, problem.slug))
)


def problem_of(error: Exception) -> Problem:
    """
    Return the problem that an error is answered with; what nobody expected is our fault.
    """
    return next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), INTERNAL)


@frozen(slots=False)
class ResultProblem:
    """
    Why one operation of a batch failed, told as any problem is.
    """

    type: str
    title: str
    status: int
    errors: Sequence[FieldError] | msgspec.UnsetType = msgspec.UNSET


def problem_page(problem: Problem, *, status_code: int = HTTPStatus.OK) -> Response:
    """
    Return the page that explains a kind of problem.
    """
    facts = {"title": escape(problem.title), "slug": problem.slug, "help": escape(problem.help)}
    return page("problem", status_code=status_code, status=str(problem.status), **facts)


@frozen
class Problems:
    """
    Answers errors; ``base`` is the URL in front of ``/problems/…``.
    """

    base: str = field(repr=False)

    def response(
        self,
        problem: Problem,
        *,
        detail: str | None = None,
        errors: Sequence[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """
        Return the problem as a response; members without a value are left out.
        """
        document = ProblemDocument(
            type=f"{self.base}/problems/{problem.slug}",
            title=problem.title,
            status=problem.status,
            instance=structlog.contextvars.get_contextvars().get("request_id", ""),
            detail=detail,
            errors=errors,
        )
        members: dict[str, Any] = msgspec.to_builtins(document)
        body = msgspec.json.encode({name: value for name, value in members.items() if value is not None})
        return Response(body, problem.status, headers=headers, media_type=MEDIA_TYPE)

    def result(self, error: errors.DomainError, *, pointer: str) -> ResultProblem:
        """
        Return what is told of an operation that failed, and that stands in the body at *pointer*.
        """
        problem = problem_of(error)
        wrong: Sequence[FieldError] | msgspec.UnsetType = msgspec.UNSET
        if isinstance(error, errors.InvalidInput):
            wrong = [FieldError(pointer if error.field is None else f"{pointer}/{error.field}", error.detail)]
        return ResultProblem(f"{self.base}/problems/{problem.slug}", problem.title, problem.status, wrong)

    async def on_domain_error(self, _: Request[Any], error: Exception) -> Response:
        """
        Answer an error of the core, or of HTTP before it.
        """
        detail = error.detail if isinstance(error, MalformedJson) else None
        return self.response(problem_of(error), detail=detail, errors=faults_of(error), headers=headers_of(error))

    async def on_http_exception(self, request: Request[Any], error: Exception) -> Response:
        """
        Answer what Starlette itself refuses: an unknown path or method. Who follows a link to nowhere gets a page.
        """
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
        headers = error.headers if isinstance(error, HTTPException) else None
        if status == HTTPStatus.NOT_FOUND and is_lost(request):
            return problem_page(_BY_STATUS[status], status_code=status)
        return self.response(_BY_STATUS.get(status, INTERNAL), headers=headers)

    async def on_disconnect(self, _: Request[Any], __: Exception) -> Response:
        """
        Answer nobody: the client went away in the middle of its request.
        """
        return Response(status_code=HTTPStatus.BAD_REQUEST)

    async def on_unexpected(self, _: Request[Any], __: Exception) -> Response:
        """
        Answer what nobody expected; the log has it.
        """
        return self.response(INTERNAL)

    def handlers(self) -> dict[Any, Any]:
        """
        Return Starlette's table of exception handlers.
        """
        return {
            errors.DomainError: self.on_domain_error,
            HttpError: self.on_domain_error,
            HTTPException: self.on_http_exception,
            ClientDisconnect: self.on_disconnect,
            Exception: self.on_unexpected,
        }


def faults_of(error: Exception) -> Sequence[FieldError] | None:
    """
    Return what is wrong with which value, where the error is about values.
    """
    match error:
        case InvalidFields():
            return error.errors
        case errors.InvalidFile():
            return [FieldError(fault.pointer, fault.detail) for fault in error.faults]
        case errors.InvalidInput():
            return [FieldError("" if error.field is None else f"/{error.field}", error.detail)]
        case _:
            return None


def headers_of(error: Exception) -> Mapping[str, str]:
    """
    Return the headers that belong to the answer to *error*, whatever it is written in.
    """
    match error:
        case errors.TooManyRequests():
            return _limit_headers(error)
        case errors.Unauthenticated() | errors.WrongCredentials():
            return {"WWW-Authenticate": "Bearer"}
        case errors.Unavailable():
            return {"Retry-After": "5"}
        case _:
            return {}


def _limit_headers(error: errors.TooManyRequests) -> dict[str, str]:
    """
    Return the headers of draft-ietf-httpapi-ratelimit-headers and Retry-After (RFC 9110 §10.2.3), in whole seconds.
    """
    wait = max(1, math.ceil(error.retry_after.total_seconds()))
    window = int(error.window.total_seconds())
    return {
        "Retry-After": str(wait),
        "RateLimit-Policy": f'"{error.name}";q={error.amount};w={window}',
        "RateLimit": f'"{error.name}";r=0;t={wait}',
    }
