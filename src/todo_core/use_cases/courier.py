"""
The courier: takes a mail out of the outbox, makes its link and its words, and hands it over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from attrs import evolve, frozen

from todo_core.errors import EmailInterrupted, EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.model.ids import TokenId
from todo_core.model.link import Frontend
from todo_core.model.mail import MISCONFIGURED, NO_ACCOUNT, NOT_WANTED, Mail, MailKind, retry_delay
from todo_core.model.token import Purpose, Token
from todo_core.model.user import DEFAULT_LOCALE, User
from todo_core.ports import Clock, EmailService, LinkSigner, MessageRenderer, Randomness, UnitOfWork, Work
from todo_core.use_cases import reminding

_PURPOSE = {
    MailKind.PASSWORD_RESET: Purpose.PASSWORD_RESET,
    MailKind.VERIFY_EMAIL: Purpose.VERIFY_EMAIL,
    MailKind.CHANGE_EMAIL: Purpose.CHANGE_EMAIL,
    MailKind.EMAIL_CHANGED: Purpose.UNDO_EMAIL_CHANGE,
    MailKind.ACCOUNT_DELETION: Purpose.UNDO_DELETION,
}
_OF_AN_ADDRESS = frozenset({Purpose.CHANGE_EMAIL, Purpose.UNDO_EMAIL_CHANGE})
"""Purposes of tokens that carry the address that their mail went to."""

_STALE_AFTER_CHANGE = frozenset({MailKind.PASSWORD_RESET, MailKind.CHANGE_EMAIL})
"""Mail that is of no use once the password was changed: whoever asked for it may have been somebody else."""


class Outcome(StrEnum):
    """
    What became of a mail that a courier took.
    """

    SENT = "sent"
    RETRIED = "retried"
    RETURNED = "returned"
    DEAD = "dead"
    LOST = "lost"


@frozen
class Delivery:
    """
    A mail that a courier took, what became of it, and why if it was not sent.

    ``RETURNED`` means that the courier was stopped and the mail is as it was before; ``LOST``, that the courier
    was so slow that the mail was given to another meanwhile. ``due_in`` tells when a mail that was retried is due
    again; ``misconfigured``, that it waits for an operator; ``away``, that it waits for the provider's return.
    """

    mail: Mail
    outcome: Outcome
    reason: str | None = None
    due_in: timedelta | None = None
    misconfigured: bool = False
    away: bool = False


class _Useless(Exception):
    """
    Sending the mail is of no use.
    """


@frozen
class DeliverMail:
    """
    Deliver the mail that has been due longest.

    Couriers that share a process *claim* in turn and *deliver* side by side.

    An account whose address was never verified is always sent the verification link, whatever was
    asked for it: until then nobody has shown that the address is theirs.
    The language is the account's, where it has chosen one, or else that of whoever asked.
    No unit of work is open while the provider is talked to.
    """

    clock: Clock
    randomness: Randomness
    email: EmailService
    renderer: MessageRenderer
    link_signer: LinkSigner
    unit_of_work: UnitOfWork
    frontend: Frontend
    lease: timedelta
    max_attempts: int
    pause: timedelta
    short_pause: timedelta = timedelta(seconds=1)

    async def __call__(self) -> Delivery | None:
        """
        Return what became of the mail, or None when nothing is due.
        """
        mail = await self.claim()
        return None if mail is None else await self.deliver(mail)

    async def claim(self) -> Mail | None:
        """
        Take the mail that has been due longest, if any is due; it must be delivered before its lease runs out.

        Leases are up to a twentieth longer than they need be, by lot: mails that were in one courier's hands when
        it died come back one by one, and not again together with the one that killed it.
        """
        now = self.clock.now()
        lease = UUID(bytes=self.randomness.draw(16))
        lease_until = now + self.lease + self.lease / 20 * _share(lease.bytes)
        async with self.unit_of_work.begin() as work:
            return await work.outbox.claim(now=now, lease=lease, lease_until=lease_until)

    async def due_in(self, horizon: timedelta) -> timedelta:
        """
        Return how long it is until a mail falls due, at most *horizon*; less than nothing where one is due already.
        """
        now = self.clock.now()
        async with self.unit_of_work.begin() as work:
            due = (await work.outbox.backlog(now=now + horizon)).oldest_due
        return horizon if due is None else due - now

    async def deliver(self, mail: Mail) -> Delivery:
        """
        Return what became of the claimed *mail*.

        When it is cancelled early enough, the mail is given back; later, when the provider may have it, another
        courier takes it when its lease has run out.
        """
        try:
            await self.email.send(await self._message(mail))
        except _Useless as useless:
            return await self._bury(mail, str(useless))
        except EmailRejected as rejected:
            return await self._bury(mail, f"rejected {rejected.code}")
        except EmailInterrupted as interrupted:
            return await self._give_back(mail, interrupted.code)
        except EmailUnavailable as unavailable:
            return await self._retry(mail, unavailable)
        except EmailMisconfigured as misconfigured:
            return await self._wait(mail, f"{MISCONFIGURED} {misconfigured.code}", away=False)
        return await self._finish(mail)

    async def _message(self, mail: Mail) -> EmailMessage:
        now = self.clock.now()
        if mail.expires_at <= now:
            raise _Useless("expired")
        if mail.attempts > self.max_attempts:
            raise _Useless("too many attempts")
        user, kind, token = await self._addressee(mail)
        reader = _reader_of(mail, user)
        facts = {"email": reader.text, **mail.facts, **await self._reminder(kind, mail, user)}
        if token is not None:
            signed = self.link_signer.sign(token.id, purpose=token.purpose)
            facts["link"] = self.frontend.link(token.purpose, signed)
            facts["expires_at"] = token.expires_at.isoformat()
            facts["minutes"] = str(math.ceil((token.expires_at - now).total_seconds() / 60))
        words = self.renderer.render(kind, locale=user.locale or mail.locale or DEFAULT_LOCALE, facts=facts)
        return EmailMessage(
            to=reader,
            message_id=f"{mail.id}@{self.frontend.host}",
            subject=words.subject,
            text=words.text,
            html=words.html,
        )

    async def _addressee(self, mail: Mail) -> tuple[User, MailKind, Token | None]:
        async with self.unit_of_work.begin() as work:
            user = await _user_of(mail, work)
            suppression = await work.suppressions.by_address(_reader_of(mail, user))
            if suppression is not None:
                raise _Useless(f"suppressed ({suppression.reason})")
            kind = _kind_for(user, mail)
            if kind is MailKind.CHANGE_EMAIL and await _is_taken(mail.address, work):
                kind = MailKind.EMAIL_IN_USE
            purpose = _PURPOSE.get(kind)
            token = None if purpose is None else await work.tokens.issue(self._token(mail, user, purpose))
        if purpose is not None and token is None:
            raise _Useless("superseded")
        return user, kind, token

    async def _reminder(self, kind: MailKind, mail: Mail, user: User) -> Mapping[str, str]:
        if kind is not MailKind.REMINDER:
            return {}
        async with self.unit_of_work.begin() as work:
            facts = await reminding.facts_of(mail, user, work, frontend=self.frontend)
        if facts is None:
            raise _Useless(NOT_WANTED)
        return facts

    def _token(self, mail: Mail, user: User, purpose: Purpose) -> Token:
        return Token(
            id=TokenId(UUID(bytes=self.randomness.draw(16))),
            purpose=purpose,
            user_id=user.id,
            mail_id=mail.id,
            created_at=mail.created_at,
            expires_at=mail.expires_at,
            email=mail.address if purpose in _OF_AN_ADDRESS else None,
        )

    async def _finish(self, mail: Mail) -> Delivery:
        async with self.unit_of_work.begin() as work:
            held = await work.outbox.finish(mail, now=self.clock.now())
        return Delivery(mail, Outcome.SENT if held else Outcome.LOST)

    async def _bury(self, mail: Mail, reason: str) -> Delivery:
        async with self.unit_of_work.begin() as work:
            held = await work.outbox.bury(mail, error=reason)
        return Delivery(mail, Outcome.DEAD if held else Outcome.LOST, reason)

    async def _give_back(self, mail: Mail, reason: str) -> Delivery:
        async with self.unit_of_work.begin() as work:
            held = await work.outbox.give_back(mail)
        return Delivery(mail, Outcome.RETURNED if held else Outcome.LOST, reason)

    async def _retry(self, mail: Mail, unavailable: EmailUnavailable) -> Delivery:
        reason = f"{'unknown' if unavailable.unknown else 'unavailable'} {unavailable.code}"
        if unavailable.away:
            return await self._wait(mail, reason, away=True)
        if mail.attempts >= self.max_attempts:
            return await self._bury(mail, f"too many attempts, {reason}")
        jitter = _share(self.randomness.draw(2))
        delay = max(retry_delay(mail.attempts, jitter=jitter), unavailable.retry_after or timedelta(0))
        return await self._put_back(mail, delay, reason)

    async def _wait(self, mail: Mail, reason: str, *, away: bool) -> Delivery:
        """
        Put *mail* back, its attempt unspent, until the provider is back, or else until an operator has acted.
        """
        unspent = evolve(mail, attempts=mail.attempts - 1)
        due_in = self.short_pause if away else self.pause
        return await self._put_back(unspent, due_in, reason, misconfigured=not away, away=away)

    async def _put_back(
        self, mail: Mail, due_in: timedelta, reason: str, *, misconfigured: bool = False, away: bool = False
    ) -> Delivery:
        async with self.unit_of_work.begin() as work:
            held = await work.outbox.retry(mail, due_at=self.clock.now() + due_in, error=reason)
        if not held:
            return Delivery(mail, Outcome.LOST, reason)
        return Delivery(mail, Outcome.RETRIED, reason, due_in, misconfigured, away)


def _share(drawn: bytes) -> float:
    """
    Return a number from 0 to 1 by what was drawn.
    """
    return int.from_bytes(drawn[:2], "big") / 0xFFFF


async def _user_of(mail: Mail, work: Work) -> User:
    """
    Return whom *mail* is for, held: a token for an address that is taken back in this moment must not outlive it.
    """
    users = work.users
    user = await (users.hold_by_email(mail.address) if mail.user_id is None else users.hold(mail.user_id))
    if user is None:
        raise _Useless(NO_ACCOUNT)
    return user


def _reader_of(mail: Mail, user: User) -> EmailAddress:
    """
    Return where to send *mail*: a reminder is written long before, and follows the *user* to another address.
    """
    return user.email if mail.kind is MailKind.REMINDER else mail.address


async def _is_taken(address: EmailAddress, work: Work) -> bool:
    """
    Tell whether somebody has shown that *address* is theirs; who only signed up with it keeps nobody from it.
    """
    holder = await work.users.by_email(address)
    return holder is not None and holder.verified_at is not None


def _kind_for(user: User, mail: Mail) -> MailKind:
    """
    Return what to send *user* for *mail*.
    """
    if user.disabled_at is not None:
        raise _Useless("account disabled")
    if user.verified_at is None and mail.user_id is None:
        return MailKind.VERIFY_EMAIL
    if mail.kind is MailKind.VERIFY_EMAIL:
        raise _Useless("already verified")
    changed_at = user.password_changed_at
    if mail.kind in _STALE_AFTER_CHANGE and changed_at is not None and mail.created_at < changed_at:
        raise _Useless("password changed since")
    return mail.kind
