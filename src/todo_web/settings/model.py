"""
What an operator may set.
"""

from __future__ import annotations

import hmac
import re
from datetime import timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import attrs
from attrs import frozen
from limits import RateLimitItem, parse
from msgspec import Meta
from platformdirs import user_data_path

from todo_adapters.access_tokens import Algorithm
from todo_adapters.argon2 import OWASP_MINIMUM
from todo_adapters.breached_passwords import PWNED_PASSWORDS
from todo_adapters.postgres.engine import normalised
from todo_core.core import Limits, Policy
from todo_core.model.limit import Limit
from todo_core.model.link import Frontend, TokenPlace
from todo_core.model.password import SHORTEST_MINIMUM, PasswordRules

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
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


def _is_rate(_: Any, __: Any, text: str) -> None:
    try:
        parse(text)
    except ValueError:
        raise ValueError("must be a rate such as 5/minute or 3/hour") from None


def _is_url(_: Any, __: Any, text: str | None) -> None:
    if text is not None and (urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname):
        raise ValueError("must be a URL such as https://todo.example.org")


def _are_origins(_: Any, __: Any, origins: tuple[str, ...]) -> None:
    for origin in origins:
        if "*" in origin:
            raise ValueError("a wildcard would let any page act for the people who are logged in")
        if not _ORIGIN.fullmatch(origin):
            raise ValueError("each must be an origin such as https://todo.example.org, in lower case and without path")


def _is_database(_: Any, __: Any, url: str | None) -> None:
    if url is not None:
        normalised(url)


def _is_redis(_: Any, __: Any, url: str | None) -> None:
    if url is None:
        return
    if not _REDIS.fullmatch(url):
        raise ValueError("must be a URL such as rediss://user:password@host:6379/0, without parameters")
    if find_spec("redis") is None:
        raise ValueError("needs the package redis: install todo-app[redis]")


def _without_slash(text: str | None) -> str | None:
    return None if text is None else text.rstrip("/")


def _setting(help_text: str, *, default: Any, secret: bool = False, group: str, **rest: Any) -> Any:
    return attrs.field(default=default, repr=not secret, metadata={"help": help_text, "group": group}, **rest)


@frozen(kw_only=True)
class Settings:
    """
    What an operator may set. Each field is the environment variable of its name in capitals.
    """

    environment: Environment = _setting(
        "`development` or `production`; production refuses what is only good for trying things out.",
        default=Environment.DEVELOPMENT,
        group="General",
    )
    host: str = _setting("The address to bind.", default="127.0.0.1", group="General")
    port: Annotated[int, Meta(ge=1, le=65535)] = _setting("The port to bind.", default=8000, group="General")
    workers: Annotated[int, Meta(ge=1, le=256)] = _setting("Server processes.", default=1, group="General")
    frontend_url: str | None = _setting(
        "The URL of the web page; links in mails lead there. Default: `BACKEND_URL`. Required in production.",
        default=None,
        group="General",
        converter=_without_slash,
        validator=_is_url,
    )
    backend_url: str | None = _setting(
        "The URL under which this service is reached. Default: `http://localhost:` and `PORT`, or in production"
        " `FRONTEND_URL`.",
        default=None,
        group="General",
        converter=_without_slash,
        validator=_is_url,
    )
    allowed_origins: tuple[str, ...] = _setting(
        "Origins whose pages may call the API (CORS), each exactly as browsers send it, separated by commas. Default:"
        " `FRONTEND_URL`.",
        default=(),
        group="General",
        validator=_are_origins,
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "Host names to answer for, separated by commas. Default: those of `FRONTEND_URL` and `BACKEND_URL`.",
        default=(),
        group="General",
    )
    trusted_proxy_hops: Annotated[int, Meta(ge=0, le=10)] = _setting(
        "How many proxies stand in front: that entry of `X-Forwarded-For`, from the right, is the client.",
        default=0,
        group="General",
    )
    show_docs: bool | None = _setting(
        "Whether `/docs` shows the API, to read and to try. Default: yes in development, no in production.",
        default=None,
        group="General",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting(
        "`DEBUG`, `INFO`, `WARNING` or `ERROR`.", default="INFO", group="General"
    )
    log_format: Literal["json", "text"] | None = _setting(
        "`json` or `text`. Default: `text` in development, `json` in production.", default=None, group="General"
    )

    database_url: str | None = _setting(
        "PostgreSQL, as `postgresql://user:password@host/database`. In development an embedded one is started"
        " when this is unset.",
        default=None,
        secret=True,
        group="Database",
        validator=_is_database,
    )
    database_listen_url: str | None = _setting(
        "A direct URL, for LISTEN and migrations, when `DATABASE_URL` goes through a transaction pooler. Default:"
        " `DATABASE_URL`.",
        default=None,
        secret=True,
        group="Database",
        validator=_is_database,
    )
    database_tls_unverified: bool = _setting(
        "Whether production may reach a database beyond the own network over `sslmode=require`, which encrypts but"
        " does not look at whom it talks to. Without it, it must be `verify-full`.",
        default=False,
        group="Database",
    )
    database_pool_size: Annotated[int, Meta(ge=1, le=200)] = _setting(
        "Connections each process keeps.", default=10, group="Database"
    )
    database_max_overflow: Annotated[int, Meta(ge=0, le=200)] = _setting(
        "Connections each process may open beyond that.", default=5, group="Database"
    )
    todo_data_dir: Path | None = _setting(
        "Where the embedded database and the development key live. Default: the platform's data folder.",
        default=None,
        group="Database",
        converter=attrs.converters.optional(Path),
    )

    jwt_secret_key: str | None = _setting(
        "Signs access tokens; at least 32 random bytes. In development one is made and kept when this is unset.",
        default=None,
        secret=True,
        group="Accounts",
    )
    jwt_algorithm: Algorithm = _setting("`HS256`, `HS384` or `HS512`.", default=Algorithm.HS256, group="Accounts")
    jwt_expiry_days: Annotated[int, Meta(ge=1, le=365)] = _setting(
        "Days that a session lasts.", default=7, group="Accounts"
    )
    session_idle_hours: Annotated[int, Meta(ge=1, le=8760)] = _setting(
        "Hours after which a session ends that nobody uses; seen to five minutes.", default=72, group="Accounts"
    )
    link_secret_keys: tuple[str, ...] = _setting(
        "Sign the links in mails, newest first, separated by commas. Default: derived from `JWT_SECRET_KEY`.",
        default=(),
        secret=True,
        group="Accounts",
    )
    link_token_in: TokenPlace = _setting(
        "Where links carry their token: `query`, or `fragment`, which no server ever sees.",
        default=TokenPlace.QUERY,
        group="Accounts",
    )
    reset_link_minutes: Annotated[int, Meta(ge=1, le=1440)] = _setting(
        "Minutes that a reset link works, at most 1440.", default=60, group="Accounts"
    )
    password_min_length: Annotated[int, Meta(ge=SHORTEST_MINIMUM, le=128)] = _setting(
        "Characters that a new password needs, never under 8.", default=12, group="Accounts"
    )
    password_breach_check: bool = _setting(
        "Whether a new password is looked for among those known from data leaks. Five digits of its SHA-1 leave the"
        " house for that; when no answer comes in two seconds, the password is taken.",
        default=False,
        group="Accounts",
    )
    password_breach_url: str = _setting(
        "Who is asked: Have I Been Pwned, or a mirror of its Pwned Passwords.",
        default=PWNED_PASSWORDS,
        group="Accounts",
        validator=_is_url,
    )
    password_hash_memory_kib: Annotated[int, Meta(ge=OWASP_MINIMUM.memory_cost, le=1_048_576)] = _setting(
        "KiB that one password hash (Argon2id) takes, never under OWASP's 19456. Raise it, and passwords are hashed"
        " anew as their owners log in.",
        default=OWASP_MINIMUM.memory_cost,
        group="Accounts",
    )
    password_hash_passes: Annotated[int, Meta(ge=OWASP_MINIMUM.time_cost, le=20)] = _setting(
        "Passes that one password hash makes over that memory, never under OWASP's 2.",
        default=OWASP_MINIMUM.time_cost,
        group="Accounts",
    )
    email_verification: Literal["required", "optional"] = _setting(
        "Whether an address must be verified before log-in: `required` or `optional`.",
        default="required",
        group="Accounts",
    )
    require_if_match: bool = _setting(
        "Whether a change must name the version it was made from (`If-Match`).", default=False, group="Accounts"
    )

    email_provider: str | None = _setting(
        "`smtp`, `resend`, `postmark`, `sendgrid`, `console`, `file`, or the dotted name of a module of yours; or"
        " several, separated by commas, of which the next is tried when one is down. Default: `console` in"
        " development; must be said in production, where `console` and `file` are refused.",
        default=None,
        group="Mail",
    )
    templates_dir: Path | None = _setting(
        "A folder whose files replace the messages' words and shapes, one by one, or add a language.",
        default=None,
        group="Mail",
        converter=attrs.converters.optional(Path),
    )
    courier: CourierPlace = _setting(
        "Where mail is delivered: `beside` the requests, or `apart` (only by `todo worker`).",
        default=CourierPlace.BESIDE,
        group="Mail",
    )
    outbox_lease_seconds: Annotated[int, Meta(ge=5, le=3600)] = _setting(
        "Seconds after which a mail whose courier vanished is tried by another; must exceed `SMTP_TIMEOUT`.",
        default=90,
        group="Mail",
    )
    outbox_poll_seconds: Annotated[float, Meta(gt=0, le=60)] = _setting(
        "Seconds between looks into the outbox; doubles up to 60 while nothing comes.", default=5.0, group="Mail"
    )
    outbox_max_attempts: Annotated[int, Meta(ge=1, le=1000)] = _setting(
        "Times that a mail is tried at most.", default=50, group="Mail"
    )
    outbox_concurrency: Annotated[int, Meta(ge=1, le=64)] = _setting(
        "Mails on their way at once, for each process.", default=4, group="Mail"
    )

    redis_url: str | None = _setting(
        "Redis to count in, as `redis://` or `rediss://user:password@host:6379/0`; needs the extra `redis`."
        " Default: the database counts.",
        default=None,
        secret=True,
        group="Limits",
        validator=_is_redis,
    )
    rate_limit_enabled: bool = _setting(
        "Whether the general limit counts. Those on log-in, registration and mail always do.",
        default=True,
        group="Limits",
    )
    rate_limit_per_minute: Annotated[int, Meta(ge=1)] = _setting(
        "Requests a minute of one session, or of one address without a session.", default=60, group="Limits"
    )
    rate_limit_login: str = _setting(
        "Log-ins, for each account and each client.", default="5/minute", group="Limits", validator=_is_rate
    )
    rate_limit_login_day: str = _setting(
        "Log-ins for each account that may fail in a row; a log-in and a password reset start the counting anew.",
        default="100/day",
        group="Limits",
        validator=_is_rate,
    )
    rate_limit_register: str = _setting(
        "Registrations, for each address and each client.", default="3/hour", group="Limits", validator=_is_rate
    )
    rate_limit_verify: str = _setting(
        "Verification mails, for each address (silent) and each client.",
        default="3/hour",
        group="Limits",
        validator=_is_rate,
    )
    rate_limit_reset: str = _setting(
        "Reset mails for each address; beyond it the answer is the same, but no mail goes out.",
        default="3/hour",
        group="Limits",
        validator=_is_rate,
    )
    rate_limit_reset_client: str = _setting(
        "Reset requests of each client.", default="20/hour", group="Limits", validator=_is_rate
    )
    rate_limit_bad_tokens: str = _setting(
        "Mailed tokens of each client that do not work; those that do are not counted.",
        default="10/minute",
        group="Limits",
        validator=_is_rate,
    )

    @property
    def is_production(self) -> bool:
        """
        Tell whether this is the real thing.
        """
        return self.environment is Environment.PRODUCTION

    @property
    def backend(self) -> str:
        """
        Return the URL under which the service is reached.
        """
        fallback = self.frontend_url if self.is_production else None
        return self.backend_url or fallback or f"http://localhost:{self.port}"

    @property
    def frontend(self) -> Frontend:
        """
        Return the web page that links lead to.
        """
        return Frontend(self.frontend_url or self.backend, self.link_token_in)

    @property
    def origins(self) -> tuple[str, ...]:
        """
        Return the origins whose pages may call the API.
        """
        return self.allowed_origins or (_origin(self.frontend.url),)

    @property
    def hosts(self) -> tuple[str, ...]:
        """
        Return the host names to answer for.
        """
        return self.allowed_hosts or (self.frontend.host, urlsplit(self.backend).hostname or "localhost")

    @property
    def logs(self) -> str:
        """
        Return the format of the logs.
        """
        return self.log_format or ("json" if self.is_production else "text")

    @property
    def shows_docs(self) -> bool:
        """
        Tell whether there is a page that shows the API.
        """
        return not self.is_production if self.show_docs is None else self.show_docs

    @property
    def described_at(self) -> str:
        """
        Return the path where the API is described: for people, or else for programs only.
        """
        return "/docs" if self.shows_docs else "/api/v1/openapi.json"

    @property
    def data_dir(self) -> Path:
        """
        Return where the embedded database and the development key live.
        """
        return self.todo_data_dir or user_data_path("todo-app")

    @property
    def mail_provider(self) -> str:
        """
        Return the name of the e-mail provider.
        """
        return self.email_provider or "console"

    @property
    def may_show_mail(self) -> bool:
        """
        Tell whether mails may be shown to whoever reaches the service: a developer, on the machine itself.
        """
        return not self.is_production and self.host in _LOOPBACK and not self.trusted_proxy_hops

    @property
    def listen_url(self) -> str | None:
        """
        Return where to LISTEN.
        """
        return self.database_listen_url or self.database_url

    @property
    def is_direct(self) -> bool:
        """
        Tell whether the database is reached without a transaction pooler, which knows no prepared statements.
        """
        return self.database_listen_url is None

    @property
    def link_keys(self) -> tuple[str, ...]:
        """
        Return the keys that sign links, newest first.
        """
        return self.link_secret_keys or (self._derived("links"),)

    @property
    def pseudonym_key(self) -> bytes:
        """
        Return the key that makes rate limits' keys unreadable.
        """
        return self._derived("rate limits").encode()

    @property
    def log_key(self) -> bytes:
        """
        Return the key that makes the log's pseudonyms.
        """
        return self._derived("log").encode()

    @property
    def policy(self) -> Policy:
        """
        Return the numbers that the core works with.
        """
        return Policy(
            frontend=self.frontend,
            reset_life=timedelta(minutes=self.reset_link_minutes),
            session_life=timedelta(days=self.jwt_expiry_days),
            session_idle=timedelta(hours=self.session_idle_hours),
            password_rules=PasswordRules(shortest=self.password_min_length, names=(self.frontend.host,)),
            verification_required=self.email_verification == "required",
            version_required=self.require_if_match,
            limits=self._limits(),
            lease=timedelta(seconds=self.outbox_lease_seconds),
            max_attempts=self.outbox_max_attempts,
        )

    def _derived(self, purpose: str) -> str:
        return hmac.digest((self.jwt_secret_key or "").encode(), purpose.encode(), "sha256").hex()

    def _limits(self) -> Limits:
        usual = Limits()
        general = usual.requests and attrs.evolve(usual.requests, amount=self.rate_limit_per_minute)
        return Limits(
            log_in=_limit(usual.log_in, self.rate_limit_login),
            log_in_day=_limit(usual.log_in_day, self.rate_limit_login_day),
            register=_limit(usual.register, self.rate_limit_register),
            verify=_limit(usual.verify, self.rate_limit_verify),
            reset=_limit(usual.reset, self.rate_limit_reset),
            reset_client=_limit(usual.reset_client, self.rate_limit_reset_client),
            bad_tokens=_limit(usual.bad_tokens, self.rate_limit_bad_tokens),
            requests=general if self.rate_limit_enabled else None,
        )


def _limit(usual: Limit, rate: str) -> Limit:
    item: RateLimitItem = parse(rate)
    return attrs.evolve(usual, amount=item.amount, window=timedelta(seconds=item.get_expiry()))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
