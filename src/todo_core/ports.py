"""
What the core asks of the world.

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

from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.model.event import SecurityEvent
from todo_core.model.ids import MailId, SessionId, TodoId, TokenId, UserId
from todo_core.model.limit import Allowance, Limit
from todo_core.model.mail import Backlog, Mail, MailKind, MailState, RenderedMessage
from todo_core.model.password import Password
from todo_core.model.session import Caller, Session
from todo_core.model.suppression import MailEvent, Suppression
from todo_core.model.todo import Todo, TodoFilter, TodoPage
from todo_core.model.token import Purpose, Token
from todo_core.model.user import User


class Clock(Protocol):
    """
    Tells the time.
    """

    @abstractmethod
    def now(self) -> datetime:
        """
        Return this moment, aware and in UTC.
        """
        ...


class Randomness(Protocol):
    """
    Tosses coins.
    """

    @abstractmethod
    def draw(self, size: int) -> bytes:
        """
        Return *size* bytes that nobody can predict and that were never drawn before.
        """
        ...


class PasswordHasher(Protocol):
    """
    Turns passwords into something safe to store.

    Raises:
        Unavailable: more hashes are asked for at once than the machine should bear.
    """

    @abstractmethod
    async def hash(self, password: Password) -> str:
        """
        Return a salted hash of *password*, another each time.
        """
        ...

    @abstractmethod
    async def verify(self, password: Password, password_hash: str | None) -> bool:
        """
        Tell whether *password_hash* was made of *password*.

        Without a hash, or with one that is not a hash, it answers no and takes as long as for a real one.
        """
        ...

    @abstractmethod
    def is_outdated(self, password_hash: str) -> bool:
        """
        Tell whether the hash was made with other parameters than today's.
        """
        ...


class EmailService(Protocol):
    """
    Hands messages to a mail provider.

    Neither an exception nor the service's ``repr`` shows a credential, the recipient or the message's words.
    """

    @abstractmethod
    async def send(self, message: EmailMessage) -> None:
        """
        Return once the provider has accepted *message*, whole and for its one recipient.

        Text and HTML arrive as two alternatives of one message, with the message's own Message-ID.
        It answers within its deadline, whatever the provider does.
        After a failure, or when it was cancelled, the next message is sent as if nothing had happened.

        Raises:
            EmailRejected: the provider never will accept it; trying again is useless.
            EmailUnavailable: it cannot now; trying again may help. ``unknown`` says that it may have accepted
                the message all the same, ``retry_after`` how long it asked to be left alone, ``away`` that it
                was not there to be asked.
            EmailInterrupted: it was cancelled, and the provider cannot have the message. Where that is not
                certain, a cancellation is passed on as it is.
            EmailMisconfigured: nothing will be accepted until an operator acts.
        """
        ...

    @abstractmethod
    async def check(self) -> None:
        """
        Return if the provider would take a message from us, as far as can be told without sending one.

        Raises:
            EmailUnavailable: it cannot now.
            EmailMisconfigured: it will not until an operator acts.
        """
        ...

    @abstractmethod
    async def close(self) -> None:
        """
        Let go of what is held open; nothing is sent afterwards.
        """
        ...


class MailHook(Protocol):
    """
    Reads what a mail provider reports about mail that it took from us.

    Its ``repr`` shows no secret.
    """

    @abstractmethod
    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[MailEvent]:
        """
        Return the events in a report that end deliveries: hard bounces and complaints, never soft bounces.

        *headers* are those of the report's request, by lower-case names; *body* is as it came.
        Nothing in the body is looked at before the provider's signature over it was verified.
        Their times are in UTC. An event has the same id in each report of it, and no other event of the provider
        has that id.
        What concerns an address that we could not write to is left out. A domain that mail servers spell for
        the DNS (``xn--…``) comes back as people write it.

        Raises:
            InvalidSignature: the provider did not sign this, it was altered since, or the time that was signed
                with it is more than five minutes from *now*.
            InvalidInput: it is not of the form that the provider documents.
        """
        ...


class MessageRenderer(Protocol):
    """
    Puts messages into words.
    """

    @property
    @abstractmethod
    def locales(self) -> Sequence[str]:
        """
        The languages it knows (RFC 5646), each once, English first.
        """
        ...

    @abstractmethod
    def render(self, kind: MailKind, *, locale: str, facts: Mapping[str, str]) -> RenderedMessage:
        """
        Return the subject, text and HTML of a *kind* of message, with its *facts* in them.

        A region is answered in its language: ``de-AT`` in German.
        The subject is one line. Whatever stands in a fact is shown as text, never run as markup.
        A locale it does not know is answered in English.
        """
        ...


class LinkSigner(Protocol):
    """
    Signs the ids that travel in mailed links, so that a copy of the database makes no link.
    """

    @abstractmethod
    def sign(self, token_id: TokenId, *, purpose: Purpose) -> str:
        """
        Return *token_id* in a form that is safe in a URL; the same id and purpose give the same text.
        """
        ...

    @abstractmethod
    def read(self, signed: str, *, purpose: Purpose) -> TokenId:
        """
        Return the id that was signed for this *purpose*.

        Raises:
            InvalidToken: it was not signed with one of our keys for this purpose, or was altered since.
        """
        ...


class AccessTokens(Protocol):
    """
    Wraps a session's secret for its bearer.
    """

    @abstractmethod
    def issue(self, secret: bytes, *, expires_at: datetime) -> str:
        """
        Return a token of visible ASCII that carries *secret* until *expires_at*.
        """
        ...

    @abstractmethod
    def read(self, token: str, *, now: datetime) -> bytes:
        """
        Return the secret in the *token*.

        Raises:
            Unauthenticated: we did not issue it, it was altered, or it has expired.
        """
        ...


class RateLimiter(Protocol):
    """
    Counts what may be done only so often.
    """

    @abstractmethod
    async def hit(self, limit: Limit, key: str) -> Allowance:
        """
        Count one more for *key*, and tell whether *limit* allows it.

        Of many hits at once, exactly as many are allowed as the limit says.
        Each key and each limit is counted apart. When the window has passed, counting starts anew.
        A refusal says how long to wait. No key is stored in a form that can be read back.

        Raises:
            Unavailable: the counters cannot be reached.
        """
        ...

    @abstractmethod
    async def prune(self, *, limit: int) -> int:
        """
        Forget up to *limit* counters whose window has passed; return how many.

        None of those that still count is touched.

        Raises:
            Unavailable: the counters cannot be reached.
        """
        ...


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
    async def caller(self, digest: bytes, *, now: datetime) -> Caller | None:
        """
        Return the live session with this *digest* and its user.

        A session that was removed or has expired, or whose user is disabled, is not live.
        """
        ...

    @abstractmethod
    async def remove(self, session_id: SessionId) -> None:
        """
        Forget the session; nothing happens when it is gone already.
        """
        ...

    @abstractmethod
    async def remove_all(self, user_id: UserId) -> None:
        """
        Forget every session of the user.
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
        End the life of every token of the user, whatever its purpose.
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
    async def of_user(self, user_id: UserId, *, limit: int) -> Sequence[SecurityEvent]:
        """
        Return the user's *limit* latest events, newest first.
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


@frozen
class Ports:
    """
    The driven side of the hexagon: one adapter for each port, and one ``MailHook`` for each provider that reports.
    """

    clock: Clock
    randomness: Randomness
    hasher: PasswordHasher
    email: EmailService
    mail_hooks: Mapping[str, MailHook]
    renderer: MessageRenderer
    link_signer: LinkSigner
    access_tokens: AccessTokens
    rate_limiter: RateLimiter
    unit_of_work: UnitOfWork
