"""
/dev/mail: what a developer's own program would have sent, to look at.

It is no operation: the OpenAPI document does not know it, and where mail is really sent it does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape
from string import Template
from typing import Any
from urllib.parse import quote

from attrs import frozen
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from todo_core.errors import NotFound
from todo_core.model.email import EmailMessage
from todo_web.pages import page

_LETTER = Template("""
    <section class="letter">
      <h2>$subject</h2>
      <p>To $to</p>
      <iframe sandbox title="$subject" src="/dev/mail/$path"></iframe>
      <pre>$text</pre>
    </section>""")
_LINK = re.compile(r"^https?://\S+$", re.MULTILINE)


@frozen
class Mailbox:
    """
    The last messages of this process, newest first.
    """

    messages: Collection[EmailMessage]

    def routes(self) -> list[Route]:
        """
        Return where they are shown.
        """
        return [Route("/dev/mail", self.show_all), Route("/dev/mail/{message_id}", self.show_one)]

    async def show_all(self, _: Request[Any]) -> Response:
        """
        Show each message, its HTML and its text side by side.
        """
        letters = "".join(map(_letter, list(self.messages)))
        return page("dev-mail", letters=letters or "<p>Nothing was sent yet.</p>")

    async def show_one(self, request: Request[Any]) -> Response:
        """
        Show the HTML of one message, for a frame in which no script runs.
        """
        wanted = request.path_params["message_id"]
        for message in self.messages:
            if message.message_id == wanted:
                return HTMLResponse(message.html)
        raise NotFound


def _letter(message: EmailMessage) -> str:
    return _LETTER.substitute(
        subject=escape(message.subject),
        to=escape(message.to.text),
        path=quote(message.message_id),
        text=_LINK.sub(r'<a href="\g<0>">\g<0></a>', escape(message.text)),
    )
