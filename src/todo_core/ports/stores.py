"""
What the core asks of its memory, one store for each kind of thing; a unit of work has them all.

A port's docstring is its contract, sentence by sentence; ``todo_core.contracts`` holds a test for each.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from todo_core.model.email import EmailAddress
from todo_core.model.event import SecurityEvent
from todo_core.model.ids import EventId, MailId, SessionId, TodoId, TokenId, UserId
from todo_core.model.mail import Backlog, Mail, MailState
from todo_core.model.session import Caller, Session
from todo_core.model.suppression import Suppression
from todo_core.model.todo import Todo, TodoFilter, TodoPage
from todo_core.model.token import Purpose, Token
from todo_core.model.user import User


class UserStore(Protocol):
    """
    Keeps the people.
    """

    @abstractmethod
    async def add(self, user: User) -> bool:
        """
        Keep *user*, unless its address is taken; tell whether it was kept.

        Of several who ask for one address at once, one gets it.
        """
        ...

    @abstractmethod
    async def claim(self, user: User) -> bool:
        """
        Keep *user*, unless its address belongs to somebody who verified it; tell whether it was kept.

        An account of the address that was never verified stays, with the password and the name of *user*.
        """
        ...

    @abstractmethod
    async def by_id(self, user_id: UserId) -> User | None:
        """
        Return the user with this id, if there is one.
        """
        ...

    @abstractmethod
    async def by_email(self, email: EmailAddress) -> User | None:
        """
        Return the user with this address, if there is one.
        """
        ...

    @abstractmethod
    async def hold(self, user_id: UserId) -> User | None:
        """
        Return it as *by_id* does, and let nobody else change or hold it until this unit of work ends.
        """
        ...

    @abstractmethod
    async def hold_by_email(self, email: EmailAddress) -> User | None:
        """
        Return it as *by_email* does, held as by *hold*; whoever gave the address up meanwhile is not meant.
        """
        ...

    @abstractmethod
    async def set_password_hash(self, user_id: UserId, password_hash: str) -> None:
        """
        Replace the hash by another of the same password.
        """
        ...

    @abstractmethod
    async def change_password(self, user_id: UserId, password_hash: str, *, at: datetime) -> None:
        """
        Replace the hash by that of another password, and note when.
        """
        ...

    @abstractmethod
    async def set_verified(self, user_id: UserId, *, at: datetime) -> None:
        """
        Note that the user's address was confirmed; the first time counts.
        """
        ...

    @abstractmethod
    async def set_disabled(self, user_id: UserId, *, at: datetime | None) -> None:
        """
        Keep the user out since *at*, or let the user in again with None.
        """
        ...

    @abstractmethod
    async def set_profile(
        self, user_id: UserId, *, display_name: str | None, locale: str | None, timezone: str
    ) -> None:
        """
        Replace what the user calls themselves, reads, and lives by.
        """
        ...

    @abstractmethod
    async def change_email(self, user_id: UserId, email: EmailAddress, *, at: datetime) -> None:
        """
        Replace the user's address by *email*, verified *at*.

        Of several who ask for one address at once, one gets it.

        Raises:
            Conflict: the address is somebody else's.
        """
        ...

    @abstractmethod
    async def drop_unverified(self, email: EmailAddress) -> None:
        """
        Forget the account of this address, with everything it owns, if the address was never verified.
        """
        ...

    @abstractmethod
    async def set_erase_at(self, user_id: UserId, *, at: datetime | None) -> None:
        """
        Have the user erased *at* this moment, or keep the user with None.
        """
        ...

    @abstractmethod
    async def erase(self, *, now: datetime, limit: int) -> Sequence[EmailAddress]:
        """
        Forget up to *limit* users who are to be erased by *now*; return their addresses.

        Who holds a live token for ``UNDO_EMAIL_CHANGE`` stays until it is not live any more: the account may have been
        taken over, and its owner has that long to take it back.
        Their sessions, tokens, security events and todos go with them, and the mail that was written for them.
        """
        ...


class SessionStore(Protocol):
    """
    Keeps the sessions.
    """

    @abstractmethod
    async def add(self, session: Session) -> None:
        """
        Keep *session*.
        """
        ...

    @abstractmethod
    async def caller(self, digest: bytes, *, now: datetime, idle_since: datetime) -> Caller | None:
        """
        Return the live session with this *digest* and its user.

        A session that was removed, has expired or was not seen after *idle_since*, or whose user is disabled,
        is not live.
        """
        ...

    @abstractmethod
    async def touch(self, session_id: SessionId, *, at: datetime) -> None:
        """
        Note that the session was seen *at* this moment; nothing happens when it is gone.
        """
        ...

    @abstractmethod
    async def of_user(self, user_id: UserId, *, now: datetime, idle_since: datetime) -> Sequence[Session]:
        """
        Return the user's sessions that have not expired and were seen after *idle_since*, newest first.
        """
        ...

    @abstractmethod
    async def remove(self, session_id: SessionId, *, user_id: UserId) -> bool:
        """
        Forget the user's session with this id; tell whether there was one.
        """
        ...

    @abstractmethod
    async def remove_all(self, user_id: UserId, *, but: SessionId | None = None) -> int:
        """
        Forget every session of the user *but* this one; return how many.
        """
        ...

    @abstractmethod
    async def remove_everyones(self) -> int:
        """
        Forget every session there is; return how many.
        """
        ...

    @abstractmethod
    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Forget up to *limit* sessions that expired *before* this moment; return how many.
        """
        ...


class TokenStore(Protocol):
    """
    Keeps single-use tokens.

    A token is live until it is used, is retired, expires, or a token of the same user and purpose is made later.
    Those whose purpose is in ``UNDOING`` are superseded by none.
    """

    @abstractmethod
    async def issue(self, token: Token) -> Token | None:
        """
        Keep *token*, unless its mail has one for its purpose; return the one that is kept, if it can still be live.

        A mail's token keeps its id however often it is issued, and takes the later of the two expiries.
        None means that it was used or retired, or that a later token supersedes it.
        """
        ...

    @abstractmethod
    async def live(self, token_id: TokenId, *, purpose: Purpose, now: datetime) -> Token | None:
        """
        Return the token if it is live and for this *purpose*; nothing is consumed.
        """
        ...

    @abstractmethod
    async def take(self, token_id: TokenId, *, purpose: Purpose, now: datetime) -> Token | None:
        """
        Use the token up and return it, if it is live and for this *purpose*.

        Of several takers at once, at most one gets it.
        """
        ...

    @abstractmethod
    async def retire_all(self, user_id: UserId, *, now: datetime) -> None:
        """
        End the life of every token of the user, but of those whose purpose is in ``UNDOING``.
        """
        ...

    @abstractmethod
    async def retire_later(self, token: Token, *, now: datetime) -> None:
        """
        End the life of every token of the same user and purpose that was made after *token*.
        """
        ...

    @abstractmethod
    async def retire_everyones(self, *, now: datetime) -> int:
        """
        End the life of every token there is; return of how many.
        """
        ...

    @abstractmethod
    async def prune(self, *, before: datetime, limit: int) -> int:
        """
        Forget up to *limit* tokens that expired *before* this moment; return how many.
        """
        ...


class Outbox(Protocol):
    """
    Keeps mail until it was sent, or until sending it is of no use.

    A mail whose state is ``sending`` belongs to whoever holds its lease, until the lease runs out.
    """

    @abstractmethod
    async def add(self, mail: Mail) -> None:
        """
        Keep *mail* and wake a courier soon after the unit of work ends.

        When one of the same kind waits for the same address already, the new one takes its place: one mail
        is sent, with a life and attempts of its own, however often the earlier one was tried.
        """
        ...

    @abstractmethod
    async def claim(self, *, now: datetime, lease: UUID, lease_until: datetime) -> Mail | None:
        """
        Give the mail that has been due longest to the holder of *lease*, its attempt counted.

        Due is what waits and whose ``due_at`` has come, and what was claimed and whose lease has run out.
        Of several who claim at once, each gets another mail. None means that nothing is due.
        """
        ...

    @abstractmethod
    async def finish(self, mail: Mail, *, now: datetime) -> bool:
        """
        Note that the claimed *mail* was sent; tell whether its lease was still held.
        """
        ...

    @abstractmethod
    async def retry(self, mail: Mail, *, due_at: datetime, error: str) -> bool:
        """
        Let the claimed *mail* wait until *due_at*, with the attempts it carries; tell whether its lease was still held.

        When another of the same kind waits for the same address by then, this one gives way and is forgotten.
        """
        ...

    @abstractmethod
    async def bury(self, mail: Mail, *, error: str) -> bool:
        """
        Give the claimed *mail* up for the reason *error*; tell whether its lease was still held.
        """
        ...

    @abstractmethod
    async def give_back(self, mail: Mail) -> bool:
        """
        Let the claimed *mail* wait as if it had not been claimed; tell whether its lease was still held.

        A courier is woken soon after the unit of work ends.
        When another of the same kind waits for the same address by then, this one gives way and is forgotten.
        """
        ...

    @abstractmethod
    async def revive(self, mail_id: MailId, *, now: datetime, expires_at: datetime) -> bool:
        """
        Let the mail be due *now*, as good as new until *expires_at*, if it is dead or waits; tell whether it was.

        A courier is woken soon after the unit of work ends.
        A dead mail stays dead when another of the same kind waits for the same address.
        """
        ...

    @abstractmethod
    async def drop(self, mail_id: MailId) -> bool:
        """
        Forget the mail, unless it is on its way; tell whether it was forgotten.
        """
        ...

    @abstractmethod
    async def forget(self, address: EmailAddress) -> None:
        """
        Forget every mail to this address.
        """
        ...

    @abstractmethod
    async def bury_all(self, *, error: str) -> int:
        """
        Give up, for the reason *error*, all that waits or is on its way; return how many mails.

        Whoever holds the lease of one finds it lost.
        """
        ...

    @abstractmethod
    async def to_address(self, address: EmailAddress) -> Sequence[Mail]:
        """
        Return every mail to this address, newest first.
        """
        ...

    @abstractmethod
    async def by_id(self, mail_id: MailId) -> Mail | None:
        """
        Return the mail with this id, if it is kept.
        """
        ...

    @abstractmethod
    async def newest(self, *, state: MailState | None, limit: int) -> Sequence[Mail]:
        """
        Return the *limit* latest mails, newest first; only those in this *state*, if one is given.
        """
        ...

    @abstractmethod
    async def backlog(self, *, now: datetime) -> Backlog:
        """
        Return since when the mail that has been due longest is due, if any is, and the latest misconfiguration.

        A misconfiguration is a reason that begins with ``MISCONFIGURED``. Only what waits for it counts.
        It costs little, however much mail is kept.
        """
        ...

    @abstractmethod
    async def count(self) -> Mapping[MailState, int]:
        """
        Return how many mails are in each state, those included in which none is.
        """
        ...

    @abstractmethod
    async def prune(self, state: MailState, *, before: datetime, error: str | None, limit: int) -> int:
        """
        Forget up to *limit* mails in this *state* that were written *before* this moment; return how many.

        If an *error* is given, only those are forgotten whose last one it is.
        """
        ...


class EventStore(Protocol):
    """
    Keeps security events.
    """

    @abstractmethod
    async def add(self, event: SecurityEvent) -> None:
        """
        Keep *event*.
        """
        ...

    @abstractmethod
    async def of_user(self, user_id: UserId, *, before: EventId | None = None, limit: int) -> Sequence[SecurityEvent]:
        """
        Return the user's *limit* latest events in the order of their ids, newest first.

        If an id is given, only those from *before* it.
        """
        ...


class SuppressionStore(Protocol):
    """
    Keeps the addresses that get no mail, and which reports about them were heard.
    """

    @abstractmethod
    async def add(self, suppression: Suppression) -> bool:
        """
        Keep *suppression*, unless its address has one already; tell whether it was kept.

        A complaint takes the place of a bounce.
        """
        ...

    @abstractmethod
    async def by_address(self, address: EmailAddress) -> Suppression | None:
        """
        Return the suppression of this address, if there is one.
        """
        ...

    @abstractmethod
    async def newest(self, *, limit: int) -> Sequence[Suppression]:
        """
        Return the *limit* latest suppressions, newest first.
        """
        ...

    @abstractmethod
    async def remove(self, address: EmailAddress) -> bool:
        """
        Forget the suppression of this address; tell whether there was one.
        """
        ...

    @abstractmethod
    async def note_event(self, event_id: str, *, at: datetime) -> bool:
        """
        Note that the event was first heard *at* this moment, unless it was before; tell whether this is so.

        Of several who note one event at once, one is first.
        """
        ...

    @abstractmethod
    async def forget_events(self, *, before: datetime) -> None:
        """
        Forget the events that were heard *before* this moment.
        """
        ...


class TodoStore(Protocol):
    """
    Keeps todos.  A todo of somebody else is as good as none.
    """

    @abstractmethod
    async def add(self, todo: Todo) -> None:
        """
        Keep *todo*.
        """
        ...

    @abstractmethod
    async def get(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        """
        Return the owner's todo with this id, if there is one.
        """
        ...

    @abstractmethod
    async def hold(self, todo_id: TodoId, *, owner_id: UserId) -> Todo | None:
        """
        Return it as *get* does, and let nobody else change it until this unit of work ends.
        """
        ...

    @abstractmethod
    async def page(self, wanted: TodoFilter, *, owner_id: UserId, after: TodoId | None, limit: int) -> TodoPage:
        """
        Return up to *limit* of the owner's todos that fit *wanted*, in the order of their ids, from behind *after*.

        Whoever follows ``next_after`` sees each todo that stood there all the time exactly once.
        """
        ...

    @abstractmethod
    async def replace(self, todo: Todo) -> None:
        """
        Keep *todo* instead of the one with its id and owner, which this unit of work holds.
        """
        ...

    @abstractmethod
    async def remove(self, todo_id: TodoId, *, owner_id: UserId) -> None:
        """
        Forget the owner's todo; nothing happens when it is gone already.
        """
        ...


@frozen
class Work:
    """
    The stores as one unit of work sees them.
    """

    users: UserStore
    sessions: SessionStore
    tokens: TokenStore
    outbox: Outbox
    events: EventStore
    suppressions: SuppressionStore
    todos: TodoStore


class UnitOfWork(Protocol):
    """
    Makes several changes one.
    """

    @abstractmethod
    def begin(self) -> AbstractAsyncContextManager[Work]:
        """
        Open a unit of work: all its changes are kept when the block ends, none when it raises.

        Others see nothing of it before it ends.

        Raises:
            Unavailable: the database cannot answer now, at the beginning, inside or at the end.
            Conflict: a change would make a second thing with the same identity.
        """
        ...
