"""
What becomes of queued mail: when a process ends, when the settings are wrong, and when an operator looks into it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, eventually, run_todo
from tests.support.smtp import SILENCE, SmtpServer

IDLE = {"OUTBOX_POLL_SECONDS": "60"}
"""Whoever hears of mail sooner than this was told of it."""


@pytest.fixture
def todo(settings: dict[str, str], tmp_path: Path):
    """
    Return what runs a command that must succeed, and returns what it prints.
    """

    def run(*arguments: str, **changed: str) -> str:
        ended = run_todo(*arguments, settings={**settings, **changed}, folder=tmp_path, stdin=f"{PASSWORD}\n")
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


@pytest.fixture
def queueing(settings: dict[str, str], tmp_path: Path) -> Iterator[TodoServer]:
    """
    Yield a server that only queues mail.
    """
    with TodoServer(tmp_path, {**settings, "COURIER": "apart"}) as server:
        yield server


def worker(name: str, folder: Path, settings: dict[str, str]) -> TodoServer:
    """
    Return a process that delivers, in a folder of its own.
    """
    (folder / name).mkdir()
    return TodoServer(folder / name, {**settings, **IDLE}, command="worker")


def register(server: TodoServer, *addresses: str) -> None:
    """
    Have a verification mail queued for each of the *addresses*.
    """
    with server.client() as client:
        for address in addresses:
            assert client.post("/auth/register", json={"email": address, "password": PASSWORD}).status_code == 202


def test_a_process_that_ends_gives_back_what_it_could_not_send(
    queueing: TodoServer, mail: SmtpServer, settings: dict[str, str], tmp_path: Path, todo
) -> None:
    """
    SIGTERM while the mail server is slow: the process ends within ten seconds and another sends the rest in one.

    Nothing is lost or sent twice, and what the server may have is left to its lease.
    """
    addresses = [f"user{number}@example.org" for number in range(6)]
    mail.answers.extend([("RCPT", SILENCE)] * 3 + [("DATA", SILENCE)])
    register(queueing, *addresses)
    with worker("first", tmp_path, settings) as first:
        eventually(lambda: not mail.answers)
        with worker("second", tmp_path, settings):
            eventually(lambda: len(mail.letters) == 2)
            began = time.monotonic()
            assert first.stop() == 0
            ended = time.monotonic()
            eventually(lambda: len(mail.letters) == 5, within=1)
        assert ended - began < 10
    assert first.output.count('"outcome":"returned"') == 3
    [unknown] = todo("outbox", "list", "--state", "sending", "--show-addresses").splitlines()
    delivered = Counter(recipient for letter in mail.letters for recipient in letter.recipients)
    assert set(delivered.values()) == {1}
    assert [address for address in addresses if address not in delivered] == [
        address for address in addresses if address in unknown
    ]


def test_a_command_wakes_the_process_that_delivers(settings: dict[str, str], mail: SmtpServer, tmp_path: Path, todo):
    """
    What ``todo send-reset`` queues is sent at once, although nobody would look into the outbox for a minute.
    """
    todo("create-user", "ann@example.org")
    with TodoServer(tmp_path, {**settings, **IDLE}) as server:
        ann = Person(server, mail)
        time.sleep(1)
        todo("send-reset", ann.email)
        ended = time.monotonic()
        ann.link_token("Reset")
        assert time.monotonic() - ended < 5


def test_wrong_mail_settings_pause_the_mail_and_cost_nothing(
    settings: dict[str, str], mail: SmtpServer, tmp_path: Path, todo
) -> None:
    """
    An error is logged, every process says why, no attempt is lost, and with the right settings the mail is sent.
    """
    with TodoServer(tmp_path, {**settings, "SMTP_PASSWORD": "not-the-password"}) as server:
        register(server, "ann@example.org")
        eventually(lambda: '"event":"mail paused"' in server.output)
        with server.client() as client:
            ready = client.get("/ready")
        assert ready.json()["checks"]["outbox"] == "mail is misconfigured: login 535"
        assert ready.status_code == 503
    check = run_todo("check", settings=settings, folder=tmp_path)
    assert check.returncode == 1
    assert "outbox    mail is misconfigured: login 535\n" in check.stdout
    [line] = todo("outbox", "list").splitlines()
    mail_id, *_, state, attempts, _, address, kind, step, code = line.split()
    assert (state, attempts, address) == ("waiting", "0", "a***@e***.org")
    assert (kind, step, code) == ("misconfigured", "login", "535")
    with TodoServer(tmp_path, {**settings, **IDLE}) as server:
        todo("outbox", "retry", mail_id)
        assert Person(server, mail).link_token("Verify")
        with server.client() as client:
            assert eventually(lambda: client.get("/ready").status_code == 200)


def test_an_operator_looks_into_the_outbox(
    queueing: TodoServer, settings: dict[str, str], tmp_path: Path, todo
) -> None:
    """
    A mail is listed, shown, counted and dropped; addresses are masked unless they are asked for.
    """
    register(queueing, "ann@example.org")
    [line] = todo("outbox", "list", "--state", "waiting", "--limit", "5").splitlines()
    mail_id = line.split()[0]
    assert todo("outbox", "list", "--state", "dead") == ""
    shown = todo("outbox", "show", mail_id)
    assert "a***@e***.org" in shown
    assert "ann" not in line + shown
    assert "ann@example.org" in todo("outbox", "show", mail_id, "--show-addresses")
    counted = dict(row.rsplit(maxsplit=1) for row in todo("outbox", "stats").splitlines() if "due" not in row)
    assert counted == {"waiting": "1", "sending": "0", "sent": "0", "dead": "0", "misconfigured": "no"}
    assert todo("outbox", "drop", mail_id) == "It is forgotten.\n"
    for command in ("show", "retry", "drop"):
        run = run_todo("outbox", command, mail_id, settings=settings, folder=tmp_path)
        assert (run.returncode, run.stdout, run.stderr) == (1, "", "No mail has that id.\n")


def test_what_cannot_be_done_to_a_mail_is_said(
    queueing: TodoServer, settings: dict[str, str], mail: SmtpServer, tmp_path: Path, todo
) -> None:
    """
    What was sent is not sent again, and what is on its way is not dropped.
    """
    register(queueing, "ann@example.org")
    with worker("worker", tmp_path, settings):
        eventually(lambda: mail.letters)
        sent = eventually(lambda: todo("outbox", "list", "--state", "sent")).split()[0]
        mail.answers.append(("RCPT", SILENCE))
        register(queueing, "bob@example.org")
        sending = eventually(lambda: todo("outbox", "list", "--state", "sending")).split()[0]
        for command, mail_id, sentence in (("retry", sent, "was sent"), ("drop", sending, "on its way")):
            run = run_todo("outbox", command, mail_id, settings=settings, folder=tmp_path)
            assert (run.returncode, run.stdout) == (1, "")
            assert sentence in run.stderr
