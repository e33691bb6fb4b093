"""
``todo doctor`` as an operator runs it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.server import KEY, run_todo
from tests.support.smtp import SmtpServer


def test_a_service_that_is_well(settings: dict[str, str], mail: SmtpServer, tmp_path: Path) -> None:
    """
    A line for each step, exit code 0, and the message is in the mailbox of somebody without an account.
    """
    run = run_todo("doctor", "--mail", "Ann@Example.org", settings=settings, folder=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    *steps, last = run.stdout.splitlines()
    assert [line.split()[0] for line in steps] == ["ok"] * len(steps)
    assert last == "The message to ann@example.org was accepted: look into its mailbox, and into the spam folder."
    assert [letter.recipients for letter in mail.letters] == [("ann@example.org",)]


def test_nothing_is_sent_unasked(settings: dict[str, str], mail: SmtpServer, tmp_path: Path) -> None:
    """
    Without an address the way is tried as far as log-in.
    """
    run = run_todo("doctor", settings=settings, folder=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1] == "ok      login"
    assert mail.letters == []


def test_what_is_wrong_is_told_to_machines(settings: dict[str, str], tmp_path: Path) -> None:
    """
    One JSON document and nothing else, exit code 1, and no secret in either stream.
    """
    settings |= {"SMTP_PASSWORD": "wr0ng-pa55word", "LOG_LEVEL": "DEBUG"}
    run = run_todo("doctor", "--json", "--mail", "ann@example.org", settings=settings, folder=tmp_path)
    assert run.returncode == 1
    document = json.loads(run.stdout)
    assert document["sound"] is False
    (failed,) = [finding for finding in document["findings"] if finding["state"] == "failed"]
    assert (failed["step"], failed["found"]) == ("login", "login 535")
    assert failed["settings"] == ["SMTP_USERNAME", "SMTP_PASSWORD"]
    for secret in ("wr0ng-pa55word", KEY):
        assert secret not in run.stdout + run.stderr


@pytest.mark.parametrize(("port", "security", "right"), [("465", "starttls", "tls"), ("587", "tls", "starttls")])
def test_a_port_that_wants_another_mode(
    settings: dict[str, str], tmp_path: Path, port: str, security: str, right: str
) -> None:
    """
    465 with starttls and 587 with tls are found before anything is tried, with the setting and what it must be.
    """
    settings |= {"SMTP_PORT": port, "SMTP_SECURITY": security}
    run = run_todo("doctor", settings=settings, folder=tmp_path)
    assert run.returncode == 1
    assert run.stdout.startswith(f"FAILED  settings     SMTP_SECURITY: must be {right} when SMTP_PORT is {port}")
    assert "Change SMTP_SECURITY." in run.stdout


def test_an_address_that_is_none(settings: dict[str, str], tmp_path: Path) -> None:
    """
    What is not an address is refused in a sentence, before anything is tried.
    """
    run = run_todo("doctor", "--mail", "nobody", settings=settings, folder=tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (1, "", "This is not an e-mail address.\n")
