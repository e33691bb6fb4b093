"""
What the core asks of its memory about people: their accounts, sessions, tokens and what happened to them.

A port's docstring is its contract, sentence by sentence; ``todo_core.contracts`` holds a test for each.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from todo_core.model.email import EmailAddress
from todo_core.model.event import SecurityEvent
from todo_core.model.ids import EventId, SessionId, TokenId, UserId
from todo_core.model.session import Caller, Session
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
        Their sessions, tokens, security events, todos and calendars go with them, and the mail that was written for
        them.
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
