"""
What settings are made of: the words that some of them take, and what the others must look like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import attrs
from limits import parse

from todo_adapters.postgres.engine import normalised

_ORIGIN = re.compile(r"https?://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", re.ASCII)
_REDIS = re.compile(r"rediss?://([^/@?#\s]*@)?([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(/\d{0,3})?", re.ASCII)


class Environment(StrEnum):
    """
    Where the program runs: production refuses what is only good for trying things out.
    """

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class CourierPlace(StrEnum):
    """
    Where mail is delivered: beside the requests, or only by ``todo worker``.
    """

    BESIDE = "beside"
    APART = "apart"


def is_rate(_: Any, __: Any, text: str) -> None:
    """
    Refuse what ``limits`` does not read as a rate.
    """
    try:
        parse(text)
    except ValueError:
        raise ValueError("must be a rate such as 5/minute or 3/hour") from None


def is_url(_: Any, __: Any, text: str | None) -> None:
    """
    Refuse what is no HTTP URL.
    """
    if text is not None and (urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname):
        raise ValueError("must be a URL such as https://todo.example.org")


def are_origins(_: Any, __: Any, origins: tuple[str, ...]) -> None:
    """
    Refuse what no browser sends as an origin (RFC 6454 §7).
    """
    for origin in origins:
        if "*" in origin:
            raise ValueError("a wildcard would let any page act for the people who are logged in")
        if not _ORIGIN.fullmatch(origin):
            raise ValueError("each must be an origin such as https://todo.example.org, in lower case and without path")


def is_database(_: Any, __: Any, url: str | None) -> None:
    """
    Refuse what is no PostgreSQL URL.
    """
    if url is not None:
        normalised(url)


def is_redis(_: Any, __: Any, url: str | None) -> None:
    """
    Refuse what is no Redis URL, or cannot be used for want of the package.
    """
    if url is None:
        return
    if not _REDIS.fullmatch(url):
        raise ValueError("must be a URL such as rediss://user:password@host:6379/0, without parameters")
    if find_spec("redis") is None:
        raise ValueError("needs the package redis: install todo-app[redis]")


def needs(module: str, extra: str) -> Callable[[Any, Any, object], None]:
    """
    Return what refuses a setting that needs a *module* which is not installed; an *extra* of ours brings it.
    """

    def check(_: Any, __: Any, value: object) -> None:
        if value is not None and not _is_installed(module):
            raise ValueError(f"needs more packages: install todo-app[{extra}]")

    return check


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def without_slash(text: str | None) -> str | None:
    """
    Return *text* without slashes at its end.
    """
    return None if text is None else text.rstrip("/")


def setting(help_text: str, *, default: Any, secret: bool = False, group: str, **rest: Any) -> Any:
    """
    Return a field of the settings, with what the reference says of it; a *secret* stays out of ``repr``.
    """
    return attrs.field(default=default, repr=not secret, metadata={"help": help_text, "group": group}, **rest)
