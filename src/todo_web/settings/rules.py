"""
What settings must satisfy beyond their own types. No sentence here holds a value.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from todo_adapters.email import DEVELOPMENT_ONLY, names_in
from todo_adapters.postgres.distance import is_far, tls_mode
from todo_web.settings.model import Settings

SHORTEST_SECRET = 32
"""Bytes; a signing key needs as many as its algorithm's hash has (RFC 7518 §3.2), so 32 at the least."""

_PLACEHOLDER = re.compile(r"change[-_]?me|your[-_ ]|example|placeholder|secret[-_]?key|[<>*]|x{6}", re.IGNORECASE)
_FEWEST_CHARACTERS = 10
_HOW_TO_MAKE_ONE = "make one with: openssl rand -base64 64"


def weak_secrets(settings: Settings) -> list[str]:
    """
    Return what is wrong with the secrets, in any environment.
    """
    shortest = settings.jwt_algorithm.shortest_key
    signing = [("JWT_SECRET_KEY", settings.jwt_secret_key, shortest)] if settings.jwt_secret_key else []
    if settings.metrics_token is not None:
        signing.append(("METRICS_TOKEN", settings.metrics_token, SHORTEST_SECRET))
    if settings.courier_hook_token is not None:
        signing.append(("COURIER_HOOK_TOKEN", settings.courier_hook_token, SHORTEST_SECRET))
    keys = [*signing, *(("LINK_SECRET_KEYS", key, SHORTEST_SECRET) for key in settings.link_secret_keys)]
    return [
        f"{name}: {weakness}; {_HOW_TO_MAKE_ONE}"
        for name, value, shortest in keys
        if (weakness := _weakness(value, shortest=shortest))
    ]


def crossed_ports(settings: Settings) -> list[str]:
    """
    Return what is wrong with ports, in any environment.
    """
    return ["METRICS_PORT: is the same as PORT"] if settings.metrics_port == settings.port else []


def _weakness(secret: str, *, shortest: int) -> str | None:
    if len(secret.encode()) < shortest:
        return f"must have at least {shortest} bytes"
    if _PLACEHOLDER.search(secret) or len(set(secret)) < _FEWEST_CHARACTERS:
        return "is a placeholder, not a random secret"
    return None


def unfit_for_production(settings: Settings) -> list[str]:
    """
    Return what keeps the settings from being used in production.
    """
    problems: list[str] = []
    if settings.jwt_secret_key is None:
        problems.append(f"JWT_SECRET_KEY: is required in production; {_HOW_TO_MAKE_ONE}")
    if settings.database_url is None:
        problems.append("DATABASE_URL: is required in production")
    problems += unverified_databases(settings)
    problems += unencrypted_redis(settings)
    if settings.frontend_url is None:
        problems.append("FRONTEND_URL: is required in production")
    elif (fault := _unfit_url(settings.frontend_url)) is not None:
        problems.append(f"FRONTEND_URL: {fault}")
    if settings.email_provider is None:
        problems.append("EMAIL_PROVIDER: must be said in production, for example smtp")
    elif shown := DEVELOPMENT_ONLY.intersection(names_in(settings.email_provider)):
        names = " and ".join(sorted(shown))
        problems.append(f"EMAIL_PROVIDER: {names} would show live links to whoever is around; production needs smtp")
    for origin in settings.origins:
        if settings.allowed_origins and (fault := _unfit_url(origin)) is not None:
            problems.append(f"ALLOWED_ORIGINS: each {fault}")
    return problems


def unencrypted_redis(settings: Settings) -> list[str]:
    """
    Return what is wrong with the way to a Redis beyond the own network (ASVS 12.3.1).
    """
    scheme, _, rest = (settings.redis_url or "rediss://").partition("://")
    if scheme == "rediss" or not is_far(f"postgresql://{rest}"):  # the two write hosts alike
        return []
    return ["REDIS_URL: leaves the own network and is not encrypted; make it rediss://"]


def unverified_databases(settings: Settings) -> list[str]:
    """
    Return what is wrong with the ways to databases beyond the own network (ASVS 12.3.1).
    """
    good = {"verify-full"} | ({"verify-ca", "require"} if settings.database_tls_unverified else set[str]())
    urls = {"DATABASE_URL": settings.database_url, "DATABASE_LISTEN_URL": settings.database_listen_url}
    return [
        f"{name}: leaves the own network and does not see to whom it talks; add sslmode=verify-full, and sslrootcert"
        " where the authority is not a usual one (or read about DATABASE_TLS_UNVERIFIED)"
        for name, url in urls.items()
        if url is not None and is_far(url) and tls_mode(url) not in good
    ]


def _unfit_url(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return "must be https in production"
    if "." not in (parts.hostname or "") or parts.hostname == "127.0.0.1":
        return "must be a public host name in production"
    return None
