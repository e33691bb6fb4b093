"""
Other people's mail servers: Postfix, and the smtp-sink that comes with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from smtplib import SMTP, SMTPException

import pytest

from tests.support.server import eventually, free_port

_SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""
_PARAMETERS = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
myhostname = mail.example
mydestination =
virtual_mailbox_domains = example.org
virtual_mailbox_maps = static:box
virtual_mailbox_base = {folder}/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
"""
_NOBODY = 65534


def _found(program: str) -> str:
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@contextmanager
def smtp_sink(folder: Path, *options: str, port: int) -> Generator[Path]:
    """
    Yield the file in which an smtp-sink with these *options* keeps what it takes at *port*.
    """
    taken = folder / "sink.txt"
    identity = ["-u", "root"] if os.geteuid() == 0 else []
    command = [_found("smtp-sink"), *identity, *options, "-D", str(taken), f"127.0.0.1:{port}", "100"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - a program of the machine's
    try:
        eventually(lambda: _greets(port), within=10)
        yield taken
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def postfix(folder: Path) -> Generator[tuple[int, Path]]:
    """
    Yield the port of a Postfix of the test's own in *folder*, and the mailbox into which it delivers everything.
    """
    program = _found("postfix")
    if os.geteuid() != 0:
        pytest.skip("postfix is started by root only")
    port = free_port()
    for name in ("etc", "queue", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", _NOBODY, _NOBODY)
    (folder / "etc" / "main.cf").write_text(_PARAMETERS.format(folder=folder, owner=_NOBODY))
    (folder / "etc" / "master.cf").write_text(_SERVICES.format(port=port))
    command = [program, "-c", str(folder / "etc")]
    subprocess.run([*command, "start"], check=True, capture_output=True, timeout=30)  # noqa: S603 - a program of the machine's
    try:
        eventually(lambda: _greets(port), within=10)
        yield port, folder / "mail" / "box"
    finally:
        subprocess.run([*command, "stop"], check=True, capture_output=True, timeout=30)  # noqa: S603 - as above


def _greets(port: int) -> bool:
    try:
        with SMTP("127.0.0.1", port, timeout=5):
            return True
    except (OSError, SMTPException):
        return False
