"""
The composition root: no type checker sees the arguments of its providers, so a test builds them all.
"""

from __future__ import annotations

import pytest
from dependency_injector import providers

from tests.support.server import KEY
from todo_adapters.breached_passwords import HibpBreachedPasswords, NoBreachedPasswords
from todo_adapters.email_chain import ChainEmailService
from todo_adapters.metered import MeteredEmailService
from todo_adapters.postgres.rate_limits import PostgresStorage
from todo_adapters.redis_counters import RedisCounters
from todo_core.core import Core
from todo_web.container import Container
from todo_web.settings import load_settings

ENVIRONMENT = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "JWT_SECRET_KEY": KEY}
WITH_REDIS = {**ENVIRONMENT, "REDIS_URL": "redis://127.0.0.1:1"}
WITH_ALL = {**WITH_REDIS, "METRICS_PORT": "9", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}


def test_every_provider_builds() -> None:
    """
    Each provider makes its thing; nothing is connected to yet.
    """
    container = Container(settings=load_settings(WITH_ALL), surroundings=WITH_ALL)
    for provider in container.traverse([providers.Singleton, providers.Factory]):
        assert provider() is not None
    assert isinstance(container.core(), Core)


@pytest.mark.parametrize(
    ("environment", "storage", "probes"),
    [
        (ENVIRONMENT, PostgresStorage, {"database", "schema", "outbox"}),
        (WITH_REDIS, RedisCounters, {"database", "schema", "outbox", "redis"}),
    ],
)
def test_who_counts(environment: dict[str, str], storage: type, probes: set[str]) -> None:
    """
    The database counts for the limits, or Redis, where there is one; the service is ready with or without Redis.
    """
    container = Container(settings=load_settings(environment), surroundings=environment)
    assert isinstance(container.rate_limit_storage(), storage)
    assert set(container.all_probes()) == probes
    assert set(container.probes()) == probes - {"redis"}


@pytest.mark.parametrize(("said", "kind"), [("false", NoBreachedPasswords), ("true", HibpBreachedPasswords)])
def test_who_is_asked_about_passwords(said: str, kind: type) -> None:
    """
    Nobody, unless the operator wants it.
    """
    environment = ENVIRONMENT | {"PASSWORD_BREACH_CHECK": said}
    container = Container(settings=load_settings(environment), surroundings=environment)
    assert type(container.breached_passwords()) is kind


def test_mail_is_shown_though_it_is_counted() -> None:
    """
    The page that shows mail in development finds the terminal's service behind what counts.
    """
    environment = ENVIRONMENT | {"METRICS_TOKEN": KEY}
    container = Container(settings=load_settings(environment), surroundings=environment)
    assert isinstance(container.email(), MeteredEmailService)
    assert container.shown_mail() is not None


def test_each_provider_of_a_chain_is_counted() -> None:
    """
    By its own name: whoever watches sees that the first choice fails.
    """
    environment = ENVIRONMENT | {
        "METRICS_TOKEN": KEY,
        "EMAIL_PROVIDER": "resend,smtp",
        "RESEND_API_KEY": KEY,
        "SMTP_HOST": "localhost",
        "SMTP_FROM_EMAIL": "todo@acme.org",
    }
    chain = Container(settings=load_settings(environment), surroundings=environment).email()
    assert isinstance(chain, ChainEmailService)
    assert {name: getattr(link, "name", None) for name, link in chain._links.items()} == {
        "resend": "resend",
        "smtp": "smtp",
    }


def test_two_containers_share_nothing() -> None:
    """
    Each container has adapters of its own.
    """
    first, second = (
        Container(settings=load_settings(ENVIRONMENT | {"PORT": port}), surroundings=ENVIRONMENT)
        for port in ("8001", "8002")
    )
    assert first.core() is first.core()
    assert first.core() is not second.core()
    assert (first.settings().port, second.settings().port) == (8001, 8002)
