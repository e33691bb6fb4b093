"""
The command line: ``todo serve``, ``todo worker``, ``todo migrate``, ``todo check`` and an operator's tools.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, TypeVar

import attrs
import click
import uvicorn

from todo_adapters.postgres import migrate
from todo_adapters.postgres.embedded import EmbeddedServerMissing, embedded_postgres
from todo_core.core import Core
from todo_core.errors import Conflict, DomainError, InvalidInput, NotFound
from todo_core.model.email import EmailAddress
from todo_core.model.password import Password
from todo_web.app import delivering, describe, opened
from todo_web.container import SHUTDOWN_GRACE, Container
from todo_web.logs import configure_logging
from todo_web.probes import SOUND, ask
from todo_web.settings import InvalidSettings, Settings, load_settings, surroundings, with_development_key
from todo_web.version import VERSION

T = TypeVar("T")


@click.group()
@click.version_option(VERSION, prog_name="todo")
def main() -> None:
    """
    Run a todo service whose password reset never fails the person who forgot.
    """


@main.command()
def serve() -> None:
    """
    Serve the API and its pages, and deliver mail beside them.

    In development, without DATABASE_URL, an embedded PostgreSQL is started; the schema is brought up to date;
    mails are shown here instead of being sent.
    """
    settings = _settings()
    with _ending_cleanly(), _speaking_plainly(), _database(settings) as url:
        if not settings.is_production:
            migrate.upgrade(url)
            _greet(settings)
        uvicorn.run(
            "todo_web.app:create",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            http="httptools",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(SHUTDOWN_GRACE),
        )


@main.command()
def worker() -> None:
    """
    Deliver mail, and nothing else.
    """
    settings = _settings()
    with _ending_cleanly(), _database(settings) as url:
        container = _container(settings, url)
        asyncio.run(_deliver_until_told(container))


@main.group(name="migrate")
def migrate_group() -> None:
    """
    Bring the database's schema up to date, back, or tell where it stands.
    """


@migrate_group.command()
def up() -> None:
    """
    Bring the schema to the newest revision; any number may do so at once.
    """
    with _speaking_plainly(), _database(_settings()) as url:
        migrate.upgrade(url)
        click.echo(f"The schema is at {migrate.head()}.")


@migrate_group.command()
@click.argument("revision")
@click.confirmation_option(prompt="Going back can lose data. Go on?")
def down(revision: str) -> None:
    """
    Take the schema back to REVISION ("base" is empty).
    """
    with _speaking_plainly(), _database(_settings()) as url:
        migrate.downgrade(url, revision)
        click.echo(f"The schema is at {revision}.")


@migrate_group.command()
def status() -> None:
    """
    Tell where the schema stands; the exit code is 1 when it is behind.
    """
    with _speaking_plainly(), _database(_settings()) as url:
        found = migrate.status(url)
    click.echo(f"The schema is at {found.current or 'nothing'}; this program expects {found.head}.")
    sys.exit(0 if found.up_to_date else 1)


@main.command()
def check() -> None:
    """
    Check settings, database and mail: a line each; the exit code is 1 when one of them is wrong.
    """
    settings = _settings()
    click.echo("settings  ok")
    with _database(settings) as url:
        sound = asyncio.run(_check(_container(settings, url)))
    sys.exit(0 if sound else 1)


@main.command()
@click.argument("address")
def create_user(address: str) -> None:
    """
    Open an account for ADDRESS that needs no verification.

    The password is asked for, or read as one line where there is no terminal; it is never an argument.
    """
    password = _new_password()
    user = _ask_core(lambda core: core.create_user(email=EmailAddress(address), password=Password(password)))
    click.echo(f"{user.email} can log in.")


@main.command()
@click.argument("address")
def send_reset(address: str) -> None:
    """
    Queue a password reset mail for ADDRESS once more, whatever limits it has used up.
    """
    _ask_core(lambda core: core.send_password_reset(email=EmailAddress(address)))
    click.echo("A reset mail is queued.")


@main.command()
@click.argument("address")
def reset_link(address: str) -> None:
    """
    Print one reset link for ADDRESS, to hand over in person; it is noted as a security event.
    """
    click.echo(_ask_core(lambda core: core.make_reset_link(email=EmailAddress(address))))


@main.command()
def export_openapi() -> None:
    """
    Print the OpenAPI document.
    """
    click.echo(json.dumps(json.loads(describe()), indent=2, ensure_ascii=False))


def _settings() -> Settings:
    try:
        settings = with_development_key(load_settings(surroundings()))
    except InvalidSettings as error:
        _give_up("The settings cannot be used:", *error.problems)
    configure_logging(level=settings.log_level, log_format=settings.logs)
    return settings


@contextmanager
def _database(settings: Settings) -> Generator[str]:
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
        _give_up(str(error))


@contextmanager
def _ending_cleanly() -> Generator[None]:
    """
    Let SIGTERM end the program as Ctrl-C does: by leaving every block it is in.
    """
    signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(0)


def _exit(_: int, __: FrameType | None) -> NoReturn:
    sys.exit(0)


def _container(settings: Settings, url: str) -> Container:
    return Container(settings=attrs.evolve(settings, database_url=url), surroundings=surroundings())


def _ask_core(question: Callable[[Core], Awaitable[T]]) -> T:
    async def ask(container: Container) -> T:
        async with opened(container):
            return await question(container.core())

    settings = _settings()
    with _speaking_plainly(), _database(settings) as url:
        return asyncio.run(ask(_container(settings, url)))


@contextmanager
def _speaking_plainly() -> Generator[None]:
    """
    End the program with a sentence where the core says no, or the database does not answer.
    """
    try:
        yield
    except DomainError as error:
        _give_up(_sentence(error))


def _sentence(error: DomainError) -> str:
    match error:
        case InvalidInput():
            return error.detail
        case NotFound():
            return "No account has that address."
        case Conflict():
            return "That address has an account already."
        case _:
            return "The database cannot be reached: look at DATABASE_URL, or try again."


async def _deliver_until_told(container: Container) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with opened(container), delivering(container):
        click.echo("Delivering mail. Ctrl-C ends it.", err=True)
        await told.wait()


async def _check(container: Container) -> bool:
    probes = {**container.probes(), "mail": container.mail_probe()}
    async with opened(container):
        answers = await ask(probes)
    for name, answer in answers.items():
        click.echo(f"{name:9} {answer}")
    return all(answer == SOUND for answer in answers.values())


def _new_password() -> str:
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\n")


def _greet(settings: Settings) -> None:
    mails = "shown here" if settings.mail_provider == "console" else f"sent by {settings.mail_provider}"
    click.echo(
        f"""
  Todo {VERSION} is at {settings.backend}
  The API is described at {settings.backend}/docs
  Mails are {mails}. Ctrl-C ends it.
"""
    )


def _give_up(*lines: str) -> NoReturn:
    click.echo("\n  ".join(lines), err=True)
    sys.exit(1)
