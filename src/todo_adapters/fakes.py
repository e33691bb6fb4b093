"""
Test doubles that keep the ports' contracts, and can be told what to do.

They need no event loop: their coroutines never wait.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from attrs import define, field

from todo_core.errors import EmailError, InvalidInput, InvalidSignature, InvalidToken, Unauthenticated
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.model.ids import TokenId
from todo_core.model.mail import MailKind, RenderedMessage
from todo_core.model.password import Password
from todo_core.model.suppression import MailEvent, MailEventKind
from todo_core.model.token import Purpose
from todo_core.model.user import DEFAULT_LOCALE
from todo_core.ports import (
    AccessTokens,
    BreachedPasswords,
    Clock,
    CommonPasswords,
    EmailService,
    LinkSigner,
    MailHook,
    MessageRenderer,
    PasswordHasher,
    Randomness,
)

_SOME_MOMENT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_LONGEST_WAY = timedelta(minutes=5)


@define
class FakeClock(Clock):
    """
    A clock that stands still until told otherwise.
    """

    moment: datetime = _SOME_MOMENT

    def now(self) -> datetime:
        return self.moment

    def pass_time(self, duration: timedelta) -> None:
        """
        Let *duration* go by.
        """
        self.moment += duration


@define
class FakeRandomness(Randomness):
    """
    Draws 1, 2, 3, ... and so never the same twice, and in every run the same.
    """

    drawn: int = 0

    def draw(self, size: int) -> bytes:
        self.drawn += 1
        return (self.drawn % (1 << 8 * size)).to_bytes(size, "big")


@define
class PlainPasswordHasher(PasswordHasher):
    """
    Keeps passwords readable, with a counter for salt; ``verifications`` tells what was asked.

    Hashes of a *generation* other than today's are outdated: raise it and every hash made so far is.
    """

    generation: int = 1
    verifications: list[str | None] = field(factory=list[str | None])
    _salt: int = 0

    async def hash(self, password: Password) -> str:
        self._salt += 1
        return f"plain${self.generation}${self._salt}${password.text}"

    async def verify(self, password: Password, password_hash: str | None) -> bool:
        self.verifications.append(password_hash)
        scheme, _, rest = (password_hash or "").partition("$")
        return scheme == "plain" and rest.split("$", 2)[2:] == [password.text]

    def is_outdated(self, password_hash: str) -> bool:
        return not password_hash.startswith(f"plain${self.generation}$")


@define
class FewCommonPasswords(CommonPasswords):
    """
    Knows those it was given in ``texts``, written in lower case.
    """

    texts: frozenset[str] = frozenset({"password1234"})

    def includes(self, password: Password) -> bool:
        return password.text.casefold() in self.texts


@define
class FewBreachedPasswords(BreachedPasswords):
    """
    Knows those it was given in ``texts``, unless it is *away*; ``asked`` counts the questions.
    """

    texts: frozenset[str] = field(default=frozenset(), repr=False)
    away: bool = False
    asked: int = 0

    async def includes(self, password: Password) -> bool:
        self.asked += 1
        return not self.away and password.text in self.texts

    async def close(self) -> None:
        """
        Do nothing: a set holds nothing open.
        """


@define
class RecordingEmailService(EmailService):
    """
    Keeps what was sent in ``sent``; each error put into ``failures`` is raised once, in turn.
    """

    sent: list[EmailMessage] = field(factory=list[EmailMessage], repr=False)
    failures: list[EmailError] = field(factory=list[EmailError], repr=False)

    async def send(self, message: EmailMessage) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)

    async def check(self) -> None:
        """
        Do nothing: a list takes everything.
        """

    async def close(self) -> None:
        """
        Do nothing: a list holds nothing open.
        """

    def fail_next(self, *errors: EmailError) -> None:
        """
        Answer the next messages with *errors*, one each.
        """
        self.failures.extend(errors)


class PlainMailHook(MailHook):
    """
    Reads a line for each event: what it is, its id, the address and the moment; ``sign`` makes the headers.
    """

    def sign(self, body: bytes, *, at: datetime) -> Mapping[str, str]:
        """
        Return the headers that *body* is believed with, for five minutes before and after *at*.
        """
        return {"time": at.isoformat(), "signature": _checksum(at.isoformat(), body.hex())}

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[MailEvent]:
        time = headers.get("time", "")
        if headers.get("signature") != _checksum(time, body.hex()):
            raise InvalidSignature
        if abs(datetime.fromisoformat(time) - now) > _LONGEST_WAY:
            raise InvalidSignature
        try:
            lines = [line.split(" ") for line in body.decode().split("\n")]
            events = [_mail_event(*line) for line in lines]
        except (ValueError, TypeError):
            raise InvalidInput("This is not a line for each event.") from None
        return [event for event in events if event is not None]


def _mail_event(kind: str, event_id: str, address: str, at: str) -> MailEvent | None:
    local, _, domain = address.rpartition("@")
    try:
        to = EmailAddress(f"{local}@{domain.encode().decode('idna')}")
    except InvalidInput:
        return None
    ends = kind in {*MailEventKind}
    return MailEvent(event_id, to, MailEventKind(kind), datetime.fromisoformat(at)) if ends else None


class PlainMessageRenderer(MessageRenderer):
    """
    Puts a message into as few words as possible: one line for each fact, the same in every language.
    """

    @property
    def locales(self) -> Sequence[str]:
        return (DEFAULT_LOCALE,)

    def render(self, kind: MailKind, *, locale: str, facts: Mapping[str, str]) -> RenderedMessage:  # noqa: ARG002 - the arguments are the port's
        lines = [f"{name}: {fact}" for name, fact in facts.items()]
        text = "\n".join([kind.value, *lines])
        return RenderedMessage(subject=kind.value, text=text, html=f"<pre>{html.escape(text)}</pre>")


class PlainLinkSigner(LinkSigner):
    """
    Signs with a checksum that anybody can compute: fit for tests and for nothing else.
    """

    def sign(self, token_id: TokenId, *, purpose: Purpose) -> str:
        return f"{token_id.hex}.{_checksum(purpose, token_id.hex)}"

    def read(self, signed: str, *, purpose: Purpose) -> TokenId:
        try:
            token_id = TokenId(UUID(hex=signed.partition(".")[0]))
        except ValueError:
            raise InvalidToken from None
        if signed != self.sign(token_id, purpose=purpose):
            raise InvalidToken
        return token_id


class PlainAccessTokens(AccessTokens):
    """
    Writes secret and expiry down as they are, with a checksum: fit for tests and for nothing else.
    """

    def issue(self, secret: bytes, *, expires_at: datetime) -> str:
        expiry = expires_at.isoformat()
        return f"{secret.hex()}/{expiry}/{_checksum(secret.hex(), expiry)}"

    def read(self, token: str, *, now: datetime) -> bytes:
        secret, _, rest = token.partition("/")
        expiry, _, checksum = rest.partition("/")
        if checksum != _checksum(secret, expiry) or now >= datetime.fromisoformat(expiry):
            raise Unauthenticated
        return bytes.fromhex(secret)


def _checksum(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]
