"""
The ground that ``tests.support.service_machine`` stands on: stages that are told the same, and what is known of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from attrs import fields
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.support.service_model import Account, Killed, Link, Session, Stage
from todo_adapters.fakes import FakeClock, PlainLinkSigner
from todo_core.errors import (
    EmailMisconfigured,
    EmailRejected,
    EmailUnavailable,
)
from todo_core.model.email import EmailAddress
from todo_core.model.ids import UserId
from todo_core.model.limit import Limit
from todo_core.model.link import Frontend
from todo_core.model.mail import MailKind
from todo_core.model.password import Password
from todo_core.model.policy import Limits, Policy
from todo_core.model.token import UNDOING, Purpose

T = TypeVar("T")

ANN, BOB, CAT = (EmailAddress(f"{name}@example.org") for name in ("ann", "bob", "cat"))
ADDRESSES = st.sampled_from([ANN, ANN, BOB, BOB, CAT])
ALL_PASSWORDS = [Password("a quiet old password"), Password("a brand new password"), Password("yet another password")]
PASSWORDS = st.sampled_from(ALL_PASSWORDS)
ANSWERS = st.sampled_from(
    [None, None, EmailUnavailable("421"), EmailRejected("550"), EmailMisconfigured("535"), Killed()]
)
ROUNDS = st.sampled_from([1, 1, 1, 6])
DURATIONS = st.sampled_from([timedelta(minutes=minutes) for minutes in (1, 30, 30, 60, 60, 24 * 60)])
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
KINDS = {
    Purpose.PASSWORD_RESET: MailKind.PASSWORD_RESET,
    Purpose.VERIFY_EMAIL: MailKind.VERIFY_EMAIL,
    Purpose.CHANGE_EMAIL: MailKind.CHANGE_EMAIL,
    Purpose.UNDO_EMAIL_CHANGE: MailKind.EMAIL_CHANGED,
    Purpose.UNDO_DELETION: MailKind.ACCOUNT_DELETION,
}
PAGES = {
    "/reset-password": Purpose.PASSWORD_RESET,
    "/verify-email": Purpose.VERIFY_EMAIL,
    "/confirm-email": Purpose.CHANGE_EMAIL,
    "/undo-email-change": Purpose.UNDO_EMAIL_CHANGE,
    "/undo-deletion": Purpose.UNDO_DELETION,
}
MAX_ATTEMPTS = 4
ALL = 10**6
SECOND = timedelta(seconds=1)
NEVER_REACHED = Limit("never reached", ALL, timedelta(minutes=1))
LIMITS = Limits(*[NEVER_REACHED] * len(fields(Limits)))
POLICY = Policy(Frontend("https://todo.example"), limits=LIMITS, max_attempts=MAX_ATTEMPTS)
SIGNER = PlainLinkSigner()


def same(answers: Iterable[T]) -> T:
    """
    Return what all *answers* are.
    """
    first, *others = answers
    for other in others:
        assert other == first
    return first


class World(RuleBasedStateMachine):
    """
    Several *stages* that are told the same, and a model of what they know; it has no rules yet.
    """

    def __init__(self, clock: FakeClock, stages: Sequence[Stage], tally: Counter[str]) -> None:
        super().__init__()
        self.clock = clock
        self.stages = stages
        self.tally = tally
        self.accounts: dict[EmailAddress, Account] = {}
        self.known_links: dict[str, Link] = {}
        self.known_sessions: list[Session] = []
        self.token_of: dict[tuple[str, str], str] = {}
        self.tries: Counter[str] = Counter()
        self.written_for: dict[str, UserId | None] = {}

    @property
    def provider(self):
        """
        Return the first stage's mail provider; the others' see the same.
        """
        return self.stages[0].provider

    def told(self, use):
        """
        Return what every stage answers.
        """
        return same(stage.told(use) for stage in self.stages)

    def seen(self, question):
        """
        Return what the stores of every stage answer.
        """
        return same(stage.seen(question) for stage in self.stages)

    def learn(self, link, account, email, made_at, expires_at):
        """
        Return what is known of a *link*, new or seen before.
        """
        url = urlsplit(link)
        token = parse_qs(url.query)["token"][0]
        expiry = datetime.fromisoformat(expires_at)
        known = self.known_links.setdefault(
            token, Link(account, PAGES[url.path], token, email, made_at, expires_at=expiry)
        )
        known.expires_at = expiry
        return known

    def works(self, link, purpose):
        """
        Tell whether *link* is live for this *purpose*.
        """
        newer = link.purpose not in UNDOING and any(
            (other.account, other.purpose) == (link.account, link.purpose) and other.made_at > link.made_at
            for other in self.known_links.values()
        )
        return link.purpose is purpose and not link.ended and not newer and self.clock.now() < link.expires_at

    def retire(self, account):
        """
        End the account's links, but those that take something back.
        """
        for link in self.known_links.values():
            link.ended |= link.account is account and link.purpose not in UNDOING

    def log_out_everywhere(self, account, *, but=None):
        """
        End the account's sessions.
        """
        for session in self.known_sessions:
            session.ended |= session.account is account and session is not but

    def who_is(self, session):
        """
        Return whom the service takes the bearer of the session's access token for.
        """
        return self.told(lambda core: core.who_am_i(access_token=session.access_token))

    def lives(self, session):
        """
        Tell whether the *session* lives.
        """
        return not session.ended and not session.account.disabled and self.clock.now() < session.expires_at

    def users(self):
        """
        Return who has an account, by address.
        """

        async def ask(work):
            return [await work.users.by_email(email) for email in (ANN, BOB, CAT)]

        return {user.email: user for user in self.seen(ask) if user is not None}

    def mails(self):
        """
        Return every mail that is kept.
        """
        return self.seen(lambda work: work.outbox.newest(state=None, limit=ALL))
