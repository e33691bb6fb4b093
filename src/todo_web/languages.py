"""
Which language somebody reads, by what their browser says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from todo_web.weights import weights

MAIL_LANGUAGE: Mapping[str, str] = {
    "Accept-Language": "The language of the mail, unless the account has chosen one; the answer does not depend on it"
}
"""The request header that operations which cause mail tell of."""


def language_of(request: Request[Any]) -> str | None:
    """
    Return the language we speak that the sender of *request* likes best, or None when they like none of them.
    """
    header = ",".join(request.headers.getlist("accept-language"))
    return negotiated(header, offered=request.state["locales"])


def negotiated(header: str, *, offered: Sequence[str]) -> str | None:
    """
    Return which of the *offered* languages an ``Accept-Language`` *header* likes best (RFC 9110 §12.5.4).

    A range that names a region we do not offer is content with its language (RFC 4647 §3.4); ``*`` is any language
    that is not named. Of equals the one that is named first wins, and what is no range is passed over.
    """
    qualities = weights(header)
    wishes = sorted(qualities, key=lambda tag: qualities[tag], reverse=True)
    refused = {tag for tag in wishes if not qualities[tag]}
    by_tag = {locale.lower(): locale for locale in offered if locale.lower() not in refused}
    for wish in wishes:
        if wish not in refused and (found := _found(wish, by_tag, named=qualities)):
            return found
    return None


def _found(wish: str, by_tag: Mapping[str, str], *, named: Mapping[str, float]) -> str | None:
    if wish == "*":
        return next((locale for tag, locale in by_tag.items() if tag not in named), None)
    subtags = wish.split("-")
    shorter = ("-".join(subtags[:length]) for length in range(len(subtags), 0, -1))
    return next((by_tag[tag] for tag in shorter if tag in by_tag), None)
