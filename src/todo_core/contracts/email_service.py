"""
What a mail service promises.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from abc import abstractmethod
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar

from attrs import evolve, frozen

from todo_core.contracts.expectations import raises
from todo_core.errors import EmailError, EmailInterrupted, EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_core.model.email import EmailAddress, EmailMessage
from todo_core.ports import EmailService

E = TypeVar("E", bound=EmailError)

_MESSAGE = EmailMessage(
    to=EmailAddress("ann@example.org"),
    message_id="0198a5c2-7d3e-7000-8000-00000000abcd@todo.example",
    subject="Reset your password",
    text="Follow this link:\n\nhttps://todo.example/reset-password?token=abc-DEF_123.xyz\n\n.\n.. dots\n"
    + "long " * 300,
    html="<p>Follow <a href='https://todo.example/reset-password?token=abc-DEF_123.xyz'>this</a></p>",
)


@frozen
class Arrival:
    """
    A message as its provider got it; ``html`` and ``message_id`` are None where there is no place for them.
    """

    recipients: Sequence[str]
    subject: str
    text: str
    html: str | None
    message_id: str | None
    headers: Sequence[str] = ()


class Inbox(Protocol):
    """
    The far side of a service, as far as it can be looked at.
    """

    @abstractmethod
    def arrivals(self) -> Sequence[Arrival]:
        """
        Return what has arrived, oldest first.
        """
        ...

    @abstractmethod
    def secrets(self) -> Sequence[str]:
        """
        Return the credentials the service was given.
        """
        ...


class Provider(Inbox, Protocol):
    """
    The far side of a service, told how to answer: each method counts for the next message only.
    """

    @abstractmethod
    def refuse_for_good(self) -> None:
        """
        Answer that this message never will be accepted.
        """
        ...

    @abstractmethod
    def refuse_for_now(self) -> None:
        """
        Answer that it cannot be accepted at the moment.
        """
        ...

    @abstractmethod
    def refuse_credentials(self) -> None:
        """
        Answer that we are not known, or may not send.
        """
        ...

    @abstractmethod
    def go_silent(self) -> None:
        """
        Take the message in, and do not answer at all.
        """
        ...


class EmailDeliveryContract:
    """
    Those promises of ``EmailService`` that a service keeps whose provider accepts everything, such as a console.

    Fixtures:
        service: an ``EmailService``.
        provider: an ``Inbox``, which shows what has arrived; nothing yet.
    """

    async def test_a_message_arrives_whole(self, service: EmailService, provider: Inbox) -> None:
        """
        Once ``send`` has returned, the provider has the message whole, for its one recipient.
        """
        await service.send(_MESSAGE)
        (arrival,) = provider.arrivals()
        assert list(arrival.recipients) == ["ann@example.org"], "there must be one recipient"
        assert arrival.subject == _MESSAGE.subject, "the subject must arrive as it is"
        assert _lines(arrival.text) == _lines(_MESSAGE.text), "the text must arrive whole"

    async def test_any_letter_arrives(self, service: EmailService, provider: Inbox) -> None:
        """
        Letters of any language arrive, in the subject and in the text.
        """
        words = "Größe \N{SNOWMAN} パスワード \N{GRINNING FACE}"
        await service.send(evolve(_MESSAGE, subject=words, text=words))
        (arrival,) = provider.arrivals()
        assert arrival.subject == words, "the subject must arrive as it is"
        assert _lines(arrival.text) == [words], "the text must arrive as it is"

    async def test_messages_arrive_apart(self, service: EmailService, provider: Inbox) -> None:
        """
        Messages sent at once, and one after the other, arrive as so many messages.
        """
        subjects = [f"Message {number}" for number in range(8)]
        await asyncio.gather(*(service.send(_another(subject)) for subject in subjects[:4]))
        for subject in subjects[4:]:
            await service.send(_another(subject))
        assert sorted(arrival.subject for arrival in provider.arrivals()) == subjects, "each must arrive once"

    async def test_checking_sends_nothing(self, service: EmailService, provider: Inbox) -> None:
        """
        ``check`` returns while all is well, and nothing arrives by it.
        """
        await service.check()
        assert provider.arrivals() == [], "a check must not send"
        await service.send(_MESSAGE)
        assert len(provider.arrivals()) == 1, "a check must not disturb the next message"

    async def test_repr_tells_nothing(self, service: EmailService, provider: Inbox) -> None:
        """
        The service's ``repr`` shows no credential, no recipient and no words.
        """
        await service.send(_MESSAGE)
        _tells_nothing(repr(service), provider)

    async def test_logs_tell_nothing(self, service: EmailService, provider: Inbox) -> None:
        """
        However much is logged, no credential, no recipient and no words are.
        """
        with _listening() as heard:
            await service.check()
            await service.send(_MESSAGE)
        _tells_nothing("\n".join(heard), provider)


class EmailServiceContract(EmailDeliveryContract):
    """
    The promises of ``EmailService``.

    Fixtures:
        service: an ``EmailService`` whose deadline is one second or less.
        provider: a ``Provider``, which shows what has arrived and can be told to refuse.
    """

    async def test_text_and_html_are_alternatives(self, service: EmailService, provider: Provider) -> None:
        """
        Text and HTML arrive as two alternatives of one message.
        """
        await service.send(_MESSAGE)
        (arrival,) = provider.arrivals()
        assert _lines(arrival.html or "") == _lines(_MESSAGE.html), "the HTML must arrive beside the text"

    async def test_the_message_id_is_kept(self, service: EmailService, provider: Provider) -> None:
        """
        The message has its own Message-ID, however long its host's name.

        When it is sent again it has the same, or it does not arrive twice.
        """
        long = f"0198a5c2-7d3e-7000-8000-00000000abcd@{'long.' * 30}example"
        for message_id in (_MESSAGE.message_id, _MESSAGE.message_id, long):
            await service.send(evolve(_MESSAGE, message_id=message_id))
        ids = [arrival.message_id for arrival in provider.arrivals()]
        again = [_MESSAGE.message_id] * (len(ids) - 2)
        assert ids == [_MESSAGE.message_id, *again, long], "the Message-ID must be the message's own"

    async def test_addresses_of_any_language(self, service: EmailService, provider: Provider) -> None:
        """
        A domain outside ASCII is reached by its name in the DNS, a local part outside ASCII as it is.

        Not every provider can carry the latter: its message may be rejected instead.
        """
        expected = [["ann@xn--bcher-kva.example"]]
        await service.send(evolve(_another("Domain"), to=EmailAddress("ann@bücher.example")))
        with suppress(EmailRejected):
            await service.send(evolve(_another("Local part"), to=EmailAddress("jörg@bücher.example")))
            expected.append(["jörg@xn--bcher-kva.example"])
        reached = [list(arrival.recipients) for arrival in provider.arrivals()]
        assert reached == expected, "addresses must be reached"

    async def test_nobody_slips_in_a_header(self, service: EmailService, provider: Provider) -> None:
        """
        Nothing in a message adds a header or a recipient: it is refused, or arrives harmless.
        """
        for evil in (
            "Hi\r\nBcc: eve@example.org",
            "Hi\nBcc: eve@example.org",
            "Hi\0",
            "Hi\r\n\r\nbody",
            "Hi\u2028Bcc: e",
        ):
            with suppress(EmailRejected):
                await service.send(evolve(_MESSAGE, subject=evil))
            with suppress(EmailRejected):
                await service.send(evolve(_MESSAGE, message_id=f"{evil}@todo.example"))
        for arrival in provider.arrivals():
            assert list(arrival.recipients) == ["ann@example.org"], "there must be one recipient"
            assert "bcc" not in {header.lower() for header in arrival.headers}, "no header may be slipped in"

    async def test_refused_for_good(self, service: EmailService, provider: Provider) -> None:
        """
        A message that never will be accepted raises EmailRejected.
        """
        provider.refuse_for_good()
        await _fails(EmailRejected, service, provider)

    async def test_refused_for_now(self, service: EmailService, provider: Provider) -> None:
        """
        A message that cannot be accepted now raises EmailUnavailable.
        """
        provider.refuse_for_now()
        await _fails(EmailUnavailable, service, provider)

    async def test_an_operator_must_act(self, service: EmailService, provider: Provider) -> None:
        """
        When we are not known to the provider, sending raises EmailMisconfigured.
        """
        provider.refuse_credentials()
        await _fails(EmailMisconfigured, service, provider)

    async def test_silence_has_a_deadline(self, service: EmailService, provider: Provider) -> None:
        """
        A provider that does not answer is given up in time, as EmailUnavailable whose outcome is unknown.
        """
        provider.go_silent()
        try:
            async with asyncio.timeout(2):
                unavailable = await _fails(EmailUnavailable, service, provider)
        except TimeoutError:
            raise AssertionError("a provider that does not answer must be given up in time") from None
        assert unavailable.unknown, "what was taken in without an answer may have been accepted"

    async def test_after_a_cancellation_the_next_goes_through(self, service: EmailService, provider: Provider) -> None:
        """
        A message cancelled on its way does not disturb the next.
        """
        await service.send(_MESSAGE)
        provider.go_silent()
        sending = asyncio.create_task(service.send(_another("Cancelled")))
        await asyncio.sleep(0.2)
        sending.cancel()
        with suppress(asyncio.CancelledError, EmailInterrupted, EmailUnavailable):
            await sending
        await service.send(_another("Next"))
        assert [arrival.subject for arrival in provider.arrivals()] == [_MESSAGE.subject, "Next"], (
            "the next must arrive"
        )

    async def test_an_interrupted_message_has_not_arrived(self, service: EmailService, provider: Provider) -> None:
        """
        Whenever a message is cancelled: if that ends in EmailInterrupted, the provider does not have it.
        """
        interrupted: list[str] = []
        for moment in range(40):
            subject = f"Cancelled {moment}"
            sending = asyncio.create_task(service.send(_another(subject)))
            await asyncio.sleep(moment / 10_000)
            sending.cancel()
            try:
                await sending
            except EmailInterrupted:
                interrupted.append(subject)
            except asyncio.CancelledError:
                pass
        await service.send(_MESSAGE)
        arrived = {arrival.subject for arrival in provider.arrivals()}
        assert arrived.isdisjoint(interrupted), "what was interrupted must not have arrived"


def _another(subject: str) -> EmailMessage:
    """
    Return a message with an id of its own.
    """
    return evolve(_MESSAGE, subject=subject, message_id=f"{subject.replace(' ', '-')}@todo.example")


async def _fails(error_type: type[E], service: EmailService, provider: Provider) -> E:
    """
    Expect the next message to fail discreetly, and the one after it to arrive; return the failure.
    """
    with _listening() as heard, raises(error_type) as raised:
        await service.send(_MESSAGE)
    assert raised.error.code, "a failure must have a code"
    _tells_nothing("".join([repr(raised.error), *traceback.format_exception(raised.error)]), provider)
    _tells_nothing("\n".join(heard), provider)
    assert provider.arrivals() == [], "what has failed must not have arrived"
    await service.send(_MESSAGE)
    assert len(provider.arrivals()) == 1, "after a failure the next message must go through"
    return raised.error


@contextmanager
def _listening() -> Generator[list[str]]:
    """
    Yield what is logged meanwhile, by anybody, at the most talkative level.
    """
    heard: list[str] = []
    root = logging.getLogger()
    level = root.level
    ear = _Ear(heard)
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.setLevel(level)
        root.removeHandler(ear)


class _Ear(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__()
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(self.format(record))


def _tells_nothing(shown: str, provider: Inbox) -> None:
    for secret in (*provider.secrets(), _MESSAGE.to.text, "token=abc"):
        assert secret not in shown, "neither a credential nor the recipient nor the message's words may be shown"


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()
