"""
/hooks/mail: what mail providers report about mail that they took from us.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidInput, InvalidSignature, NotFound
from todo_web.decoding import LARGEST_REPORT, read_bytes
from todo_web.errors import RequestTimeout, TooLarge
from todo_web.operations import Access, Answer, Operation
from todo_web.state import State


async def receive_mail_events(request: Request[State]) -> Response:
    """
    Take a report.
    """
    body = await read_bytes(request, largest=LARGEST_REPORT)
    provider: str = request.path_params["provider"]
    await request.state["core"].receive_mail_events(provider=provider, headers=request.headers, body=body)
    return Response(status_code=200)  # Postmark repeats a report until the answer is just this


OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/hooks/mail/{provider}",
        endpoint=receive_mail_events,
        summary="Bounces and complaints: `sendgrid`, `postmark` or `resend` reports, signed its own way",
        tag="Mail providers",
        access=Access.SIGNED,
        answers=(Answer(200, "The report is kept; one that was heard before changes nothing"),),
        problems=(NotFound, InvalidSignature, InvalidInput, TooLarge, RequestTimeout),
    ),
)
