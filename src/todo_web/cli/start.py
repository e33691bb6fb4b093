"""
How a command begins, with settings, a database and a container, and what it says when it cannot go on.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from typing import NoReturn, TypeVar

import attrs
import click

from todo_adapters.postgres import migrate
from todo_adapters.postgres.embedded import EmbeddedServerMissing, embedded_postgres
from todo_core.core import Core
from todo_core.errors import DomainError, InvalidInput
from todo_web.app import opened
from todo_web.container import Container
from todo_web.logs import configure_logging, fault_listener
from todo_web.settings import InvalidSettings, Settings, load_settings, surroundings, with_development_key

T = TypeVar("T")

Sentences = Mapping[type[DomainError], str]
"""What to say to an operator when the core says no."""

_OUT_OF_REACH = "The database cannot be reached: look at DATABASE_URL, or try again."


def read_settings() -> Settings:
    """
    Return the settings, or end the program with all that is wrong with them.
    """
    try:
        settings = with_development_key(load_settings(surroundings()))
    except InvalidSettings as error:
        give_up("The settings cannot be used:", *error.problems)
    listener = fault_listener(settings.sentry_dsn, settings.environment)
    configure_logging(level=settings.log_level, log_format=settings.logs, listener=listener)
    return settings


@contextmanager
def database(settings: Settings) -> Generator[str]:
    """
    Yield the database's URL; an embedded one is started for the block, at the newest schema.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    try:
        with embedded_postgres(settings.data_dir / "postgres") as url:
            migrate.upgrade(url)
            os.environ["DATABASE_URL"] = url
            yield url
    except EmbeddedServerMissing as error:
        give_up(str(error))


@contextmanager
def direct_database(settings: Settings) -> Generator[str]:
    """
    Yield the database's URL for what needs a session of its own: one that leads past a transaction pooler.
    """
    with database(settings) as url:
        yield settings.database_listen_url or url


def container_on(url: str, settings: Settings) -> Container:
    """
    Return a container whose database is at *url*.
    """
    return Container(settings=attrs.evolve(settings, database_url=url), surroundings=surroundings())


def ask_core(question: Callable[[Core], Awaitable[T]], *, sentences: Sentences) -> T:
    """
    Return what the core answers to *question*, or end the program with a sentence.
    """

    async def ask(container: Container) -> T:
        async with opened(container):
            return await question(container.core())

    settings = read_settings()
    with speaking_plainly(sentences), database(settings) as url:
        return asyncio.run(ask(container_on(url, settings)))


@contextmanager
def speaking_plainly(sentences: Sentences | None = None) -> Generator[None]:
    """
    End the program with a sentence where the core says no, or the database does not answer.
    """
    try:
        yield
    except InvalidInput as error:
        give_up(error.detail)
    except DomainError as error:
        give_up((sentences or {}).get(type(error), _OUT_OF_REACH))


def give_up(*lines: str) -> NoReturn:
    """
    End the program, saying why.
    """
    click.echo("\n  ".join(lines), err=True)
    raise SystemExit(1)
