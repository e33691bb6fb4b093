"""
Schemathesis against the running program, as somebody who is logged in.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.people import Person
from tests.support.server import TodoServer
from tests.support.smtp import SmtpServer

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = Path(__file__).parents[2] / "schemathesis.toml"
ENDING = ("log_out", "submit_log_out", "end_session")
"""The operations that can end the session they are asked with."""

ENDLESS = ("follow_changes",)
"""Those whose answer has no end; tests/e2e/test_changes.py has them."""


def test_no_request_makes_the_server_fail_or_contradict_its_schema(
    server: TodoServer, mail: SmtpServer, tmp_path: Path
) -> None:
    """
    Every check of schemathesis passes in all phases, for all operations but those that would end its session, or never.
    """
    ann = Person(server, mail)
    ann.sign_up()
    fuzz(server, ann.log_in(), *(f"--exclude-operation-id={name}" for name in (*ENDING, *ENDLESS)), folder=tmp_path)


def test_logging_out_is_sound_too(server: TodoServer, mail: SmtpServer, tmp_path: Path) -> None:
    """
    Every check passes for those, too, each with a session of its own.
    """
    ann = Person(server, mail)
    ann.sign_up()
    for name in ENDING:
        fuzz(server, ann.log_in(), f"--include-operation-id={name}", "--phases=coverage,fuzzing", folder=tmp_path)


def fuzz(server: TodoServer, token: str, *options: str, folder: Path) -> None:
    """
    Run schemathesis and see that it finds no fault and that its requests were let in.
    """
    run = subprocess.run(  # noqa: S603 - a tool of the development environment
        [
            SCHEMATHESIS,
            f"--config-file={CONFIG}",
            "run",
            f"{server.url}/api/v1/openapi.json",
            f"--url={server.url}",
            f"--header=Authorization: Bearer {token}",
            "--header=Sec-Fetch-Site: same-origin",
            "--checks=all",
            "--max-examples=25",
            "--seed=1",
            "--no-color",
            *options,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
