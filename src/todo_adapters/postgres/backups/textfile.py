"""
What is told to Prometheus, by way of a file that ``node_exporter`` reads (its textfile collector).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from todo_adapters.postgres.backups.errors import told_plainly

_TEXT = """\
# HELP todo_backup_made_timestamp_seconds When the newest backup was made.
# TYPE todo_backup_made_timestamp_seconds gauge
todo_backup_made_timestamp_seconds {:.0f}
# HELP todo_backup_size_bytes How large it is.
# TYPE todo_backup_size_bytes gauge
todo_backup_size_bytes {}
"""
_FOR_ALL = 0o644  # node_exporter is another user, and nothing in it is secret


def write_textfile(file: Path, *, made_at: datetime, size: int) -> None:
    """
    Write when the newest backup was made, and how large it is, to *file*, at once for whoever reads it.

    Raises:
        BackupFailed: it cannot be written.
    """
    unfinished = file.with_name(f".{file.name}.new")
    with told_plainly():
        unfinished.write_text(_TEXT.format(made_at.timestamp(), size), "utf-8")
        unfinished.chmod(_FOR_ALL)
        unfinished.replace(file)
