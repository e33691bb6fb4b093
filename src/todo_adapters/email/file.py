"""
Mail in files, for development: whatever opens ``.eml`` shows it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote

from attrs import field, frozen

from todo_adapters.environment import read
from todo_adapters.mime import seal
from todo_adapters.sender import Sender
from todo_core.errors import EmailMisconfigured, EmailRejected
from todo_core.model.email import EmailMessage
from todo_core.ports import EmailService

_LONGEST_NAME = 200


@frozen(kw_only=True)
class FileSettings(Sender):
    """
    Where the files go.
    """

    dir: Path = field(converter=Path, metadata={"help": "The folder that gets one `.eml` file for each message."})


class FileEmailService(EmailService):
    """
    Writes each message into a file of its own, readable by its owner only: the links in it are live.

    A message that is sent again takes its file's place.
    """

    def __init__(self, settings: FileSettings) -> None:
        self._settings = settings

    async def send(self, message: EmailMessage) -> None:
        try:
            envelope = seal(message, sender=self._settings.from_email, sender_name=self._settings.from_name)
        except ValueError:
            raise EmailRejected("message invalid") from None
        with _told_to_the_operator():
            _write(envelope.content, self._folder() / f"{quote(message.message_id, safe='@')[:_LONGEST_NAME]}.eml")

    async def check(self) -> None:
        """
        See that the folder is there, or can be made, and takes files.
        """
        with _told_to_the_operator(), NamedTemporaryFile(dir=self._folder()):
            pass

    async def close(self) -> None:
        """
        Do nothing: each file is closed once it is written.
        """

    def _folder(self) -> Path:
        self._settings.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._settings.dir


def build(environment: Mapping[str, str]) -> EmailService:
    """
    Return a service that writes into ``EMAIL_FILE_DIR``.
    """
    return FileEmailService(read(FileSettings, environment, prefix="EMAIL_FILE_"))


def _write(content: bytes, path: Path) -> None:
    """
    Write the file at once: nobody ever sees half of it, and nobody but its owner any of it.
    """
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as half:
        try:
            half.write(content)
            half.flush()
            Path(half.name).replace(path)
        finally:
            Path(half.name).unlink(missing_ok=True)


@contextmanager
def _told_to_the_operator() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise EmailMisconfigured(f"write {os.strerror(error.errno or 0)}") from None
