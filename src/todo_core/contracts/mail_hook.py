"""
What every ``MailHook`` keeps.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from attrs import evolve, frozen

from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import NOW
from todo_core.errors import InvalidInput, InvalidSignature
from todo_core.model.email import EmailAddress
from todo_core.model.suppression import MailEvent, MailEventKind
from todo_core.ports import MailHook

_FIVE_MINUTES = timedelta(minutes=5)
_SECOND = timedelta(seconds=1)
_HAPPENED = NOW - timedelta(minutes=3)
_GARBAGE = (b"", b"{", b'"bounce"', b"\xff\xfe", b"[" * 100_000, b'{"a": "\\ud800"}')


class News(StrEnum):
    """
    What a report can tell.
    """

    HARD_BOUNCE = "hard bounce"
    SOFT_BOUNCE = "soft bounce"
    COMPLAINT = "complaint"
    DELIVERY = "delivery"


@frozen
class Report:
    """
    A report as it arrives: the headers of its request, by lower-case names, and the body.
    """

    headers: Mapping[str, str]
    body: bytes


class Reporter(Protocol):
    """
    The provider, as far as a test needs it.
    """

    @abstractmethod
    def tell(self, news: News, *, number: int = 1, address: str = "ann@example.org") -> Report:
        """
        Return a report, signed at ``NOW``, of the event that has this *number* and happened three minutes before.
        """
        ...

    @abstractmethod
    def sign(self, body: bytes) -> Report:
        """
        Return any *body*, signed at ``NOW``.
        """
        ...


class MailHookContract:
    """
    The promises of ``MailHook``.

    Fixtures:
        mail_hook: the hook.
        reporter: who knows how to sign for it.
        stranger: who signs in the same way, with another secret.
        secret: what ``repr`` must not show.
    """

    def test_a_hard_bounce_ends_deliveries(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A hard bounce is told with its address and its moment, in UTC.
        """
        (event,) = _read(mail_hook, reporter.tell(News.HARD_BOUNCE))
        expected = MailEvent(event.id, EmailAddress("ann@example.org"), MailEventKind.BOUNCE, _HAPPENED)
        assert event == expected
        assert event.at.utcoffset() == timedelta(0)

    def test_a_complaint_ends_deliveries(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A complaint is told with its address and its moment.
        """
        (event,) = _read(mail_hook, reporter.tell(News.COMPLAINT))
        expected = MailEvent(event.id, EmailAddress("ann@example.org"), MailEventKind.COMPLAINT, _HAPPENED)
        assert event == expected

    def test_a_soft_bounce_ends_nothing(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A soft bounce is passed over.
        """
        assert _read(mail_hook, reporter.tell(News.SOFT_BOUNCE)) == []

    def test_good_news_end_nothing(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A delivery is passed over.
        """
        assert _read(mail_hook, reporter.tell(News.DELIVERY)) == []

    def test_an_event_keeps_its_id(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        An event has one id in all its reports, and another event has another.
        """
        first, again, other = (
            _read(mail_hook, reporter.tell(News.HARD_BOUNCE, number=number))[0].id for number in (1, 1, 2)
        )
        assert first == again != other

    def test_an_address_that_is_none(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        What concerns an address that we could not write to is left out.
        """
        assert _read(mail_hook, reporter.tell(News.HARD_BOUNCE, address="root@localhost")) == []

    def test_a_domain_spelt_for_the_dns(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A domain that mail servers spell for the DNS comes back as people write it.
        """
        (event,) = _read(mail_hook, reporter.tell(News.HARD_BOUNCE, address="ann@xn--bcher-kva.example"))
        assert event.address == EmailAddress("ann@bücher.example")

    def test_a_missing_header(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A report that lacks one of its provider's headers is refused.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        assert report.headers
        for name in report.headers:
            fewer = {other: value for other, value in report.headers.items() if other != name}
            _refuses(mail_hook, evolve(report, headers=fewer))

    def test_an_altered_header(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A report is refused when one of its headers is garbage, whatever garbage it is.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        for name in report.headers:
            for garbage in ("", "0", "-1", "Basic", "Basic Og==", "v1,", "é" * 9, "9" * 5000, "=", "\x00"):
                _refuses(mail_hook, evolve(report, headers={**report.headers, name: garbage}))

    def test_another_secret(self, mail_hook: MailHook, stranger: Reporter) -> None:
        """
        Whoever has another secret is refused.
        """
        _refuses(mail_hook, stranger.tell(News.HARD_BOUNCE))

    def test_nothing_is_looked_at_before_it_was_verified(self, mail_hook: MailHook, stranger: Reporter) -> None:
        """
        Of a body that no provider would send, somebody without the secret only hears that it is not signed.
        """
        for garbage in _GARBAGE:
            _refuses(mail_hook, stranger.sign(garbage))

    def test_a_body_of_another_form(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A body that is signed but not of the documented form is refused as such.
        """
        for garbage in _GARBAGE:
            with raises(InvalidInput):
                _read(mail_hook, reporter.sign(garbage))

    def test_repr_shows_no_secret(self, mail_hook: MailHook, secret: str) -> None:
        """
        Its ``repr`` shows no secret.
        """
        assert secret not in repr(mail_hook)


class SignedMailHookContract(MailHookContract):
    """
    The promises that only a provider who signs the body and the time lets a hook keep.
    """

    def test_an_altered_body(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A report that was altered since it was signed is refused.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        assert b"ann@example.org" in report.body
        _refuses(mail_hook, evolve(report, body=report.body.replace(b"ann@", b"bob@")))
        _refuses(mail_hook, evolve(report, body=report.body + b" "))

    def test_an_old_report(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        A report is believed for five minutes, and no longer.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        assert mail_hook.read(report.headers, report.body, now=NOW + _FIVE_MINUTES)
        with raises(InvalidSignature):
            mail_hook.read(report.headers, report.body, now=NOW + _FIVE_MINUTES + _SECOND)

    def test_a_report_from_the_future(self, mail_hook: MailHook, reporter: Reporter) -> None:
        """
        The provider's clock may be five minutes ahead of ours, and no more.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        assert mail_hook.read(report.headers, report.body, now=NOW - _FIVE_MINUTES)
        with raises(InvalidSignature):
            mail_hook.read(report.headers, report.body, now=NOW - _FIVE_MINUTES - _SECOND)


def _read(mail_hook: MailHook, report: Report) -> list[MailEvent]:
    return list(mail_hook.read(report.headers, report.body, now=NOW))


def _refuses(mail_hook: MailHook, report: Report) -> None:
    with raises(InvalidSignature):
        _read(mail_hook, report)
