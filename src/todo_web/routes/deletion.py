"""
/me/deletion: leaving for good.
"""

from __future__ import annotations

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidToken, WrongPassword
from todo_core.model.password import Password
from todo_web.cookies import forget_cookie
from todo_web.decoding import read_body
from todo_web.fields import PasswordText, is_password
from todo_web.languages import MAIL_LANGUAGE, language_of
from todo_web.operations import Access, Answer, Operation
from todo_web.routes.accounts import TokenBody
from todo_web.state import State, caller_of, client_of


@frozen
class DeletionBody:
    """
    The password, once more.
    """

    password: PasswordText = field(validator=is_password, repr=False)


async def request_deletion(request: Request[State]) -> Response:
    """
    Have the account erased in a day.
    """
    body = await read_body(request, DeletionBody)
    await request.state["core"].request_deletion(
        caller=caller_of(request),
        password=Password(body.password),
        client=client_of(request),
        locale=language_of(request),
    )
    response = Response(status_code=202)
    forget_cookie(response)
    return response


async def cancel_deletion(request: Request[State]) -> Response:
    """
    Keep the account, logged in again.
    """
    await request.state["core"].cancel_deletion(caller=caller_of(request), client=client_of(request))
    return Response(status_code=204)


async def undo_deletion(request: Request[State]) -> Response:
    """
    Keep the account, by the link in the mail.
    """
    await redeem_undo_of_deletion(request, await read_body(request, TokenBody))
    return Response(status_code=204)


async def redeem_undo_of_deletion(request: Request[State], body: TokenBody) -> None:
    """
    Keep the account, with the token in *body*.
    """
    await request.state["core"].undo_deletion(token=body.token, client=client_of(request))


OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/me/deletion",
        endpoint=request_deletion,
        summary="Leave: every session ends, and the account is erased in a day, unless that is taken back",
        tag="Accounts",
        body=DeletionBody,
        request_headers=MAIL_LANGUAGE,
        answers=(Answer(202, "Accepted; a mail tells how to take it back"),),
        problems=(WrongPassword,),
    ),
    Operation(
        method="DELETE",
        path="/api/v1/me/deletion",
        endpoint=cancel_deletion,
        summary="Stay after all",
        tag="Accounts",
        answers=(Answer(204, "The account stays"),),
    ),
    Operation(
        method="POST",
        path="/api/v1/auth/undo-deletion",
        endpoint=undo_deletion,
        summary="Stay after all, by the token out of the mail; nobody is logged in",
        tag="Accounts",
        access=Access.PUBLIC,
        body=TokenBody,
        answers=(Answer(204, "The account stays"),),
        problems=(InvalidToken,),
    ),
)
