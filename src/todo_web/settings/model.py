"""
The settings, and what follows from them.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import attrs
from attrs import frozen
from limits import RateLimitItem, parse
from platformdirs import user_data_path

from todo_core.model.limit import Limit
from todo_core.model.link import Frontend
from todo_core.model.password import PasswordRules
from todo_core.model.policy import Limits, Policy
from todo_web.settings.given import Given
from todo_web.settings.kinds import CourierPlace, Environment

__all__ = ["CourierPlace", "Environment", "Settings"]

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@frozen(kw_only=True)
class Settings(Given):
    """
    What an operator set, and what the program reads off it.
    """

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
    def is_for_one_developer(self) -> bool:
        """
        Tell whether nobody reaches the service but a developer, on the machine itself.
        """
        return not self.is_production and self.host in _LOOPBACK and not self.trusted_proxy_hops

    @property
    def may_show_mail(self) -> bool:
        """
        Tell whether mails may be shown to whoever reaches the service.
        """
        return self.is_for_one_developer

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
    def is_watched(self) -> bool:
        """
        Tell whether metrics are counted.
        """
        return self.metrics_port is not None or self.metrics_token is not None

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
