"""
Reminders: mail about a todo, which waits in the outbox until its hour.

Whether it is still wanted is seen when it is sent, so nothing need be taken out of the outbox when a todo is done,
deleted, or to be reminded of at another time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from todo_core.errors import InvalidInput
from todo_core.model.ids import MailId, TodoId, uuid7
from todo_core.model.link import Frontend
from todo_core.model.mail import Mail, MailKind
from todo_core.model.todo import Todo
from todo_core.model.user import User
from todo_core.model.wall_clock import wall_of
from todo_core.ports import Randomness, Work

REMINDER_LIFE = timedelta(days=1)
"""How late a reminder may come and still be of use."""


async def remind(work: Work, todo: Todo, *, before: Todo | None, now: datetime, randomness: Randomness) -> None:
    """
    Have the owner reminded, if that is another wish than *before*: the todo as it stood, None when it is new.

    A todo that is done is not reminded of; one that is taken up again is, if its hour has not come.

    Raises:
        InvalidInput: it was to be more than a day ago.
    """
    if todo.remind_at is None or todo.completed:
        return
    is_new = before is None or before.remind_at != todo.remind_at
    if is_new and todo.remind_at <= now - REMINDER_LIFE:
        raise InvalidInput("A reminder cannot be due more than a day ago.", field="remind_at")
    if is_new or (before is not None and before.completed and todo.remind_at > now):
        await queue_reminder(work, todo, now=now, randomness=randomness)


async def queue_reminder(work: Work, todo: Todo, *, now: datetime, randomness: Randomness) -> None:
    """
    Put the *todo*'s reminder into the outbox, in the place of one that waits; one that would come too late is left out.
    """
    owner = await work.users.by_id(todo.owner_id)
    if owner is None or todo.remind_at is None or todo.remind_at <= now - REMINDER_LIFE:
        return
    reminder = Mail(
        id=MailId(uuid7(now, randomness.draw(10))),
        kind=MailKind.REMINDER,
        address=owner.email,
        created_at=now,
        expires_at=todo.remind_at + REMINDER_LIFE,
        due_at=todo.remind_at,
        facts={"remind_at": todo.remind_at.isoformat()},
        user_id=owner.id,
        about=todo.id,
    )
    await work.outbox.add(reminder)


async def facts_of(reminder: Mail, user: User, work: Work, *, frontend: Frontend) -> Mapping[str, str] | None:
    """
    Return what the *reminder* tells the *user*, on the user's clock; None when it is not wanted any more.

    An address that nobody has shown to be theirs is sent none: the words would be a stranger's.
    """
    if reminder.about is None or user.verified_at is None:
        return None
    todo = await work.todos.get(TodoId(reminder.about), owner_id=user.id)
    if todo is None or todo.completed or todo.remind_at is None:
        return None
    if todo.remind_at.isoformat() != reminder.facts["remind_at"]:
        return None
    return {"todo": todo.title, "due": _due(todo, user), "zone": user.timezone, "link": frontend.todo(todo.id)}


def _due(todo: Todo, user: User) -> str:
    if todo.due_at is not None:
        return wall_of(todo.due_at, user.zone).isoformat(timespec="minutes")
    return "" if todo.due_date is None else todo.due_date.isoformat()
