"""
/me: who somebody is.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from todo_core.errors import InvalidInput
from todo_core.model.user import DEFAULT_LOCALE, User
from todo_web.answers import json_answer
from todo_web.decoding import JSON, MERGE_PATCH, read_body
from todo_web.fields import DisplayName, Locale, TimeZone
from todo_web.operations import Answer, Operation
from todo_web.state import State, caller_of

_PATCH_TYPES = (MERGE_PATCH, JSON)


class ChangeProfileBody(TypedDict, total=False):
    """
    A JSON merge patch (RFC 7396): an absent field stays as it is, null clears.
    """

    display_name: DisplayName | None
    locale: Locale | None
    timezone: TimeZone | None


@frozen(slots=False)
class Profile:
    """
    A person, as the person sees it; ``erase_at`` is when the account goes, if the person wants that.
    """

    id: UUID
    email: str
    display_name: str | None
    locale: str
    timezone: str
    verified_at: datetime | None
    created_at: datetime
    erase_at: datetime | None


async def get_profile(request: Request[State]) -> Response:
    """
    Tell who is logged in.
    """
    return json_answer(profile_of(caller_of(request).user))


async def change_profile(request: Request[State]) -> Response:
    """
    Change what one is called, reads and lives by.
    """
    changes = await read_body(request, ChangeProfileBody, media_types=_PATCH_TYPES)
    return json_answer(profile_of(await request.state["core"].change_profile(changes, caller=caller_of(request))))


def profile_of(user: User) -> Profile:
    """
    Return *user* as the person sees it.
    """
    return Profile(
        id=user.id,
        email=user.email.text,
        display_name=user.display_name,
        locale=user.locale or DEFAULT_LOCALE,
        timezone=user.timezone,
        verified_at=user.verified_at,
        created_at=user.created_at,
        erase_at=user.erase_at,
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/me",
        endpoint=get_profile,
        summary="Who am I?",
        tag="Accounts",
        answers=(Answer(200, "The profile", Profile),),
    ),
    Operation(
        method="PATCH",
        path="/api/v1/me",
        endpoint=change_profile,
        summary="Change the profile: a field that is not sent stays as it is",
        tag="Accounts",
        body=ChangeProfileBody,
        body_types=_PATCH_TYPES,
        answers=(Answer(200, "The profile as it now stands", Profile),),
        problems=(InvalidInput,),
    ),
)
