"""
People and things that the contracts talk about.

Each call makes another one, with an id above those made before.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

from attrs import evolve

from todo_core.model.answer import KeptAnswer
from todo_core.model.email import EmailAddress
from todo_core.model.event import EventKind, SecurityEvent
from todo_core.model.ids import EventId, ListId, MailId, SessionId, TodoId, TokenId, UserId
from todo_core.model.mail import Mail, MailKind
from todo_core.model.session import Session, digest_of
from todo_core.model.suppression import MailEventKind, Suppression
from todo_core.model.todo import Todo
from todo_core.model.todo_list import TodoList
from todo_core.model.token import Purpose, Token
from todo_core.model.user import User
from todo_core.ports import UnitOfWork

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=365)

_numbers = count(1)


def fresh_uuid() -> UUID:
    """
    Return a UUID greater than all before.
    """
    return UUID(int=next(_numbers))


def a_user(email: str | None = None) -> User:
    """
    Return a user with this address, or with one that nobody had before.
    """
    user_id = UserId(fresh_uuid())
    address = EmailAddress(email or f"user{user_id.int}@example.org")
    return User(id=user_id, email=address, password_hash="$argon2id$made-up", created_at=NOW)


def a_session(user: User, *, expires_at: datetime = NOW + HOUR) -> Session:
    """
    Return a session of *user*.
    """
    session_id = SessionId(fresh_uuid())
    digest = digest_of(session_id.bytes)
    return Session(session_id, user.id, digest, created_at=NOW, expires_at=expires_at, last_seen_at=NOW)


def a_token(
    user: User,
    *,
    purpose: Purpose = Purpose.PASSWORD_RESET,
    created_at: datetime = NOW,
    expires_at: datetime = NOW + HOUR,
    mail_id: MailId | None = None,
    email: EmailAddress | None = None,
) -> Token:
    """
    Return a token of *user*.
    """
    return Token(TokenId(fresh_uuid()), purpose, user.id, mail_id, created_at, expires_at, email=email)


def a_mail(
    address: str = "ann@example.org",
    *,
    kind: MailKind = MailKind.PASSWORD_RESET,
    due_at: datetime = NOW,
    expires_at: datetime = NOW + HOUR,
    note: str = "first",
    locale: str | None = "de",
    user_id: UserId | None = None,
    about: UUID | None = None,
) -> Mail:
    """
    Return a mail that waits.
    """
    return Mail(
        id=MailId(fresh_uuid()),
        kind=kind,
        address=EmailAddress(address),
        created_at=NOW,
        expires_at=expires_at,
        due_at=due_at,
        facts={"note": note},
        locale=locale,
        user_id=user_id,
        about=about,
    )


def an_event(user: User, *, at: datetime = NOW) -> SecurityEvent:
    """
    Return an event in the life of *user*'s account.
    """
    return SecurityEvent(EventId(fresh_uuid()), user.id, EventKind.LOGGED_IN, at)


def a_suppression(address: str, *, reason: MailEventKind = MailEventKind.BOUNCE, at: datetime = NOW) -> Suppression:
    """
    Return a suppression of *address*.
    """
    return Suppression(EmailAddress(address), reason, at)


def a_todo(owner: User, title: str = "Buy milk", *, completed: bool = False, **fields: Any) -> Todo:
    """
    Return a todo of *owner*, with these *fields*; all have one position unless it is said.
    """
    usual: dict[str, Any] = {"position": "V", "created_at": NOW, "updated_at": NOW}
    usual["completed_at"] = NOW if completed else None
    return Todo(id=TodoId(fresh_uuid()), owner_id=owner.id, title=title, **usual | fields)


def a_list(owner: User, name: str = "Home", **fields: Any) -> TodoList:
    """
    Return a list of *owner*, with these *fields*; all have one position unless it is said.
    """
    usual: dict[str, Any] = {"position": "V", "created_at": NOW, "updated_at": NOW}
    return TodoList(id=ListId(fresh_uuid()), owner_id=owner.id, name=name, **usual | fields)


def an_answer(owner: User, key: str = "key", *, body: bytes = b"{}", at: datetime = NOW) -> KeptAnswer:
    """
    Return what *owner* was answered under this *key*.
    """
    return KeptAnswer(owner.id, key, digest=sha256(body).digest(), at=at, body=body)


async def somebody(unit_of_work: UnitOfWork, *, verified_at: datetime | None = None) -> User:
    """
    Return a user who has an account by now.
    """
    user = evolve(a_user(), verified_at=verified_at)
    async with unit_of_work.begin() as work:
        await work.users.add(user)
    return user
