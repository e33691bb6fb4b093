"""
What people who are logged in do with their accounts, and operators with everybody's: the rest of the machine.

* A session that was ended is over at once; whoever is logged in sees their own live sessions and no others.
* Nothing that a stolen session must not be enough for is done without the password.
* An address is one account's; a change of it can be taken back, and so can a deletion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, multiple, rule, run_state_machine_as_test

from tests.support.service_machine import Service
from tests.support.service_model import Stage
from tests.support.service_world import ADDRESSES, ALL_PASSWORDS, ANN, BOB, CAT, PASSWORDS, ROUNDS, SECOND
from todo_adapters.fakes import FakeClock
from todo_core.errors import Conflict, InvalidInput, InvalidToken, NotFound, WrongPassword
from todo_core.model.token import Purpose

STEPS = 40
"""How many make an example, at most."""

DAY = timedelta(days=1)
FOLLOW = st.sampled_from([[], [Purpose.CHANGE_EMAIL], [Purpose.CHANGE_EMAIL, Purpose.UNDO_EMAIL_CHANGE]])
"""Which links are followed at once, or else a change and its undoing would hardly ever be played."""


class WholeService(Service):
    """
    The machine with all its rules.
    """

    def _session(self, email):
        """
        Return a living session of the account with this address, opened now if there is none, or None.
        """
        self.clock.pass_time(SECOND)
        living = [session for session in self.known_sessions if session.account.email == email and self.lives(session)]
        if not living:
            self.log_in(email)
            living = [session for session in self.known_sessions[-1:] if session.account.email == email]
        return next((session for session in living if self.lives(session)), None)

    @rule(email=ADDRESSES)
    def log_out(self, email):
        """
        End one's own session.
        """
        if session := self._session(email):
            caller = self.who_is(session)
            self.told(lambda core: core.log_out(caller=caller, client="c"))
            session.ended = True

    @rule(email=ADDRESSES, other=Service.sessions)
    def end_a_session(self, email, other):
        """
        End any session by its id, which only its owner can.
        """
        if (session := self._session(email)) and (other.ended or self.lives(other)):
            caller = self.who_is(session)
            own = other.account is session.account and not other.ended
            told = self.told(lambda core: core.end_session(other.id, caller=caller, client="c"))
            assert told is (None if own else NotFound)
            other.ended |= own

    @rule(email=ADDRESSES)
    def end_other_sessions(self, email):
        """
        End all of one's sessions but this one.
        """
        if session := self._session(email):
            caller = self.who_is(session)
            self.told(lambda core: core.end_other_sessions(caller=caller, client="c"))
            self.log_out_everywhere(session.account, but=session)

    @rule(email=ADDRESSES, current=PASSWORDS, new=PASSWORDS)
    def change_the_password(self, email, current, new):
        """
        Choose a new password, knowing the present one; this session stays.
        """
        if session := self._session(email):
            caller = self.who_is(session)
            told = self.told(
                lambda core: core.change_password(caller=caller, current_password=current, new_password=new, client="c")
            )
            right = session.account.password == current
            assert told is (None if right else WrongPassword)
            if right:
                session.account.password = new
                self.retire(session.account)
                self.log_out_everywhere(session.account, but=session)

    @rule(target=Service.links, email=ADDRESSES, wanted=ADDRESSES, rounds=ROUNDS, follow=FOLLOW)
    def ask_for_another_address(self, email, wanted, rounds, follow):
        """
        Ask for a link to the address that one wants, with the right password or another.
        """
        if session := self._session(email):
            caller = self.who_is(session)
            password = session.account.password
            told = self.told(
                lambda core: core.request_email_change(caller=caller, new_email=wanted, password=password, client="c")
            )
            assert told is (InvalidInput if wanted == email else None)
            if told is None:
                self._supersede(session.account)
        links = self.deliver(answer=None, rounds=rounds)
        for purpose in follow:
            self.follow_the_latest_link(purpose, ALL_PASSWORDS[0])
        return links

    def _supersede(self, account):
        """
        End the links to addresses that were wanted before: a change's token is made when it is asked for.
        """
        for link in self.known_links.values():
            link.ended |= link.account is account and link.purpose is Purpose.CHANGE_EMAIL

    @rule(target=Service.links, link=Service.links)
    def confirm_another_address(self, link):
        """
        Show that one reads the mail of the new address.
        """
        works = self.works(link, Purpose.CHANGE_EMAIL) and not link.account.disabled
        told = self.told(lambda core: core.confirm_email_change(token=link.token, client="c"))
        assert told is self._moving(link, works)
        if told is not None:
            return multiple()
        self._move(link)
        return self.deliver(answer=None, rounds=3)

    @rule(link=Service.links)
    def take_an_address_back(self, link):
        """
        Undo a change of the address: nobody is logged in any more, and no password works.
        """
        works = self.works(link, Purpose.UNDO_EMAIL_CHANGE) and not link.account.disabled
        told = self.told(lambda core: core.undo_email_change(token=link.token, client="c"))
        assert told is self._moving(link, works)
        if told is None:
            self._move(link)
            link.account.password = link.account.erase_at = None
            self.log_out_everywhere(link.account)
            for later in self.known_links.values():
                alike = (later.account, later.purpose) == (link.account, link.purpose)
                later.ended |= alike and later.made_at > link.made_at

    @rule(target=Service.links, email=ADDRESSES, way=st.permutations([ANN, BOB, CAT]), back=st.booleans())
    def change_the_address_again_and_again(self, email, way, back):
        """
        Go from one address to the next, and perhaps take the first change back, which takes back all of them.
        """
        account, links = self.accounts.get(email), []
        for wanted in way:
            if account is not None and account.email in self.accounts:
                links += self.ask_for_another_address(account.email, wanted, 6, [Purpose.CHANGE_EMAIL]).values
        undoing = [link for link in self.known_links.values() if link.purpose is Purpose.UNDO_EMAIL_CHANGE]
        if back and undoing:
            self.take_an_address_back(undoing[0])
        return multiple(*links)

    @rule(purpose=st.sampled_from(Purpose), password=PASSWORDS)
    def follow_the_latest_link(self, purpose, password):
        """
        Do what the latest link for *purpose* is for.
        """
        links = [link for link in self.known_links.values() if link.purpose is purpose]
        if links:
            {
                Purpose.PASSWORD_RESET: lambda link: self.choose_a_new_password(link, password),
                Purpose.VERIFY_EMAIL: self.verify,
                Purpose.CHANGE_EMAIL: self.confirm_another_address,
                Purpose.UNDO_EMAIL_CHANGE: self.take_an_address_back,
                Purpose.UNDO_DELETION: self.stay_by_the_link,
            }[purpose](links[-1])

    def _moving(self, link, works):
        """
        Return what is answered to whoever gives an account the address of *link*.
        """
        holder = self.accounts.get(link.email)
        if not works:
            return InvalidToken
        return Conflict if holder is not None and holder is not link.account and holder.verified else None

    def _move(self, link):
        """
        Give the account the address of *link*; who only signed up with it gives way.
        """
        holder = self.accounts.get(link.email)
        if holder is not None and holder is not link.account:
            self._forget(holder)
        del self.accounts[link.account.email]
        self.accounts[link.email] = link.account
        link.account.email, link.account.verified, link.ended = link.email, True, True
        self.retire(link.account)

    def _forget(self, account):
        del self.accounts[account.email]
        self.log_out_everywhere(account)
        self._forget_mail(lambda message, _: self.written_for[message] == account.id)
        for link in self.known_links.values():
            link.ended |= link.account is account

    @rule(target=Service.links, email=ADDRESSES, password=PASSWORDS, rounds=ROUNDS)
    def ask_to_be_erased(self, email, password, rounds):
        """
        Ask for the end of one's account; every session is over.
        """
        if session := self._session(email):
            caller = self.who_is(session)
            told = self.told(lambda core: core.request_deletion(caller=caller, password=password, client="c"))
            right = session.account.password == password
            assert told is (None if right else WrongPassword)
            if right:
                session.account.erase_at = self.clock.now() + DAY
                self.log_out_everywhere(session.account)
        return self.deliver(answer=None, rounds=rounds)

    @rule(email=ADDRESSES)
    def stay(self, email):
        """
        Log in again, and stay.
        """
        if session := self._session(email):
            caller = self.who_is(session)
            self.told(lambda core: core.cancel_deletion(caller=caller, client="c"))
            session.account.erase_at = None

    @rule(link=Service.links)
    def stay_by_the_link(self, link):
        """
        Stay by the link in the mail.
        """
        works = self.works(link, Purpose.UNDO_DELETION)
        told = self.told(lambda core: core.undo_deletion(token=link.token, client="c"))
        assert told is (None if works else InvalidToken)
        if works:
            link.account.erase_at, link.ended = None, True

    @rule()
    def prune(self):
        """
        Forget whoever asked for it a day ago, with the mail to their address; what is over otherwise makes no odds.
        """
        self.told(lambda core: core.prune())
        now = self.clock.now()
        for account in [each for each in self.accounts.values() if each.erase_at and each.erase_at <= now]:
            self._forget(account)
            self._forget_mail(lambda _, address, gone=account.email: address == gone)

    def _forget_mail(self, is_gone):
        for stage in self.stages:
            for message, address in list(stage.provider.accepted.items()):
                if is_gone(message, address):
                    del stage.provider.accepted[message]

    @rule(email=ADDRESSES, disabled=st.sampled_from([True, False, False]))
    def decide_about_an_account(self, email, disabled):
        """
        Let the operator keep somebody out, or in again.
        """
        self.clock.pass_time(SECOND)
        account = self.accounts.get(email)
        told = self.told(lambda core: core.disable_user(email=email) if disabled else core.enable_user(email=email))
        assert (told is NotFound) == (account is None)
        if account is not None:
            account.disabled = disabled
            if disabled:
                self.retire(account)
                self.log_out_everywhere(account)

    @rule(email=st.sampled_from([None, ANN, ANN, BOB, BOB, CAT]))
    def revoke_sessions(self, email):
        """
        Let the operator log somebody out, or everybody.
        """
        told = self.told(lambda core: core.revoke_sessions(email=email))
        assert (told is NotFound) == (email is not None and email not in self.accounts)
        for account in list(self.accounts.values()):
            if email in {None, account.email}:
                self.log_out_everywhere(account)

    @invariant()
    def everybody_sees_their_own_sessions(self):
        """
        Those that live, and nobody else's.
        """
        living = [session for session in self.known_sessions if self.lives(session)]
        for session in living:
            caller = self.who_is(session)
            listed = self.told(lambda core, caller=caller: core.list_sessions(caller=caller))
            own = {each.id for each in living if each.account is session.account}
            assert {each.id for each in listed} == own


def play(set_up: Callable[[FakeClock], Sequence[Stage]], *, examples: int, **choices: Any) -> Counter[str]:
    """
    Play so many *examples* on stages that are *set_up* anew for each; return how many, and how many steps.
    """
    tally = Counter[str]()

    def raise_the_curtain() -> WholeService:
        tally["examples"] += 1
        clock = FakeClock()
        return WholeService(clock, set_up(clock), tally)

    run_state_machine_as_test(
        raise_the_curtain,
        settings=settings(max_examples=examples, stateful_step_count=STEPS, deadline=None, **choices),
    )
    return tally
