"""
What the core asks of the world beside its memory.

A port's docstring is its contract, sentence by sentence; ``todo_core.contracts`` holds a test for each.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from todo_core.model.email import EmailMessage
from todo_core.model.ids import TokenId
from todo_core.model.limit import Allowance, Limit
from todo_core.model.mail import MailKind, RenderedMessage
from todo_core.model.password import Password
from todo_core.model.suppression import MailEvent
from todo_core.model.token import Purpose


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


class CommonPasswords(Protocol):
    """
    Knows the passwords that most people choose, so that nobody here chooses one of them; it asks nobody.
    """

    @abstractmethod
    def includes(self, password: Password) -> bool:
        """
        Tell whether *password* is among them, as it is written or in lower case.
        """
        ...


class BreachedPasswords(Protocol):
    """
    Knows the passwords that were stolen elsewhere and made public.

    Its ``repr`` shows no password.
    """

    @abstractmethod
    async def includes(self, password: Password) -> bool:
        """
        Tell whether *password* is known to be among them.

        It answers within seconds and raises nothing: what cannot be found out now is a no, so that nobody is kept
        from a new password by somebody else's outage. The password stays here, and so does its hash.
        """
        ...

    @abstractmethod
    async def close(self) -> None:
        """
        Let go of what is held open, once or twice; nothing is asked afterwards.
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
            CountersUnavailable: the counters cannot be reached, though everything else may be well.
            Unavailable: what keeps the counters cannot be reached, nor can all that it keeps beside them.
        """
        ...

    @abstractmethod
    async def forget(self, limit: Limit, key: str) -> None:
        """
        Let counting of *limit* for *key* start anew; no other key or limit is touched.

        Forgetting what was never counted is no fault.

        Raises:
            CountersUnavailable: as for ``hit``.
            Unavailable: as for ``hit``.
        """
        ...

    @abstractmethod
    async def prune(self, *, limit: int) -> int:
        """
        Forget up to *limit* counters whose window has passed; return how many.

        None of those that still count is touched. Where counters go by themselves there are none to forget.

        Raises:
            Unavailable: the counters cannot be reached.
        """
        ...
