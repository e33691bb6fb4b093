"""
The ASGI application.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from todo_web import openapi
from todo_web.audit import Pseudonyms
from todo_web.container import Container
from todo_web.ending import told_to_end
from todo_web.logs import configure_logging, fault_listener
from todo_web.middleware.cors import CrossOrigin
from todo_web.middleware.request_log import RequestLog
from todo_web.middleware.security_headers import SecurityHeaders
from todo_web.middleware.trusted_hosts import TrustedHosts
from todo_web.operations import routes
from todo_web.pages import Files
from todo_web.places import Places
from todo_web.problems import Problems
from todo_web.pruning import prune_hourly
from todo_web.routes import offered
from todo_web.routes.dev_mail import Mailbox
from todo_web.routes.dev_todo_backend import OpenToAll, TodoBackend
from todo_web.routes.pages import ASSETS
from todo_web.settings import CourierPlace, load_settings, surroundings, with_development_key
from todo_web.state import Shared
from todo_web.version import VERSION
from todo_web.web_page import WebPage

if TYPE_CHECKING:
    from todo_web.metrics.watch import Watch

_GC_THRESHOLD = 50_000

_IMPORTS = 2
"""At once: a file of 10 MiB can take some 250 MiB of memory while it is read."""


def create_app(container: Container) -> ASGIApp:
    """
    Return the application around the adapters of *container*.

    The layers outside the routes reach every response there is, those to errors too.
    """
    container.check_dependencies()
    settings = container.settings()
    problems = Problems(settings.backend)
    starlette = Starlette(
        routes=[
            *routes(offered(docs=settings.shows_docs)),
            *_dev_mail(container),
            *_dev_todo_backend(container),
            ASSETS,
            Mount("/static", Files(docs=settings.shows_docs)),
        ],
        exception_handlers=problems.handlers(),
        lifespan=partial(_lifespan, container),
    )
    starlette.router.redirect_slashes = False
    app: ASGIApp = TrustedHosts(starlette, problems=problems, hosts=settings.hosts)
    watch = _watch(container)
    if watch is not None:
        app = watch.door(app)
    if (tracing := container.tracing()) is not None:
        app = tracing.traced(app)
    app = RequestLog(app, problems=problems)
    app = logged = app if watch is None else watch.metered(app)
    app = CrossOrigin(app, origins=settings.origins)
    if settings.is_for_one_developer:
        app = OpenToAll(logged, others=app)
    return SecurityHeaders(app, hsts=settings.is_production)


def _dev_mail(container: Container) -> list[Route]:
    shown = container.shown_mail() if container.settings().may_show_mail else None
    return [] if shown is None else Mailbox(shown).routes()


def _dev_todo_backend(container: Container) -> list[Route]:
    settings = container.settings()
    if not settings.is_for_one_developer:
        return []
    return TodoBackend(settings.backend, container.unit_of_work()).routes()


def _watch(container: Container) -> Watch | None:
    return container.watch() if container.settings().is_watched else None


def create() -> ASGIApp:
    """
    Return the application as a server process makes it: settings from the environment.

    Raises:
        InvalidSettings: some are wrong.
    """
    environment = surroundings()
    settings = with_development_key(load_settings(environment))
    listener = fault_listener(settings.sentry_dsn, settings.environment)
    configure_logging(level=settings.log_level, log_format=settings.logs, listener=listener)
    return create_app(Container(settings=settings, surroundings=environment))


def describe(*, docs: bool = True) -> bytes:
    """
    Return the OpenAPI document, as JSON; without *docs* it leaves out the page that shows it.
    """
    return msgspec.json.encode(openapi.document(offered(docs=docs), version=VERSION))


@asynccontextmanager
async def delivering(container: Container) -> AsyncGenerator[None]:
    """
    Deliver mail, and forget what is old, while the block runs.
    """
    async with AsyncExitStack() as stack:
        for name, work in (
            ("mail-signal", container.mail_signal().listen()),
            ("pruning", prune_hourly(container.core().prune)),
        ):
            stack.push_async_callback(_ended, asyncio.create_task(work, name=name))
        await stack.enter_async_context(container.courier().running())
        yield


@asynccontextmanager
async def opened(container: Container) -> AsyncGenerator[None]:
    """
    Close, when the block ends, what the adapters hold open.
    """
    try:
        yield
    finally:
        container.hasher().close()
        await container.email().close()
        await container.breached_passwords().close()
        await container.mail_signal().close()
        await container.change_signal().close()
        if (redis := container.redis()) is not None:
            await redis.close()
        await container.engine().dispose()


@asynccontextmanager
async def watched(container: Container) -> AsyncGenerator[None]:
    """
    Tell how full things are, and where the time goes, while the block runs, if anybody wants to know.
    """
    async with AsyncExitStack() as stack:
        if (watch := _watch(container)) is not None:
            await stack.enter_async_context(watch.running())
        if (tracing := container.tracing()) is not None:
            await stack.enter_async_context(tracing.running())
        yield


@asynccontextmanager
async def _lifespan(container: Container, _: Any) -> AsyncGenerator[Shared]:
    settings = container.settings()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(opened(container))
        state = Shared(
            core=container.core(),
            probes=container.probes(),
            problems=Problems(settings.backend),
            backend=settings.backend,
            trusted_proxy_hops=settings.trusted_proxy_hops,
            hashing=container.hashing(),
            imports=Places(_IMPORTS),
            pseudonyms=Pseudonyms(settings.log_key),
            origins=settings.origins,
            locales=container.renderer().locales,
            openapi=describe(docs=settings.shows_docs),
            described_at=settings.described_at,
            streams=container.streams(),
            web_page=WebPage(),
            drain=container.drain(),
            courier_hook_token=settings.courier_hook_token,
        )
        stack.push_async_callback(state["drain"].end)
        await stack.enter_async_context(watched(container))
        listening = asyncio.create_task(container.change_signal().listen(), name="change-signal")
        stack.push_async_callback(_ended, listening)
        stack.enter_context(told_to_end(container.streams().end))
        if settings.courier is CourierPlace.BESIDE:
            await stack.enter_async_context(delivering(container))
        gc.freeze()
        gc.set_threshold(_GC_THRESHOLD)
        yield state


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
