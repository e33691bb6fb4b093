"""
What is never to happen, whatever happens: a model of the service, and Hypothesis looking for a way to break it.

Several stages, each with another adapter of the stores, are told the same and must answer the same.

* A link works exactly while its model says so: once, until it expires, until a newer one is made, until a reset.
* At most one password of an account works, and a session lives until it is ended.
* A mail is tried at most so often; it counts as sent when, and only when, the provider accepted it.
* Every mail ends, sent or dead with a reason, and no mail that is kept holds a link.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from tests.support.service_model import Account, Session
from tests.support.service_world import (
    ADDRESSES,
    ALL_PASSWORDS,
    ANN,
    ANSWERS,
    BOB,
    DURATIONS,
    KINDS,
    MAX_ATTEMPTS,
    PASSWORDS,
    REASONS,
    ROUNDS,
    SECOND,
    SIGNER,
    World,
    same,
)
from todo_core.errors import (
    Conflict,
    EmailMisconfigured,
    EmailNotVerified,
    InvalidToken,
    NotFound,
    Unauthenticated,
    WrongCredentials,
)
from todo_core.model.mail import MailState
from todo_core.model.token import Purpose


class Service(World):
    """
    People, an operator and a courier, doing whatever comes to their minds on all of the stages at once.
    """

    links = Bundle("links")
    sessions = Bundle("sessions")

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
        self.told(lambda core: core.register(email=email, password=password, display_name=None, client="c"))
        account = self._opened(email, password, verified=False)
        if not account.verified:
            account.password = password

    @rule(email=ADDRESSES, password=PASSWORDS)
    def open_an_account_by_hand(self, email, password):
        """
        Let the operator vouch for somebody; there is one account for an address.
        """
        self.clock.pass_time(SECOND)
        told = self.told(lambda core: core.create_user(email=email, password=password))
        assert (told is Conflict) == (email in self.accounts)
        self._opened(email, password, verified=True)

    def _opened(self, email, password, *, verified):
        if email not in self.accounts:
            user = self.seen(lambda work: work.users.by_email(email))
            self.accounts[email] = Account(user.id, email, password, verified)
        return self.accounts[email]

    @rule(email=ADDRESSES)
    def ask_for_a_reset(self, email):
        """
        Say that the password of an address is forgotten.
        """
        self.clock.pass_time(SECOND)
        self.told(lambda core: core.request_password_reset(email=email, client="c"))

    @rule(email=ADDRESSES)
    def ask_for_a_verification(self, email):
        """
        Ask for another verification mail.
        """
        self.clock.pass_time(SECOND)
        self.told(lambda core: core.resend_verification(email=email, client="c"))

    @rule(target=links, answer=ANSWERS, rounds=ROUNDS)
    def deliver(self, answer, rounds):
        """
        Let the courier take one mail after another, two minutes apart, and the provider say *answer*.
        """
        for stage in self.stages:
            stage.provider.answer = answer
        links = []
        for _ in range(rounds):
            self.clock.pass_time(timedelta(minutes=2))
            mails = {f"{mail.id}@todo.example": mail for mail in self.mails()}
            seen = len(self.provider.seen)
            self.told(lambda core: core.deliver_mail())
            for message in same(stage.provider.seen[seen:] for stage in self.stages):
                self.written_for[message.message_id] = mails[message.message_id].user_id
                self.tries[message.message_id] += not isinstance(answer, EmailMisconfigured)
                links += self._read(message, mails[message.message_id])
        return multiple(*links)

    def _read(self, message, mail):
        facts = dict(line.split(": ", 1) for line in message.text.splitlines()[1:])
        if "link" not in facts:
            return []
        account = next((each for each in self.accounts.values() if each.id == mail.user_id), None)
        account = account or self.accounts[message.to]
        link = self.learn(facts["link"], account, message.to, mail.created_at, facts["expires_at"])
        assert message.subject == KINDS[link.purpose]
        assert self.token_of.setdefault((message.message_id, message.subject), link.token) == link.token
        return [link]

    @rule(target=links, email=ADDRESSES)
    def make_a_link_by_hand(self, email):
        """
        Let the operator print a link.
        """
        self.clock.pass_time(SECOND)
        made = self.told(lambda core: core.make_reset_link(email=email))
        account = self.accounts.get(email)
        if account is None or account.disabled:
            assert made is NotFound
            return multiple()
        account.verified = True
        now = self.clock.now()
        return self.learn(made, account, email, now, (now + timedelta(hours=1)).isoformat())

    def _resets(self, link):
        return self.works(link, Purpose.PASSWORD_RESET) and not link.account.disabled

    @rule(link=links, password=PASSWORDS)
    def choose_a_new_password(self, link, password):
        """
        Redeem a link; when it works, all links and sessions of the account end.
        """
        works = self._resets(link)
        told = self.told(lambda core: core.confirm_password_reset(token=link.token, new_password=password, client="c"))
        assert told is (None if works else InvalidToken)
        if works:
            link.account.password = password
            self.retire(link.account)
            self.log_out_everywhere(link.account)

    @rule(link=links)
    def verify(self, link):
        """
        Show that one reads the mail of an address.
        """
        works = self.works(link, Purpose.VERIFY_EMAIL)
        told = self.told(lambda core: core.verify_email(token=link.token, client="c"))
        assert told is (None if works else InvalidToken)
        if works:
            link.ended = link.account.verified = True

    @rule(target=sessions, email=ADDRESSES)
    def log_in(self, email):
        """
        Try every password; only the right one of a verified, enabled account opens a session.
        """
        account, opened = self.accounts.get(email), []
        for password in ALL_PASSWORDS:
            told = self._log_in(email, password)
            if account is None or account.disabled or account.password != password:
                assert told is WrongCredentials
            elif not account.verified:
                assert told is EmailNotVerified
            else:
                expires_at = self.clock.now() + timedelta(days=7)
                opened.append(Session(told.caller.session.id, account, told.access_token, expires_at))
        self.known_sessions += opened
        return multiple(*opened)

    def _log_in(self, email, password):
        return self.told(lambda core: core.log_in(email=email, password=password, client="c"))

    @invariant()
    def accounts_are_as_they_should_be(self):
        """
        Expect the password that was chosen last, and no other, to work.
        """
        users = self.users()
        assert users.keys() == self.accounts.keys()
        for email, user in users.items():
            account = self.accounts[email]
            right = [word for word in ALL_PASSWORDS if user.password_hash.endswith(f"${word.text}")]
            assert right == [account.password] if account.password else right == []
            assert (user.verified_at is not None, user.disabled_at is not None) == (account.verified, account.disabled)
            assert (user.id, user.erase_at) == (account.id, account.erase_at)

    @invariant()
    def links_work_as_they_should(self):
        """
        Whoever looks at a link is told the truth, and changes nothing.
        """
        for link in self.known_links.values():
            told = self._asked_about(link)
            assert told == (link.expires_at if self._resets(link) else InvalidToken)

    def _asked_about(self, link):
        return self.told(lambda core: core.check_password_reset(token=link.token, client="c"))

    @invariant()
    def links_live_as_they_should(self):
        """
        Whatever a link is for, the store knows whether it lives.
        """
        links, now = list(self.known_links.values()), self.clock.now()

        async def ask(work):
            ids = [SIGNER.read(link.token, purpose=link.purpose) for link in links]
            return [
                await work.tokens.live(id_, purpose=link.purpose, now=now) for id_, link in zip(ids, links, strict=True)
            ]

        living = [token is not None for token in self.seen(ask)]
        assert living == [self.works(link, link.purpose) for link in links]

    @invariant()
    def sessions_live_as_they_should(self):
        """
        Whoever comes back with an access token is known, or is not.
        """
        for session in self.known_sessions:
            lives, told = self.lives(session), self.who_is(session)
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
        sent = {f"{mail.id}@todo.example" for mail in self.mails() if mail.state is MailState.SENT}
        assert sent == self.provider.accepted.keys()

    @invariant()
    def one_mail_of_a_kind_waits_for_an_address(self):
        """
        Expect a new one to have taken its place.
        """
        waiting = [(mail.kind, mail.address) for mail in self.mails() if mail.state is MailState.WAITING]
        assert len(waiting) == len(set(waiting))

    @invariant()
    def no_mail_that_is_kept_holds_a_link(self):
        """
        Nor the id that a link is made of.
        """
        kept = repr(self.mails())
        for link in self.known_links.values():
            assert link.token not in kept
            assert str(SIGNER.read(link.token, purpose=link.purpose)) not in kept

    @invariant()
    def the_step_counts(self):
        """
        Count it, for whoever wants to know how many were played.
        """
        self.tally["steps"] += 1

    def teardown(self):
        """
        Let the courier finish: every mail ends, and those that were not sent say why.
        """
        while any(mail.state in {MailState.WAITING, MailState.SENDING} for mail in self.mails()):
            self.deliver(answer=None, rounds=1)
        for mail in self.mails():
            assert mail.state is MailState.SENT or mail.last_error in REASONS
