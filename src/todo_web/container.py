"""
The composition root: which adapter serves which port.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dependency_injector import containers, providers
from limits.aio.storage import Storage
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_adapters.access_tokens import JwtAccessTokens
from todo_adapters.argon2 import OWASP_MINIMUM, Argon2PasswordHasher
from todo_adapters.breached_passwords import HibpBreachedPasswords, NoBreachedPasswords
from todo_adapters.clock import SystemClock
from todo_adapters.common_passwords import BundledCommonPasswords
from todo_adapters.email import load_email_service
from todo_adapters.email.console import ConsoleEmailService
from todo_adapters.links import ItsdangerousLinkSigner
from todo_adapters.mail_hooks import load_mail_hooks
from todo_adapters.metered import MeteredEmailService, MeteredRateLimiter
from todo_adapters.postgres.change_signal import PostgresChangeSignal
from todo_adapters.postgres.engine import create_engine, pool_state
from todo_adapters.postgres.mail_signal import PostgresMailSignal
from todo_adapters.postgres.rate_limits import PostgresStorage
from todo_adapters.postgres.readiness import check_database, check_schema, read_clock
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork
from todo_adapters.randomness import SystemRandomness
from todo_adapters.rate_limits import LimitsRateLimiter
from todo_adapters.redis_counters import RedisCounters
from todo_adapters.templates import JinjaMessageRenderer
from todo_core.core import Core
from todo_core.model.email import EmailMessage
from todo_core.ports import (
    AccessTokens,
    BreachedPasswords,
    Clock,
    CommonPasswords,
    EmailService,
    LinkSigner,
    MailHook,
    MessageRenderer,
    Ports,
    Randomness,
    RateLimiter,
    UnitOfWork,
)
from todo_web.courier import Courier, CourierWatch, Unwatched
from todo_web.doctor.examination import Doctor
from todo_web.draining import Drain
from todo_web.metrics import catalog
from todo_web.places import Places
from todo_web.probes import check_mail, check_outbox
from todo_web.problems import Problems
from todo_web.settings import Settings
from todo_web.state import Probe
from todo_web.streams import Streams

if TYPE_CHECKING:
    from todo_web.metrics.catalog import Metric
    from todo_web.metrics.mail import MailMeter
    from todo_web.metrics.meter import Meter
    from todo_web.metrics.watch import Watch
    from todo_web.tracing import Tracing

REQUEST_GRACE = 3
"""Seconds that requests in flight have when the program is told to end."""

MAIL_GRACE = 5.0
"""Seconds that mails in flight have after that."""


def _redis(url: str | None) -> RedisCounters | None:
    return None if url is None else RedisCounters(url)


def _counters(redis: RedisCounters | None, engine: AsyncEngine) -> Storage:
    return PostgresStorage(engine=engine) if redis is None else redis


def _examined(probes: Mapping[str, Probe], redis: RedisCounters | None) -> dict[str, Probe]:
    return {**probes} if redis is None else {**probes, "redis": redis.examine}


def _meter(settings: Settings) -> Meter | None:
    if not settings.is_watched:
        return None
    from todo_web.metrics.meter import Meter  # noqa: PLC0415 - an extra: who does not want it lacks it

    return Meter()


def _mail_meter(meter: Meter | None, clock: Clock) -> MailMeter | None:
    if meter is None:
        return None
    from todo_web.metrics.mail import MailMeter  # noqa: PLC0415 - as above

    return MailMeter(meter, clock)


def _watch_of(meter: MailMeter | None) -> CourierWatch:
    return Unwatched() if meter is None else meter


def _email(provider: str, environment: Mapping[str, str], meter: MailMeter | None) -> EmailService:
    if meter is None:
        return load_email_service(provider, environment)
    sent = meter.sent
    return load_email_service(provider, environment, lambda name, service: MeteredEmailService(name, service, sent))


def _limiter(limiter: LimitsRateLimiter, meter: Meter | None) -> RateLimiter:
    if meter is None:
        return limiter
    return MeteredRateLimiter(limiter, partial(meter.add, catalog.LIMITS))


def _looks(
    settings: Settings, engine: AsyncEngine, hasher: Argon2PasswordHasher, hashing: Places, streams: Streams
) -> Mapping[Metric, Callable[[], float]]:
    most = settings.database_pool_size + settings.database_max_overflow
    return {
        catalog.CONNECTIONS: lambda: pool_state(engine).open,
        catalog.CONNECTIONS_IN_USE: lambda: pool_state(engine).in_use,
        catalog.CONNECTIONS_AWAITED: lambda: pool_state(engine).awaited,
        catalog.CONNECTIONS_REFUSED: lambda: pool_state(engine).refused,
        catalog.CONNECTIONS_MOST: lambda: most,
        catalog.HASHING: lambda: hasher.running,
        catalog.HASHES_WAITING: lambda: hasher.waiting,
        catalog.HASHES_REFUSED: lambda: hasher.refused + hashing.refused,
        catalog.STREAMS: lambda: streams.open,
    }


def _watch(
    meter: Meter | None,
    settings: Settings,
    looks: Mapping[Metric, Callable[[], float]],
    core: Core,
    clock: Clock,
) -> Watch | None:
    if meter is None:
        return None
    from todo_web.metrics.deployment import Deployment  # noqa: PLC0415 - as above
    from todo_web.metrics.sampler import Sampler, of_the_process  # noqa: PLC0415 - as above
    from todo_web.metrics.watch import Watch  # noqa: PLC0415 - as above

    return Watch(
        meter=meter,
        sampler=Sampler(meter, {**of_the_process(), catalog.IN_FLIGHT: lambda: meter.in_flight, **looks}),
        deployment=Deployment(core.count_mail, clock),
        problems=Problems(settings.backend),
        host=settings.host,
        port=settings.metrics_port,
        token=settings.metrics_token,
    )


def _tracing(endpoint: str | None) -> Tracing | None:
    if endpoint is None:
        return None
    from todo_web.tracing import Tracing, exporter_to  # noqa: PLC0415 - as above

    return Tracing(exporter_to(endpoint))


def _unmetered(email: EmailService) -> EmailService:
    return email.service if isinstance(email, MeteredEmailService) else email


def _shown(email: EmailService) -> Collection[EmailMessage] | None:
    email = _unmetered(email)
    return email.shown if isinstance(email, ConsoleEmailService) else None


def _breached_passwords(asked: bool, url: str) -> BreachedPasswords:  # noqa: FBT001 - the container hands it over
    return HibpBreachedPasswords(url) if asked else NoBreachedPasswords()


class Container(containers.DeclarativeContainer):
    """
    Everything the program is made of; each thing is made once, when it is first asked for.
    """

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    surroundings: providers.Dependency[dict[str, str]] = providers.Dependency(instance_of=dict)

    engine: providers.Provider[AsyncEngine] = providers.Singleton(
        create_engine,
        settings.provided.database_url,
        pool_size=settings.provided.database_pool_size,
        max_overflow=settings.provided.database_max_overflow,
        direct=settings.provided.is_direct,
    )
    mail_signal: providers.Provider[PostgresMailSignal] = providers.Singleton(
        PostgresMailSignal, engine, settings.provided.listen_url
    )
    change_signal: providers.Provider[PostgresChangeSignal] = providers.Singleton(
        PostgresChangeSignal, engine, settings.provided.listen_url
    )
    streams: providers.Provider[Streams] = providers.Singleton(Streams, change_signal)
    redis: providers.Provider[RedisCounters | None] = providers.Singleton(_redis, settings.provided.redis_url)
    rate_limit_storage: providers.Provider[Storage] = providers.Singleton(_counters, redis, engine)

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    meter: providers.Provider[Meter | None] = providers.Singleton(_meter, settings)
    mail_meter: providers.Provider[MailMeter | None] = providers.Singleton(_mail_meter, meter, clock)
    randomness: providers.Provider[Randomness] = providers.Singleton(SystemRandomness)
    hasher: providers.Provider[Argon2PasswordHasher] = providers.Singleton(
        Argon2PasswordHasher,
        providers.Callable(
            replace,
            OWASP_MINIMUM,
            memory_cost=settings.provided.password_hash_memory_kib,
            time_cost=settings.provided.password_hash_passes,
        ),
    )
    hashing: providers.Provider[Places] = providers.Singleton(Places, hasher.provided.places)
    common_passwords: providers.Provider[CommonPasswords] = providers.Singleton(BundledCommonPasswords)
    breached_passwords: providers.Provider[BreachedPasswords] = providers.Singleton(
        _breached_passwords, settings.provided.password_breach_check, settings.provided.password_breach_url
    )
    email: providers.Provider[EmailService] = providers.Singleton(
        _email, settings.provided.mail_provider, surroundings, mail_meter
    )
    mail_hooks: providers.Provider[Mapping[str, MailHook]] = providers.Singleton(load_mail_hooks, surroundings)
    shown_mail: providers.Provider[Collection[EmailMessage] | None] = providers.Callable(_shown, email)
    renderer: providers.Provider[MessageRenderer] = providers.Singleton(
        JinjaMessageRenderer, settings.provided.templates_dir
    )
    link_signer: providers.Provider[LinkSigner] = providers.Singleton(
        ItsdangerousLinkSigner, settings.provided.link_keys
    )
    access_tokens: providers.Provider[AccessTokens] = providers.Singleton(
        JwtAccessTokens, settings.provided.jwt_secret_key, algorithm=settings.provided.jwt_algorithm
    )
    rate_limiter: providers.Provider[RateLimiter] = providers.Singleton(
        _limiter,
        providers.Singleton(LimitsRateLimiter, rate_limit_storage, settings.provided.pseudonym_key),
        meter,
    )
    unit_of_work: providers.Provider[UnitOfWork] = providers.Singleton(
        PostgresUnitOfWork, engine, mail_signal.provided.ring, change_signal.provided.ring
    )

    ports: providers.Provider[Ports] = providers.Singleton(
        Ports,
        clock=clock,
        randomness=randomness,
        hasher=hasher,
        common_passwords=common_passwords,
        breached_passwords=breached_passwords,
        email=email,
        mail_hooks=mail_hooks,
        renderer=renderer,
        link_signer=link_signer,
        access_tokens=access_tokens,
        rate_limiter=rate_limiter,
        unit_of_work=unit_of_work,
    )
    core: providers.Provider[Core] = providers.Singleton(Core.build, ports, settings.provided.policy)
    courier: providers.Provider[Courier] = providers.Factory(
        Courier,
        mail=core.provided.deliver_mail,
        signal=mail_signal,
        slots=settings.provided.outbox_concurrency,
        poll=settings.provided.outbox_poll_seconds,
        grace=MAIL_GRACE,
        watch=providers.Callable(_watch_of, mail_meter),
    )
    drain: providers.Provider[Drain] = providers.Singleton(Drain, courier.provider, core.provided.prune)
    tracing: providers.Provider[Tracing | None] = providers.Singleton(
        _tracing, settings.provided.otel_exporter_otlp_endpoint
    )
    watch: providers.Provider[Watch | None] = providers.Singleton(
        _watch,
        meter,
        settings,
        providers.Factory(_looks, settings, engine, hasher, hashing, streams),
        core,
        clock,
    )
    probes: providers.Provider[dict[str, Probe]] = providers.Singleton(
        dict,
        database=providers.Factory(partial[Any], check_database, engine),
        schema=providers.Factory(partial[Any], check_schema, engine),
        outbox=providers.Factory(partial[Any], check_outbox, ports),
    )
    all_probes: providers.Provider[dict[str, Probe]] = providers.Factory(_examined, probes, redis)
    mail_probe: providers.Provider[Probe] = providers.Factory(partial[Any], check_mail, email)
    doctor: providers.Provider[Doctor] = providers.Factory(
        Doctor,
        ports=ports,
        probes=all_probes,
        database_time=providers.Factory(partial[Any], read_clock, engine),
        provider=settings.provided.mail_provider,
        host=settings.provided.frontend.host,
    )
