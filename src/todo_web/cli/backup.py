"""
``todo backup``: the whole database, as files.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from todo_adapters.postgres import migrate as migrations
from todo_adapters.postgres.backups.deadline import Deadline
from todo_adapters.postgres.backups.errors import BackupFailed
from todo_adapters.postgres.backups.files import Backup, forget_old, forget_unfinished
from todo_adapters.postgres.backups.making import make_backup
from todo_adapters.postgres.backups.restoring import Compared, check_backup, restore_backup
from todo_adapters.postgres.backups.textfile import write_textfile
from todo_web.cli.recovery import settle
from todo_web.cli.start import direct_database, give_up, read_settings, speaking_plainly

_CONFIRM = (
    "The backup goes into the empty database of DATABASE_URL; then every session, mailed link and calendar address in"
    " it ends, and no mail that is due is sent. The service must be stopped. Go on?"
)
_NO_DATABASE = "Restoring needs DATABASE_URL: say into which empty database."
_NEWER = "It was made of a newer schema ({}) than this program knows: restore it with the version that made it."
_HALF = "The data is there, but what it revives is not ended: run `todo migrate up` and `todo after-restore --yes`."

_folder = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_within = click.option(
    "--within", "minutes", default=60, show_default=True, type=click.IntRange(1, 1440), help="Minutes it may take."
)


@click.group()
def backup() -> None:
    """
    Back the database up, prove that a backup can be restored, or restore one.
    """


@backup.command()
@_folder
@click.option("--keep-all", is_flag=True, help="Remove no old backups: something else does.")
@click.option(
    "--textfile", type=click.Path(dir_okay=False, path_type=Path), help="Note it for node_exporter in this .prom file."
)
@_within
def make(*, folder: Path, keep_all: bool, textfile: Path | None, minutes: int) -> None:
    """
    Make a backup in FOLDER, and remove those that are too old.

    Of each of the last seven days and four weeks that have a backup the newest is kept. The service may run.
    """
    with _plainly(), direct_database(read_settings()) as url:
        now = datetime.now(UTC)
        made = make_backup(url, folder, now=now, deadline=Deadline.within(minutes * 60))
        if textfile is not None:
            write_textfile(textfile, made_at=now, size=made.size)
        click.echo(f"{made.dump} ({made.size:,} bytes)")
        forget_unfinished(folder)
        for path in () if keep_all else forget_old(folder):
            click.echo(f"removed {path}")


@backup.command()
@_file
@_within
def check(*, file: Path, minutes: int) -> None:
    """
    Prove that FILE can be restored: restore it beside the database, and compare every table.

    The database that is made for it on the same server is dropped afterwards; the one in use is not touched.
    """
    with _plainly(), direct_database(read_settings()) as url:
        compared = check_backup(Backup(file), url, deadline=Deadline.within(minutes * 60))
    sys.exit(0 if _tell(compared) else 1)


@backup.command()
@_file
@click.option("--yes", is_flag=True, help="Do not ask.")
@_within
def restore(*, file: Path, yes: bool, minutes: int) -> None:
    """
    Restore FILE into the empty database of DATABASE_URL, and end what that revives.

    Every table is compared, the schema is brought to this program's, and sessions, links, calendars and mail end as
    by `todo after-restore`. Run it while the service is stopped.
    """
    settings = read_settings()
    if settings.database_url is None:
        give_up(_NO_DATABASE)
    if not yes:
        click.confirm(_CONFIRM, abort=True)
    with _plainly(), direct_database(settings) as url:
        given = Backup(file)
        given.verify()
        if not migrations.knows(given.manifest.revision):
            give_up(_NEWER.format(given.manifest.revision))
        same = _tell(restore_backup(given, url, deadline=Deadline.within(minutes * 60)))
    _bring_up_to_date(url)
    sys.exit(0 if same else 1)


def _bring_up_to_date(url: str) -> None:
    """
    End what the backup revives, after the schema is as the program wants it.
    """
    try:
        with speaking_plainly():
            migrations.upgrade(url)
        click.echo(f"The schema is at {migrations.head()}.")
        settle()
    except BaseException:
        click.echo(_HALF, err=True)
        raise


def _tell(compared: Sequence[Compared]) -> bool:
    """
    Print a line for each table; tell whether all are as they were.
    """
    for one in compared:
        rows = one.restored.rows if one.restored is not None else 0
        was = "" if one.is_same else f", was {one.made.rows if one.made is not None else 0}"
        click.echo(f"{'same' if one.is_same else 'DIFFERENT':9}  {one.table}  {rows} rows{was}")
    return all(one.is_same for one in compared)


@contextmanager
def _plainly() -> Generator[None]:
    """
    End the program with a sentence where it does not work out.
    """
    try:
        with speaking_plainly():
            yield
    except BackupFailed as error:
        give_up(str(error))
