"""
``todo serve`` and ``todo worker``: what runs until it is told to end.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click
import uvicorn

from todo_adapters.postgres import migrate
from todo_web.app import delivering, opened, watched
from todo_web.cli.start import container_on, database, give_up, read_settings, speaking_plainly
from todo_web.container import REQUEST_GRACE, Container
from todo_web.settings import Settings
from todo_web.version import VERSION

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

_NO_FOLDER = (
    "With metrics and WORKERS above 1 the processes count together in files, and no folder for temporary files can be"
    " written to: mount a tmpfs at /tmp, or name a folder in TMPDIR."
)


@click.command()
def serve() -> None:
    """
    Serve the API and its pages, and deliver mail beside them.

    In development, without DATABASE_URL, an embedded PostgreSQL is started; the schema is brought up to date;
    mails are shown here instead of being sent.
    """
    settings = read_settings()
    with _ending_cleanly(), speaking_plainly(), _counting_together(settings), database(settings) as url:
        if not settings.is_production:
            migrate.upgrade(settings.database_listen_url or url)
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
            timeout_graceful_shutdown=REQUEST_GRACE,
        )


@click.command()
def worker() -> None:
    """
    Deliver mail, and nothing else.
    """
    settings = read_settings()
    os.environ.pop(_FOLDER, None)
    with _ending_cleanly(), database(settings) as url:
        asyncio.run(_deliver_until_told(container_on(url, settings)))


@contextmanager
def _counting_together(settings: Settings) -> Generator[None]:
    """
    Give several processes a folder in which they count together, for the block.
    """
    if not settings.is_watched or settings.workers == 1:
        os.environ.pop(_FOLDER, None)
        yield
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix="todo-metrics-", ignore_cleanup_errors=True)
    except OSError:
        give_up(_NO_FOLDER)
    with folder as path:
        os.environ[_FOLDER] = path
        yield


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


async def _deliver_until_told(container: Container) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with opened(container), watched(container), delivering(container):
        click.echo("Delivering mail. Ctrl-C ends it.", err=True)
        await told.wait()


def _greet(settings: Settings) -> None:
    shown = f"shown here and at {settings.backend}/dev/mail" if settings.may_show_mail else "shown here"
    mails = shown if settings.mail_provider == "console" else f"sent by {settings.mail_provider}"
    click.echo(
        f"""
  Todo {VERSION} is at {settings.backend}
  The API is described at {settings.backend}{settings.described_at}
  Mails are {mails}. Ctrl-C ends it.
"""
    )
