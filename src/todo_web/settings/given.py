"""
What an operator may set.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import attrs
from attrs import frozen
from msgspec import Meta

from todo_adapters.access_tokens import Algorithm
from todo_adapters.argon2 import OWASP_MINIMUM
from todo_adapters.breached_passwords import PWNED_PASSWORDS
from todo_core.model.link import TokenPlace
from todo_core.model.password import SHORTEST_MINIMUM
from todo_web.settings.kinds import (
    CourierPlace,
    Environment,
    are_origins,
    is_database,
    is_rate,
    is_redis,
    is_url,
    needs,
    setting,
    without_slash,
)


@frozen(kw_only=True)
class Given:
    """
    What an operator may set. Each field is the environment variable of its name in capitals.
    """

    environment: Environment = setting(
        "`development` or `production`; production refuses what is only good for trying things out.",
        default=Environment.DEVELOPMENT,
        group="General",
    )
    host: str = setting("The address to bind.", default="127.0.0.1", group="General")
    port: Annotated[int, Meta(ge=1, le=65535)] = setting("The port to bind.", default=8000, group="General")
    workers: Annotated[int, Meta(ge=1, le=256)] = setting("Server processes.", default=1, group="General")
    frontend_url: str | None = setting(
        "The URL of the web page; links in mails lead there. Default: `BACKEND_URL`. Required in production.",
        default=None,
        group="General",
        converter=without_slash,
        validator=is_url,
    )
    backend_url: str | None = setting(
        "The URL under which this service is reached. Default: `http://localhost:` and `PORT`, or in production"
        " `FRONTEND_URL`.",
        default=None,
        group="General",
        converter=without_slash,
        validator=is_url,
    )
    allowed_origins: tuple[str, ...] = setting(
        "Origins whose pages may call the API (CORS), each exactly as browsers send it, separated by commas. Default:"
        " `FRONTEND_URL`.",
        default=(),
        group="General",
        validator=are_origins,
    )
    allowed_hosts: tuple[str, ...] = setting(
        "Host names to answer for, separated by commas. Default: those of `FRONTEND_URL` and `BACKEND_URL`.",
        default=(),
        group="General",
    )
    trusted_proxy_hops: Annotated[int, Meta(ge=0, le=10)] = setting(
        "How many proxies stand in front: that entry of `X-Forwarded-For`, from the right, is the client.",
        default=0,
        group="General",
    )
    show_docs: bool | None = setting(
        "Whether `/docs` shows the API, to read and to try. Default: yes in development, no in production.",
        default=None,
        group="General",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "`DEBUG`, `INFO`, `WARNING` or `ERROR`.", default="INFO", group="General"
    )
    log_format: Literal["json", "text"] | None = setting(
        "`json` or `text`. Default: `text` in development, `json` in production.", default=None, group="General"
    )

    database_url: str | None = setting(
        "PostgreSQL, as `postgresql://user:password@host/database`. In development an embedded one is started"
        " when this is unset.",
        default=None,
        secret=True,
        group="Database",
        validator=is_database,
    )
    database_listen_url: str | None = setting(
        "A direct URL, for LISTEN and migrations, when `DATABASE_URL` goes through a transaction pooler. Default:"
        " `DATABASE_URL`.",
        default=None,
        secret=True,
        group="Database",
        validator=is_database,
    )
    database_tls_unverified: bool = setting(
        "Whether production may reach a database beyond the own network over `sslmode=require`, which encrypts but"
        " does not look at whom it talks to. Without it, it must be `verify-full`.",
        default=False,
        group="Database",
    )
    database_pool_size: Annotated[int, Meta(ge=1, le=200)] = setting(
        "Connections each process keeps.", default=10, group="Database"
    )
    database_max_overflow: Annotated[int, Meta(ge=0, le=200)] = setting(
        "Connections each process may open beyond that.", default=5, group="Database"
    )
    todo_data_dir: Path | None = setting(
        "Where the embedded database and the development key live. Default: the platform's data folder.",
        default=None,
        group="Database",
        converter=attrs.converters.optional(Path),
    )

    jwt_secret_key: str | None = setting(
        "Signs access tokens; at least 32 random bytes. In development one is made and kept when this is unset.",
        default=None,
        secret=True,
        group="Accounts",
    )
    jwt_algorithm: Algorithm = setting("`HS256`, `HS384` or `HS512`.", default=Algorithm.HS256, group="Accounts")
    jwt_expiry_days: Annotated[int, Meta(ge=1, le=365)] = setting(
        "Days that a session lasts.", default=7, group="Accounts"
    )
    session_idle_hours: Annotated[int, Meta(ge=1, le=8760)] = setting(
        "Hours after which a session ends that nobody uses; seen to five minutes.", default=72, group="Accounts"
    )
    link_secret_keys: tuple[str, ...] = setting(
        "Sign the links in mails, newest first, separated by commas. Default: derived from `JWT_SECRET_KEY`.",
        default=(),
        secret=True,
        group="Accounts",
    )
    link_token_in: TokenPlace = setting(
        "Where links carry their token: `query`, or `fragment`, which no server ever sees.",
        default=TokenPlace.QUERY,
        group="Accounts",
    )
    reset_link_minutes: Annotated[int, Meta(ge=1, le=1440)] = setting(
        "Minutes that a reset link works, at most 1440.", default=60, group="Accounts"
    )
    password_min_length: Annotated[int, Meta(ge=SHORTEST_MINIMUM, le=128)] = setting(
        "Characters that a new password needs, never under 8.", default=12, group="Accounts"
    )
    password_breach_check: bool = setting(
        "Whether a new password is looked for among those known from data leaks. Five digits of its SHA-1 leave the"
        " house for that; when no answer comes in two seconds, the password is taken.",
        default=False,
        group="Accounts",
    )
    password_breach_url: str = setting(
        "Who is asked: Have I Been Pwned, or a mirror of its Pwned Passwords.",
        default=PWNED_PASSWORDS,
        group="Accounts",
        validator=is_url,
    )
    password_hash_memory_kib: Annotated[int, Meta(ge=OWASP_MINIMUM.memory_cost, le=1_048_576)] = setting(
        "KiB that one password hash (Argon2id) takes, never under OWASP's 19456. Raise it, and passwords are hashed"
        " anew as their owners log in.",
        default=OWASP_MINIMUM.memory_cost,
        group="Accounts",
    )
    password_hash_passes: Annotated[int, Meta(ge=OWASP_MINIMUM.time_cost, le=20)] = setting(
        "Passes that one password hash makes over that memory, never under OWASP's 2.",
        default=OWASP_MINIMUM.time_cost,
        group="Accounts",
    )
    email_verification: Literal["required", "optional"] = setting(
        "Whether an address must be verified before log-in: `required` or `optional`.",
        default="required",
        group="Accounts",
    )
    require_if_match: bool = setting(
        "Whether a change must name the version it was made from (`If-Match`).", default=False, group="Accounts"
    )

    email_provider: str | None = setting(
        "`smtp`, `resend`, `postmark`, `sendgrid`, `console`, `file`, or the dotted name of a module of yours; or"
        " several, separated by commas, of which the next is tried when one is down. Default: `console` in"
        " development; must be said in production, where `console` and `file` are refused.",
        default=None,
        group="Mail",
    )
    templates_dir: Path | None = setting(
        "A folder whose files replace the messages' words and shapes, one by one, or add a language.",
        default=None,
        group="Mail",
        converter=attrs.converters.optional(Path),
    )
    courier: CourierPlace = setting(
        "Where mail is delivered: `beside` the requests, or `apart` (only by `todo worker`).",
        default=CourierPlace.BESIDE,
        group="Mail",
    )
    courier_hook_token: str | None = setting(
        "Whoever bears it (`Authorization: Bearer`) may have mail delivered by `POST /api/v1/hooks/courier`, where"
        " nothing runs beside the requests; at least 32 random bytes. Default: there is no such address.",
        default=None,
        secret=True,
        group="Mail",
    )
    outbox_lease_seconds: Annotated[int, Meta(ge=5, le=3600)] = setting(
        "Seconds after which a mail whose courier vanished is tried by another; must exceed `SMTP_TIMEOUT`.",
        default=90,
        group="Mail",
    )
    outbox_poll_seconds: Annotated[float, Meta(gt=0, le=60)] = setting(
        "Seconds between looks into the outbox; doubles up to 60 while nothing comes.", default=5.0, group="Mail"
    )
    outbox_max_attempts: Annotated[int, Meta(ge=1, le=1000)] = setting(
        "Times that a mail is tried at most.", default=50, group="Mail"
    )
    outbox_concurrency: Annotated[int, Meta(ge=1, le=64)] = setting(
        "Mails on their way at once, for each process.", default=4, group="Mail"
    )

    redis_url: str | None = setting(
        "Redis to count in, as `redis://` or `rediss://user:password@host:6379/0`; needs the extra `redis`."
        " Default: the database counts.",
        default=None,
        secret=True,
        group="Limits",
        validator=is_redis,
    )
    rate_limit_enabled: bool = setting(
        "Whether the general limit counts. Those on log-in, registration and mail always do.",
        default=True,
        group="Limits",
    )
    rate_limit_per_minute: Annotated[int, Meta(ge=1)] = setting(
        "Requests a minute of one session, or of one address without a session.", default=60, group="Limits"
    )
    rate_limit_login: str = setting(
        "Log-ins, for each account and each client.", default="5/minute", group="Limits", validator=is_rate
    )
    rate_limit_login_day: str = setting(
        "Log-ins for each account that may fail in a row; a log-in and a password reset start the counting anew.",
        default="100/day",
        group="Limits",
        validator=is_rate,
    )
    rate_limit_register: str = setting(
        "Registrations, for each address and each client.", default="3/hour", group="Limits", validator=is_rate
    )
    rate_limit_verify: str = setting(
        "Verification mails, for each address (silent) and each client.",
        default="3/hour",
        group="Limits",
        validator=is_rate,
    )
    rate_limit_reset: str = setting(
        "Reset mails for each address; beyond it the answer is the same, but no mail goes out.",
        default="3/hour",
        group="Limits",
        validator=is_rate,
    )
    rate_limit_reset_client: str = setting(
        "Reset requests of each client.", default="20/hour", group="Limits", validator=is_rate
    )
    rate_limit_bad_tokens: str = setting(
        "Mailed tokens of each client that do not work; those that do are not counted.",
        default="10/minute",
        group="Limits",
        validator=is_rate,
    )

    metrics_port: Annotated[int, Meta(ge=1, le=65535)] | None = setting(
        "A port of its own for `GET /metrics`, on `HOST`: keep it within your own network. `todo worker` has it too."
        " Needs the extra `metrics`. Default: no metrics.",
        default=None,
        group="Watching",
        validator=needs("prometheus_client", "metrics"),
    )
    metrics_token: str | None = setting(
        "Whoever asks for the metrics must bear it (`Authorization: Bearer`); at least 32 random bytes. Without"
        " `METRICS_PORT` they are then told at `PORT`. Needs the extra `metrics`.",
        default=None,
        secret=True,
        group="Watching",
        validator=needs("prometheus_client", "metrics"),
    )
    otel_exporter_otlp_endpoint: str | None = setting(
        "Where traces go (OpenTelemetry, OTLP over HTTP), such as `http://collector:4318`. Needs the extra"
        " `opentelemetry`. Default: no traces.",
        default=None,
        group="Watching",
        validator=[is_url, needs("opentelemetry.exporter.otlp.proto.http", "opentelemetry")],
    )
    sentry_dsn: str | None = setting(
        "The project in Sentry that is told of faults of ours, without what was asked and by whom. Needs the extra"
        " `sentry`. Default: nobody is told.",
        default=None,
        secret=True,
        group="Watching",
        validator=[is_url, needs("sentry_sdk", "sentry")],
    )
