"""
What is never to happen, whatever happens: a model of the service, and Hypothesis looking for a way to break it.

* A link works exactly while its model says so: once, until it expires, until a newer one is made, until a reset.
* Exactly one password of an account works, and a session lives until it is ended.
* A mail is tried at most so often; it counts as sent when, and only when, the provider accepted it.
* Every mail ends, sent or dead with a reason, and no mail that is kept holds a link.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from tests.unit.driving import run
from todo_adapters.fakes import (
    FakeClock,
    FakeRandomness,
    PlainAccessTokens,
    PlainLinkSigner,
    PlainMessageRenderer,
    PlainPasswordHasher,
    RecordingEmailService,
)
from todo_adapters.memory import MemoryRateLimiter, MemoryUnitOfWork
from todo_core.core import Core, Limits, Policy
from todo_core.errors import (
    Conflict,
    DomainError,
    EmailMisconfigured,
    EmailNotVerified,
    EmailRejected,
    EmailUnavailable,
    InvalidToken,
    NotFound,
    Unauthenticated,
    WrongCredentials,
)
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.model.limit import Limit
from todo_core.model.link import Frontend
from todo_core.model.mail import MailState
from todo_core.model.password import Password
from todo_core.model.token import Purpose
from todo_core.ports import Ports

ANN, BOB, CAT = (EmailAddress(f"{name}@example.org") for name in ("ann", "bob", "cat"))
ADDRESSES = st.sampled_from([ANN, ANN, BOB, BOB, CAT])
ALL_PASSWORDS = [Password("a quiet old password"), Password("a brand new password"), Password("yet another password")]
PASSWORDS = st.sampled_from(ALL_PASSWORDS)
ANSWERS = st.sampled_from(
    [None, None, EmailUnavailable("421"), EmailRejected("550"), EmailMisconfigured("535"), RuntimeError("killed")]
)
ROUNDS = st.sampled_from([1, 1, 1, 6])
DURATIONS = st.sampled_from([timedelta(minutes=minutes) for minutes in (1, 30, 60)])
REASONS = {
    "account disabled",
    "already verified",
    "expired",
    "no account",
    "rejected 550",
    "password changed since",
    "superseded",
    "too many attempts",
    "too many attempts, unavailable 421",
}
MAX_ATTEMPTS = 4
SECOND = timedelta(seconds=1)
NEVER_REACHED = Limit("never reached", 10**6, timedelta(minutes=1))


@define
class Provider(RecordingEmailService):
    """
    A mail provider that sees every message and accepts it, or fails with ``answer``.
    """

    answer: Exception | None = None
    seen: list[EmailMessage] = field(factory=list)
    accepted: set[str] = field(factory=set)

    async def send(self, message: EmailMessage) -> None:
        """
        Do so.
        """
        self.seen.append(message)
        if self.answer is not None:
            raise self.answer
        self.accepted.add(message.message_id)


@define(eq=False)
class Account:
    """
    What the model knows of an account.
    """

    email: EmailAddress
    password: Password
    verified: bool = False
    disabled: bool = False


@define(eq=False)
class Session:
    """
    What the model knows of a session.
    """

    account: Account
    access_token: str
    expires_at: datetime
    ended: bool = False


@define(eq=False)
class Link:
    """
    What the model knows of a link.
    """

    account: Account
    purpose: Purpose
    token: str
    made_at: datetime
    expires_at: datetime
    ended: bool = False


def outcome(coroutine: Awaitable[Any]) -> Any:
    """
    Return what a use case returns, or the type of what it raises.
    """
    try:
        return run(coroutine)
    except DomainError as error:
        return type(error)


class Service(RuleBasedStateMachine):
    """
    People, an operator and a courier, doing whatever comes to their minds.
    """

    links = Bundle("links")

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.provider = Provider()
        self.unit_of_work = MemoryUnitOfWork()
        self.hasher = PlainPasswordHasher()
        self.signer = PlainLinkSigner()
        self.core = self._build_core()
        self.accounts: dict[EmailAddress, Account] = {}
        self.known_links: dict[str, Link] = {}
        self.known_sessions: list[Session] = []
        self.token_of: dict[tuple[str, str], str] = {}
        self.tries: Counter[str] = Counter()

    def _build_core(self) -> Core:
        ports = Ports(
            clock=self.clock,
            randomness=FakeRandomness(),
            hasher=self.hasher,
            email=self.provider,
            mail_hooks={},
            renderer=PlainMessageRenderer(),
            link_signer=self.signer,
            access_tokens=PlainAccessTokens(),
            rate_limiter=MemoryRateLimiter(self.clock),
            unit_of_work=self.unit_of_work,
        )
        limits = Limits(*[NEVER_REACHED] * 6)
        return Core.build(ports, Policy(Frontend("https://todo.example"), limits=limits, max_attempts=MAX_ATTEMPTS))

    @initialize()
    def begin(self):
        """
        Let Ann have a verified account, and Bob one that is not; nobody called Cat is known.
        """
        self.open_an_account_by_hand(ANN, ALL_PASSWORDS[0])
        self.register(BOB, ALL_PASSWORDS[0])

    @rule(duration=DURATIONS)
    def pass_time(self, duration):
        """
        Let time go by.
        """
        self.clock.pass_time(duration)

    @rule(email=ADDRESSES, password=PASSWORDS)
    def register(self, email, password):
        """
        Sign somebody up, again perhaps.
        """
        self.clock.pass_time(SECOND)
        run(self.core.register(email=email, password=password, display_name=None, client="c"))
        account = self.accounts.setdefault(email, Account(email, password))
        if not account.verified:
            account.password = password

    @rule(email=ADDRESSES, password=PASSWORDS)
    def open_an_account_by_hand(self, email, password):
        """
        Let the operator vouch for somebody; there is one account for an address.
        """
        self.clock.pass_time(SECOND)
        told = outcome(self.core.create_user(email=email, password=password))
        assert (told is Conflict) == (email in self.accounts)
        self.accounts.setdefault(email, Account(email, password, verified=True))

    @rule(email=ADDRESSES)
    def ask_for_a_reset(self, email):
        """
        Say that the password of an address is forgotten.
        """
        self.clock.pass_time(SECOND)
        run(self.core.request_password_reset(email=email, client="c"))

    @rule(email=ADDRESSES)
    def ask_for_a_verification(self, email):
        """
        Ask for another verification mail.
        """
        self.clock.pass_time(SECOND)
        run(self.core.resend_verification(email=email, client="c"))

    @rule(target=links, answer=ANSWERS, rounds=ROUNDS)
    def deliver(self, answer, rounds):
        """
        Let the courier take one mail after another, two minutes apart, and the provider say *answer*.
        """
        self.provider.answer = answer
        links = []
        for _ in range(rounds):
            self.clock.pass_time(timedelta(minutes=2))
            made_at = {f"{mail.id}@todo.example": mail.created_at for mail in self._mails()}
            seen = len(self.provider.seen)
            with suppress(RuntimeError):
                run(self.core.deliver_mail())
            for message in self.provider.seen[seen:]:
                self.tries[message.message_id] += not isinstance(answer, EmailMisconfigured)
                links += self._read(message, made_at[message.message_id])
        return multiple(*links)

    def _read(self, message, made_at):
        facts = dict(line.split(": ", 1) for line in message.text.splitlines()[1:])
        if "link" not in facts:
            return []
        link = self._learn(facts["link"], message.to, made_at, facts["expires_at"])
        assert message.subject == link.purpose
        assert self.token_of.setdefault((message.message_id, message.subject), link.token) == link.token
        return [link]

    @rule(target=links, email=ADDRESSES)
    def make_a_link_by_hand(self, email):
        """
        Let the operator print a link.
        """
        self.clock.pass_time(SECOND)
        made = outcome(self.core.make_reset_link(email=email))
        account = self.accounts.get(email)
        if account is None or account.disabled:
            assert made is NotFound
            return multiple()
        account.verified = True
        now = self.clock.now()
        return self._learn(made, email, now, (now + timedelta(hours=1)).isoformat())

    def _learn(self, link, email, made_at, expires_at):
        url = urlsplit(link)
        token = parse_qs(url.query)["token"][0]
        purpose = {"/reset-password": Purpose.PASSWORD_RESET, "/verify-email": Purpose.VERIFY_EMAIL}[url.path]
        known = self.known_links.setdefault(
            token, Link(self.accounts[email], purpose, token, made_at, datetime.fromisoformat(expires_at))
        )
        known.expires_at = datetime.fromisoformat(expires_at)
        return known

    def _works(self, link, purpose):
        newer = any(
            (other.account, other.purpose) == (link.account, link.purpose) and other.made_at > link.made_at
            for other in self.known_links.values()
        )
        return link.purpose is purpose and not link.ended and not newer and self.clock.now() < link.expires_at

    def _resets(self, link):
        return self._works(link, Purpose.PASSWORD_RESET) and not link.account.disabled

    @rule(link=links, password=PASSWORDS)
    def choose_a_new_password(self, link, password):
        """
        Redeem a link; when it works, all links and sessions of the account end.
        """
        works = self._resets(link)
        told = outcome(self.core.confirm_password_reset(token=link.token, new_password=password))
        assert told is (None if works else InvalidToken)
        if works:
            link.account.password = password
            for ended in [*self.known_links.values(), *self.known_sessions]:
                ended.ended |= ended.account is link.account

    @rule(link=links)
    def verify(self, link):
        """
        Show that one reads the mail of an address.
        """
        works = self._works(link, Purpose.VERIFY_EMAIL)
        assert outcome(self.core.verify_email(token=link.token)) is (None if works else InvalidToken)
        if works:
            link.ended = link.account.verified = True

    @rule(email=ADDRESSES)
    def log_in(self, email):
        """
        Try every password; only the right one of a verified, enabled account opens a session.
        """
        account = self.accounts.get(email)
        for password in ALL_PASSWORDS:
            told = outcome(self.core.log_in(email=email, password=password, client="c"))
            if account is None or account.disabled or account.password != password:
                assert told is WrongCredentials
            elif not account.verified:
                assert told is EmailNotVerified
            else:
                expires_at = self.clock.now() + timedelta(days=7)
                self.known_sessions.append(Session(account, told.access_token, expires_at))

    @precondition(lambda self: self.known_sessions)
    @rule()
    def log_out(self):
        """
        End the latest session, if it lives.
        """
        session = self.known_sessions[-1]
        caller = outcome(self.core.who_am_i(access_token=session.access_token))
        if caller is not Unauthenticated:
            run(self.core.log_out(caller=caller))
            session.ended = True

    @rule(email=ADDRESSES, disabled=st.booleans())
    def decide_about_an_account(self, email, disabled):
        """
        Let the operator keep somebody out, or in again.
        """
        if email in self.accounts:
            self.accounts[email].disabled = disabled
            run(self._set_disabled(self._users()[email].id, self.clock.now() if disabled else None))

    async def _set_disabled(self, user_id, at):
        async with self.unit_of_work.begin() as work:
            await work.users.set_disabled(user_id, at=at)

    def _users(self):
        return {user.email: user for user in self.unit_of_work._tables.users.values()}

    def _mails(self):
        return list(self.unit_of_work._tables.mails.values())

    @invariant()
    def one_password_works(self):
        """
        Expect the one that was chosen last.
        """
        for email, user in self._users().items():
            right = [word for word in ALL_PASSWORDS if run(self.hasher.verify(word, user.password_hash))]
            assert right == [self.accounts[email].password]

    @invariant()
    def links_work_as_they_should(self):
        """
        Whoever looks at a link is told the truth, and changes nothing.
        """
        for link in self.known_links.values():
            told = outcome(self.core.check_password_reset(token=link.token))
            assert told == (link.expires_at if self._resets(link) else InvalidToken)

    @invariant()
    def sessions_live_as_they_should(self):
        """
        Whoever comes back with an access token is known, or is not.
        """
        for session in self.known_sessions:
            lives = not session.ended and not session.account.disabled and self.clock.now() < session.expires_at
            told = outcome(self.core.who_am_i(access_token=session.access_token))
            assert (told is Unauthenticated) == (not lives)
            assert not lives or told.user.email == session.account.email

    @invariant()
    def no_mail_is_tried_too_often(self):
        """
        Count the attempts, but not those that only an operator could have made succeed.
        """
        assert max(self.tries.values(), default=0) <= MAX_ATTEMPTS

    @invariant()
    def what_counts_as_sent_was_accepted(self):
        """
        And what was accepted counts as sent.
        """
        sent = {f"{mail.id}@todo.example" for mail in self._mails() if mail.state is MailState.SENT}
        assert sent == self.provider.accepted

    @invariant()
    def one_mail_of_a_kind_waits_for_an_address(self):
        """
        Expect a new one to have taken its place.
        """
        waiting = [(mail.kind, mail.address) for mail in self._mails() if mail.state is MailState.WAITING]
        assert len(waiting) == len(set(waiting))

    @invariant()
    def no_mail_that_is_kept_holds_a_link(self):
        """
        Nor the id that a link is made of.
        """
        kept = repr(self._mails())
        for link in self.known_links.values():
            assert link.token not in kept
            assert str(self.signer.read(link.token, purpose=link.purpose)) not in kept

    def teardown(self):
        """
        Let the courier finish: every mail ends, and those that were not sent say why.
        """
        while any(mail.state in {MailState.WAITING, MailState.SENDING} for mail in self._mails()):
            self.deliver(answer=None, rounds=1)
        for mail in self._mails():
            assert mail.state is MailState.SENT or mail.last_error in REASONS


class TestService(Service.TestCase):
    settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)
