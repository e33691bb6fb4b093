"""
The units that we ship for systemd: what it would make of them, and whether the program can live with what they forbid.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import pytest
from click import Context, Group

from tests.support.people import Person
from tests.support.server import KEY, TODO, TodoServer, environment
from tests.support.smtp import SmtpServer
from todo_web.cli import main
from todo_web.container import MAIL_GRACE, REQUEST_GRACE
from todo_web.settings import load_settings
from todo_web.settings.catalog import catalog

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
MOST_EXPOSED = 15
"""In tenths, as the option has it: what is left are the network, sockets and the host's own files, to read."""

PROVIDERS_OWN = {"SMTP_PASSWORD"}


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        assert "CI" not in os.environ, f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
    return found


def _analyze(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - on our own files
        [_tool("systemd-analyze"), *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def verified(folder: Path) -> tuple[int, str]:
    """
    Return what systemd says of the units in *folder*, and where they name a file, of that.
    """
    units = sorted(f"./{path.name}" for path in folder.glob("*.*") if path.suffix in {".service", ".timer"})
    run = _analyze("verify", *units, folder=folder)
    ours = [line for line in run.stderr.splitlines() if "todo" in line]
    return run.returncode, "\n".join(ours)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """
    Return a folder with the units, and the program where they look for it.
    """
    folder = tmp_path / "units"
    folder.mkdir()
    for path in UNITS.iterdir():
        (folder / path.name).write_text(path.read_text("utf-8").replace("/opt/todo/bin/todo", str(TODO)), "utf-8")
    return folder


def _lines(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", (UNITS / unit).read_text("utf-8"), re.MULTILINE)


def test_systemd_finds_nothing_wrong(installed: Path) -> None:
    """
    Each section, key and value is one that it knows, and what is started can be.
    """
    assert verified(installed) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("RestrictRealtime=yes", "RestrictRealTime=yes", "Unknown key"),
        ("TimeoutStopSec=15", "TimeoutStopSec=soon", "Failed to parse"),
        ("ExecStart=", "ExecStart=/nowhere", "is not executable"),
    ],
)
def test_systemd_sees_a_fault(installed: Path, right: str, wrong: str, told: str) -> None:
    """
    A key with a slip of the pen, which it would only warn of; a value of another kind; a program that is not there.
    """
    unit = installed / "todo.service"
    assert right in unit.read_text("utf-8")
    unit.write_text(unit.read_text("utf-8").replace(right, wrong), "utf-8")
    assert told in verified(installed)[1]


@pytest.mark.parametrize("unit", SERVICES)
def test_it_may_do_little(unit: str) -> None:
    """
    By systemd's own measure, from 0 to 10.
    """
    run = _analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", f"./{unit}", folder=UNITS)
    assert run.returncode == 0, run.stdout


def test_the_measure_sees_what_is_left_open(installed: Path) -> None:
    """
    Without the filter of system calls it is above what is allowed.
    """
    unit = installed / "todo.service"
    text = re.sub(r"^SystemCallFilter=.*$", "", unit.read_text("utf-8"), flags=re.MULTILINE)
    unit.write_text(text, "utf-8")
    run = _analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "./todo.service", folder=installed)
    assert run.returncode != 0


def test_all_may_do_the_same() -> None:
    """
    What is written several times is written alike.
    """
    parts = {
        (UNITS / unit).read_text("utf-8").partition("# What it is told")[2].partition("[Install]")[0].strip()
        for unit in SERVICES
    }
    assert len(parts) == 1


@pytest.mark.parametrize("unit", SERVICES)
def test_each_runs_a_command_that_there_is(unit: str) -> None:
    """
    Of the program's own, with what it takes.
    """
    (line,) = _lines(unit, "ExecStart")
    program, *words = line.split()
    assert program == "/opt/todo/bin/todo"
    command = main
    for word in words:
        if isinstance(command, Group):
            command = command.get_command(Context(command), word)
            assert command is not None, word


@pytest.mark.parametrize("unit", SERVICES)
def test_each_setting_is_one(unit: str) -> None:
    """
    Each name there is in the catalogue, or read by the mail server's adapter.
    """
    known = {setting.name for setting in catalog()} | PROVIDERS_OWN
    for assignment in _lines(unit, "Environment"):
        assert assignment.partition("=")[0].removesuffix("_FILE") in known


def test_the_example_of_the_settings_is_enough(tmp_path: Path) -> None:
    """
    With the secrets in their files, the program would start in production.
    """
    lines = (UNITS / "todo.env.example").read_text("utf-8").splitlines()
    environment = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    secrets = {
        "database-url": "postgresql://todo@localhost/todo",
        "jwt": KEY,
        "links": KEY[::-1],
        "smtp-password": "pa55word",
    }
    for name, value in secrets.items():
        (tmp_path / f"secrets_{name}").write_text(f"{value}\n", "utf-8")
    for assignment in _lines("todo.service", "Environment"):
        name, value = assignment.replace("%d", str(tmp_path)).split("=", 1)
        environment[name] = value
    settings = load_settings(environment)
    assert (settings.is_production, settings.host, settings.trusted_proxy_hops) == (True, "127.0.0.1", 1)


@pytest.mark.parametrize("unit", ["todo.service", "todo-worker.service"])
def test_what_is_in_hand_has_time_to_end(unit: str) -> None:
    """
    It is waited for longer than the program needs.
    """
    (seconds,) = _lines(unit, "TimeoutStopSec")
    assert int(seconds) > REQUEST_GRACE + MAIL_GRACE + 2


def _allowed(unit: str) -> set[str]:
    """
    Return the system calls that the filter of a *unit* lets through, as this machine's systemd groups them.
    """
    text = _analyze("syscall-filter", folder=UNITS).stdout
    sets = {
        block.split("\n", 1)[0]: re.findall(r"^\s+(@?[a-z_0-9-]+)$", block, re.MULTILINE)
        for block in re.split(r"\n(?=@)", text)
    }

    def members(name: str) -> set[str]:
        return {call for member in sets[name] for call in members(member)} if name.startswith("@") else {name}

    allowed: set[str] = set()
    for line in _lines(unit, "SystemCallFilter"):
        named = {call for name in line.removeprefix("~").split() for call in members(name)}
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


class _Traced(TodoServer):
    """
    The program, and each system call of it written down.
    """

    @property
    def calls(self) -> Path:
        """
        Return where.
        """
        return self.folder / "calls.txt"

    def _launched(self, settings: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own program
            [_tool("strace"), "-D", "-f", "-qq", "-o", self.calls, TODO, self.command],
            cwd=self.folder,
            env=environment(**settings),
            stdout=output,
            stderr=output,
        )


def test_the_program_needs_nothing_that_is_forbidden(
    settings: dict[str, str], mail: SmtpServer, tmp_path: Path
) -> None:
    """
    From its start through somebody's reset to its end it makes no system call that the filter refuses.

    It never makes memory executable that can be written.
    """
    allowed = _allowed("todo.service")
    assert {"read", "sendto", "epoll_wait"} <= allowed
    assert not {"mount", "ptrace", "chroot", "reboot"} & allowed
    traced = _Traced(tmp_path, settings)
    with traced:
        ann = Person(traced, mail)
        ann.sign_up()
        ann.log_in()
        ann.forget_password()
    lines = traced.calls.read_text("utf-8", "replace").splitlines()
    made = {found[1] for line in lines if (found := re.match(r"\d+ +([a-z_0-9]+)\(", line))}
    assert {"execve", "socket", "mmap"} <= made
    assert made - allowed == set()
    executable = [line for line in lines if "PROT_EXEC" in line and ("PROT_WRITE" in line or " mprotect(" in line)]
    assert executable == []
