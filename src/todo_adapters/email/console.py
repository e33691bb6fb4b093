"""
Mail on the terminal, for development.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Mapping
from typing import TextIO

from todo_core.model.email import EmailMessage
from todo_core.ports import EmailService

_WIDTH = 78
_MOST_SHOWN = 50


class ConsoleEmailService(EmailService):
    """
    Prints each message, links in plain sight: never use it where others can read the output.

    It writes to *stream* itself, since a log would keep the links. The last messages stay in ``shown``, newest
    first, for whoever wants to see them in a browser.
    """

    def __init__(self, stream: TextIO) -> None:
        self.shown: deque[EmailMessage] = deque(maxlen=_MOST_SHOWN)
        self._stream = stream

    async def send(self, message: EmailMessage) -> None:
        self.shown.appendleft(message)
        self._stream.write(_block(message))
        self._stream.flush()

    async def check(self) -> None:
        """
        Do nothing: a terminal takes everything.
        """

    async def close(self) -> None:
        """
        Do nothing: the stream is its owner's to close.
        """


def build(_: Mapping[str, str]) -> EmailService:
    """
    Return a service that prints to standard output; it has no settings.
    """
    return ConsoleEmailService(sys.stdout)


def _block(message: EmailMessage) -> str:
    lines = [
        " a mail would be sent ".center(_WIDTH, "="),
        f"To: {message.to}",
        f"Subject: {message.subject}",
        "",
        message.text.strip(),
        "=" * _WIDTH,
        "",
    ]
    return "\n".join(lines)
