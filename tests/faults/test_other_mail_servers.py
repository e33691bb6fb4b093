"""
Mail servers that were not written for these tests.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from tests.support.fleet import Fleet, launched
from tests.support.mail_servers import postfix, smtp_sink
from tests.support.post_office import PostOffice
from tests.support.server import eventually, free_port

MAILS = 10
_FAILED = b"SELECT count(*) FROM outbox WHERE last_error LIKE %s"


def test_smtp_sink_refuses_hangs_up_and_takes(database_url: str, tmp_path: Path, office: PostOffice) -> None:
    """
    R3, R5: what it refuses and what it breaks off waits, and arrives, once, when it takes mail again.
    """
    port = free_port()
    with launched(tmp_path, database_url, office, workers=1, SMTP_PORT=str(port)) as fleet:
        with smtp_sink(tmp_path, "-r", "DATA", port=port):
            fleet.ask(fleet.sign_up(MAILS))
            eventually(lambda: _failed(fleet, "unavailable data 4%") == MAILS)
        with smtp_sink(tmp_path, "-q", "DATA", port=port):
            eventually(lambda: _failed(fleet, "unknown data lost") == MAILS)
        with smtp_sink(tmp_path, port=port) as taken:
            fleet.drained(within=30)
            recipients = [line.split()[1] for line in taken.read_text().splitlines() if line.startswith("X-Rcpt-Args")]
    assert sorted(recipients) == sorted(f"<{address}>" for address in fleet.asked)


def _failed(fleet: Fleet, reason: str) -> int:
    with psycopg.connect(fleet.database_url, autocommit=True) as connection:
        return int((connection.execute(_FAILED, [reason]).fetchone() or [0])[0])


def test_postfix_delivers(database_url: str, tmp_path: Path, office: PostOffice) -> None:
    """
    R6: a real mail server has it in the mailbox within thirty seconds.
    """
    with TemporaryDirectory(prefix="todo-postfix-") as folder:  # its daemons cannot enter pytest's own
        Path(folder).chmod(0o755)
        with postfix(Path(folder)) as (port, mailbox):
            with launched(tmp_path, database_url, office, workers=1, SMTP_PORT=str(port)) as fleet:
                began = time.monotonic()
                fleet.ask(fleet.sign_up(MAILS))
                fleet.drained(within=30)
                eventually(lambda: mailbox.exists() and mailbox.read_text().count("\nMessage-ID:") == MAILS, within=30)
                took = time.monotonic() - began
            box = mailbox.read_text()
    assert took < 30
    assert {line.split()[1] for line in box.splitlines() if line.startswith("Delivered-To:")} == set(fleet.asked)
