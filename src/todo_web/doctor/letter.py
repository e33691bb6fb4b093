"""
The message that an operator sends to see whether mail arrives.
"""

from __future__ import annotations

from todo_core.model.email import EmailAddress, EmailMessage

_SUBJECT = "A test message of your todo service"
_TEXT = """\
This message was sent by `todo doctor --mail`, to see whether mail arrives.

It did. There is nothing to do.
"""
_HTML = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>A test message</title></head>
<body>
<p>This message was sent by <code>todo doctor --mail</code>, to see whether mail arrives.</p>
<p>It did. There is nothing to do.</p>
</body>
</html>
"""


def test_message(recipient: EmailAddress, *, message_id: str) -> EmailMessage:
    """
    Return the message for *recipient*; it has neither link nor secret.
    """
    return EmailMessage(to=recipient, message_id=message_id, subject=_SUBJECT, text=_TEXT, html=_HTML)
