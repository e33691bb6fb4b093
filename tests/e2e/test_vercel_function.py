"""
The service as a function of Vercel's, served as its Python runtime serves ASGI applications: by uvicorn, lifespan on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import IO

import attrs
import pytest
from attrs import define

from tests.support.people import Person
from tests.support.server import TodoServer, environment
from tests.support.smtp import SmtpServer
from todo_web.container import MAIL_GRACE
from todo_web.draining import Drain

FOLDER = Path(__file__).parents[2] / "deploy" / "vercel"
SECRET = "q7Zr2LdVw9XkT4bNs8MfYc1HpJg6AeUo3RiKx5Sv"


@define
class _Function(TodoServer):
    def _launched(self, settings: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        options = ("--port", str(self.port), "--lifespan", "auto", "--no-access-log")
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "uvicorn", "index:app", "--app-dir", FOLDER / "api", *options],
            cwd=self.folder,
            env=environment(**settings),
            stdout=output,
            stderr=output,
        )


@pytest.fixture
def function(settings: dict[str, str], tmp_path: Path) -> Generator[TodoServer]:
    """
    Yield the function, with the secret that Vercel hands to it and to its clock.
    """
    told = {**settings, "ENVIRONMENT": "development", "CRON_SECRET": SECRET}
    with _Function(tmp_path, told) as running:
        yield running


def test_its_clock_has_mail_delivered(function: TodoServer, mail: SmtpServer) -> None:
    """
    By GET, with the secret as a bearer token: nothing is sent before, and nobody else can ask.
    """
    ann = Person(function, mail)
    with function.client() as client:
        answer = client.post("/auth/register", json={"email": ann.email, "password": "correct horse battery staple"})
        assert answer.status_code == 202
        assert client.get("/hooks/courier").status_code == 401
        assert mail.letters == []
        asked = client.get("/hooks/courier", headers={"Authorization": f"Bearer {SECRET}"})
        assert (asked.status_code, asked.json()) == (200, {"sent": 1, "others": 0})
        assert client.post("/auth/verify-email", json={"token": ann.link_token("Verify")}).status_code == 204
    assert ann.log_in()


def test_what_is_configured_fits() -> None:
    """
    The clock asks what is there, the function may take longer than the hook does, and each request reaches it.
    """
    told = json.loads((FOLDER / "vercel.json").read_text("utf-8"))
    ((path, function),) = told["functions"].items()
    assert (FOLDER / path).is_file()
    usual = attrs.fields_dict(Drain)
    longest = usual["seconds"].default + usual["pruning"].default + MAIL_GRACE + 1
    assert function["maxDuration"] > longest
    assert [cron["path"] for cron in told["crons"]] == ["/api/v1/hooks/courier"]
    assert told["rewrites"] == [{"source": "/(.*)", "destination": "/" + path.removesuffix(".py")}]
