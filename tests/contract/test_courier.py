"""
The courier's round, with an outbox, a provider and a signal that do what the test says.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import structlog
from attrs import define, evolve, field

from todo_core.contracts.samples import a_mail
from todo_core.errors import Unavailable
from todo_core.model.mail import Mail
from todo_core.use_cases.courier import Delivery, Outcome
from todo_web.courier import Courier
from todo_web.pause import Pause

LONG = 30.0
SENT = Delivery(a_mail(), Outcome.SENT)
MISCONFIGURED = Delivery(
    a_mail(), Outcome.RETRIED, "misconfigured login 535", due_in=timedelta(seconds=LONG), misconfigured=True
)

AWAY = Delivery(a_mail(), Outcome.RETRIED, "unavailable connect refused", due_in=timedelta(seconds=LONG), away=True)


@define(slots=False)
class Signal:
    """
    A bell that notes for how long each rest was to last; ``hasty`` ends them at once, as if that time had passed.
    """

    hasty: int = 0
    is_heard: bool = True
    rests: list[float] = field(factory=list[float])
    resting: int = 0
    most_resting: int = 0
    bell: asyncio.Event = field(factory=asyncio.Event)

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109 - the port has it so
        self.rests.append(timeout)
        if len(self.rests) <= self.hasty:
            return
        self.resting += 1
        self.most_resting = max(self.most_resting, self.resting)
        try:
            async with asyncio.timeout(timeout):
                await self.bell.wait()
        except TimeoutError:
            pass
        finally:
            self.resting -= 1
            self.bell.clear()


@define(slots=False)
class Post:
    """
    An outbox with some ``mails`` due, and a provider that answers what ``answer`` says.
    """

    mails: deque[Mail] = field(factory=deque[Mail])
    answer: Callable[[Mail], Delivery | Exception] = lambda mail: evolve(SENT, mail=mail)
    slow: float = 0.0
    outages: int = 0
    next_due: float = LONG * 10
    claims: int = 0
    under_way: int = 0
    most_under_way: int = 0
    delivered: list[Mail] = field(factory=list[Mail])
    given_back: list[Mail] = field(factory=list[Mail])

    async def claim(self) -> Mail | None:
        self.claims += 1
        await asyncio.sleep(0)
        if self.outages:
            self.outages -= 1
            raise Unavailable
        return self.mails.popleft() if self.mails else None

    async def due_in(self, horizon: timedelta) -> timedelta:
        if self.outages:
            raise Unavailable
        return min(horizon, timedelta(seconds=self.next_due))

    async def deliver(self, mail: Mail) -> Delivery:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.slow)
        except asyncio.CancelledError:
            self.given_back.append(mail)
            return Delivery(mail, Outcome.RETURNED, "rcpt cancelled")
        finally:
            self.under_way -= 1
        answer = self.answer(mail)
        self.delivered.append(mail)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def put(self, number: int) -> None:
        """
        Let so many more be due.
        """
        self.mails.extend(a_mail() for _ in range(number))


@pytest.fixture
def signal() -> Signal:
    """
    Return a bell.
    """
    return Signal()


@pytest.fixture
def post() -> Post:
    """
    Return an empty outbox, and a provider that takes everything.
    """
    return Post()


@asynccontextmanager
async def running(
    post: Post, signal: Signal, *, slots: int = 4, grace: float = 1.0, pause: Pause | None = None
) -> AsyncGenerator[list[structlog.typing.EventDict]]:
    """
    Let a courier run for the block, and yield what it logs.
    """
    courier = Courier(mail=post, signal=signal, slots=slots, poll=5.0, grace=grace, pause=pause or Pause())
    with structlog.testing.capture_logs() as logs:
        async with courier.running():
            yield logs


async def until(condition: Callable[[], object]) -> None:
    """
    Return when *condition* holds.
    """
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is looked at has no events
            await asyncio.sleep(0.001)


def events(logs: list[structlog.typing.EventDict], name: str) -> list[structlog.typing.EventDict]:
    """
    Return what was logged under this *name*.
    """
    return [event for event in logs if event["event"] == name]


async def test_all_that_is_due_is_delivered_side_by_side(post, signal):
    """
    As many at once as there are slots, and no mail twice.
    """
    post.put(12)
    due, post.slow = list(post.mails), 0.02
    async with running(post, signal):
        await until(lambda: len(post.delivered) == 12)
    assert sorted(mail.id for mail in post.delivered) == sorted(mail.id for mail in due)
    assert post.most_under_way == 4


async def test_one_looks_while_nothing_is_due(post, signal):
    """
    The others wait for their turn: an idle process asks once, not once for each slot.
    """
    async with running(post, signal, slots=8):
        await until(lambda: signal.resting)
        await asyncio.sleep(0.02)
        assert (post.claims, signal.resting) == (1, 1)
    assert signal.most_resting == 1


async def test_rests_grow_while_nothing_comes(post, signal):
    """
    From 5 to 60 seconds, and from 5 again once something came.
    """
    signal.hasty = 6
    async with running(post, signal):
        await until(lambda: signal.resting)
        post.put(1)
        signal.bell.set()
        await until(lambda: len(signal.rests) == 8)
    assert signal.rests == [5, 10, 20, 40, 60, 60, 60, 5]


async def test_rests_do_not_grow_while_the_signal_is_not_heard(post, signal):
    """
    Then only a look tells that something came.
    """
    signal.hasty, signal.is_heard = 3, False
    async with running(post, signal):
        await until(lambda: signal.resting)
    assert signal.rests == [5, 5, 5, 5]


async def test_a_rest_ends_when_a_mail_falls_due(post, signal):
    """
    Such as one whose courier died: nobody rings for it when its lease runs out.
    """
    signal.hasty, post.next_due = 3, 8.0
    async with running(post, signal):
        await until(lambda: signal.resting)
    assert signal.rests == [5, 8, 8, 8]


@pytest.mark.parametrize("next_due", [-0.5, 0.0, 0.001])
async def test_a_mail_that_is_due_but_was_not_got_is_looked_after_at_once(post, signal, next_due):
    """
    It fell due since the look, or somebody else is taking it: a lease that ends is nobody's news.
    """
    signal.hasty, post.next_due = 2, next_due
    async with running(post, signal):
        await until(lambda: signal.resting)
    assert signal.rests == [0.05, 0.05, 0.05]


async def test_rests_are_short_while_the_outbox_is_unavailable(post, signal):
    """
    Nobody knows what is due, and everything may be when it is back.
    """
    signal.hasty, post.outages = 3, 100
    async with running(post, signal):
        await until(lambda: signal.resting)
    assert signal.rests == [5, 5, 5, 5]


async def test_one_ring_sets_all_slots_to_work(post, signal):
    """
    Each slot that finds a mail lets the next one look, while it delivers its own.
    """
    post.slow = 0.05
    async with running(post, signal):
        await until(lambda: signal.resting)
        post.put(4)
        signal.bell.set()
        await until(lambda: post.under_way == 4)


async def test_a_mail_that_is_due_again_ends_the_rest(post, signal):
    """
    Nobody rings for it.
    """
    post.put(1)
    again = timedelta(seconds=0.05)
    post.answer = lambda mail: Delivery(mail, Outcome.RETRIED, "unavailable 421", due_in=again)
    async with running(post, signal):
        await until(lambda: post.delivered and signal.resting)
        post.answer = lambda mail: evolve(SENT, mail=mail)
        post.put(1)
        await until(lambda: len(post.delivered) == 2)


async def test_whatever_goes_wrong_the_round_goes_on(post, signal):
    """
    An outbox out of reach and a mail that trips us up are noted, and the next mail is delivered.
    """
    post.outages, signal.hasty = 1, 1
    post.put(3)
    first, second = post.mails[0].id, post.mails[1].id
    faults = {first: RuntimeError("boom"), second: Unavailable()}
    post.answer = lambda mail: faults.get(mail.id, evolve(SENT, mail=mail))
    async with running(post, signal, slots=1) as logs:
        await until(lambda: len(post.delivered) == 3)
        await until(lambda: events(logs, "mail"))
    assert [event["log_level"] for event in logs] == ["warning", "error", "warning", "info"]
    assert [event.get("mail_id") for event in logs[1:3]] == [str(first), str(second)]


async def test_a_claim_that_fails_for_good_is_noted(post, signal):
    """
    It is asked again after a rest.
    """

    async def claim() -> None:
        raise RuntimeError("boom")

    post.claim = claim
    async with running(post, signal) as logs:
        await until(lambda: signal.resting)
    assert [(event["event"], event["log_level"]) for event in logs] == [("claim failed", "error")]


async def test_a_complaint_about_us_pauses_every_slot(post, signal):
    """
    What is in flight ends, nothing more is claimed, and an error says why and when a mail is tried.
    """
    post.put(40)
    post.answer, post.slow = lambda mail: evolve(MISCONFIGURED, mail=mail), 0.01
    async with running(post, signal) as logs:
        await until(lambda: events(logs, "mail paused"))
        await asyncio.sleep(0.1)
        assert (len(post.delivered), post.under_way) == (4, 0)
    [paused] = events(logs, "mail paused")
    assert (paused["log_level"], paused["reason"], paused["next_try_in"]) == ("error", MISCONFIGURED.reason, 15.0)
    assert events(logs, "mail resumed") == []


async def test_one_mail_is_tried_at_a_time_after_growing_waits(post, signal):
    """
    Each wait is twice the last, up to the longest.
    """
    post.put(40)
    post.answer = lambda mail: evolve(MISCONFIGURED, mail=mail)
    async with running(post, signal, pause=Pause(shortest=0.02, longest=0.07)) as logs:
        await until(lambda: len(events(logs, "mail paused")) == 1)
        await asyncio.sleep(0)
        tried, post.most_under_way = len(post.delivered), 0
        await until(lambda: len(events(logs, "mail paused")) == 5)
        assert len(post.delivered) == tried + 4
    assert post.most_under_way == 1
    assert [event["next_try_in"] for event in events(logs, "mail paused")] == [0.02, 0.04, 0.07, 0.07, 0.07]


async def test_a_provider_that_is_away_is_asked_more_often(post, signal):
    """
    First after a second, for it may be back any moment; the waits grow, but not as far.
    """
    post.put(10)
    post.answer = lambda mail: evolve(AWAY, mail=mail)
    async with running(post, signal, pause=Pause(longest_absence=1.2)) as logs:
        await until(lambda: len(events(logs, "mail paused")) == 3)
    assert [event["next_try_in"] for event in events(logs, "mail paused")] == [1.0, 1.2, 1.2]


async def test_the_first_success_resumes_everything_at_once(post, signal):
    """
    The tried mail arrives, and all slots go on; a later complaint begins with the shortest wait.
    """
    post.put(4)
    post.answer, post.slow = lambda mail: evolve(MISCONFIGURED, mail=mail), 0.01
    async with running(post, signal, pause=Pause(shortest=0.05, longest=LONG)) as logs:
        await until(lambda: events(logs, "mail paused"))
        await until(lambda: not post.under_way)
        post.answer, post.most_under_way = (lambda mail: evolve(SENT, mail=mail)), 0
        post.put(12)
        signal.bell.set()
        await until(lambda: len(post.delivered) == 16)
        assert post.most_under_way == 4
        post.answer = lambda mail: evolve(MISCONFIGURED, mail=mail)
        post.put(1)
        signal.bell.set()
        await until(lambda: len(events(logs, "mail paused")) == 2)
    [resumed] = events(logs, "mail resumed")
    assert resumed["log_level"] == "info"
    assert [event["next_try_in"] for event in events(logs, "mail paused")] == [0.05, 0.05]


async def test_what_was_in_flight_can_end_the_pause(post, signal):
    """
    A mail that the provider takes shows that nothing is wrong any more; a later complaint begins another pause.
    """
    post.put(2)
    bad = post.mails[0].id
    post.answer = lambda mail: evolve(MISCONFIGURED if mail.id == bad else SENT, mail=mail)
    deliver = post.deliver

    async def uneven(mail: Mail) -> Delivery:
        await asyncio.sleep(0 if mail.id == bad else 0.05)
        return await deliver(mail)

    post.deliver = uneven
    async with running(post, signal, pause=Pause(shortest=LONG)) as logs:
        await until(lambda: events(logs, "mail resumed"))
        post.put(1)
        signal.bell.set()
        await until(lambda: len(post.delivered) == 3)
        bad = a_mail().id
        post.mails.append(evolve(a_mail(), id=bad))
        signal.bell.set()
        await until(lambda: len(events(logs, "mail paused")) == 2)


async def test_a_mail_that_proves_nothing_does_not_end_the_pause(post, signal):
    """
    One that never reached the provider leaves the pause as it is, and the next is tried without another wait.
    """
    post.put(1)
    post.answer = lambda mail: evolve(MISCONFIGURED, mail=mail)
    async with running(post, signal, pause=Pause(shortest=0.05, longest=LONG)) as logs:
        await until(lambda: events(logs, "mail paused"))
        post.answer, post.slow = (lambda mail: Delivery(mail, Outcome.DEAD, "no account")), 0.005
        post.most_under_way = 0
        post.put(8)
        signal.bell.set()
        await until(lambda: len(post.delivered) == 9)
    assert post.most_under_way == 1
    assert events(logs, "mail resumed") == []


async def test_a_paused_courier_stops_at_once(post, signal):
    """
    Nobody waits for the next try.
    """
    post.put(1)
    post.answer = lambda mail: evolve(MISCONFIGURED, mail=mail)
    async with asyncio.timeout(1), running(post, signal, grace=LONG) as logs:
        await until(lambda: events(logs, "mail paused"))


async def test_an_idle_courier_stops_at_once(post, signal):
    """
    Nobody waits for the end of the rest.
    """
    async with asyncio.timeout(1), running(post, signal, grace=LONG):
        await until(lambda: signal.resting)


async def test_what_is_in_flight_arrives(post, signal):
    """
    Once it is stopped a courier claims nothing more, and lets what it has claimed arrive.
    """
    post.put(9)
    post.slow = 0.1
    async with running(post, signal):
        await until(lambda: post.under_way == 4)
    assert (len(post.delivered), len(post.mails), post.given_back) == (4, 5, [])


async def test_what_is_late_is_given_back(post, signal):
    """
    When the grace is over, what has not arrived is cancelled, and each slot has the time to give its mail back.
    """
    post.put(9)
    post.slow = LONG
    async with asyncio.timeout(2):
        async with running(post, signal, grace=0.05) as logs:
            await until(lambda: post.under_way == 4)
        assert len(post.given_back) == 4
    assert (post.delivered, len(post.mails)) == ([], 5)
    assert [event["outcome"] for event in events(logs, "mail")] == ["returned"] * 4


async def test_what_cannot_be_given_back_is_left(post, signal):
    """
    A slot that does not end when it is cancelled is cancelled once more after a second: its lease will run out.
    """
    stuck = asyncio.Event()

    async def deliver(_: Mail) -> Delivery:
        stuck.set()
        try:
            await asyncio.sleep(LONG)
        finally:
            await asyncio.sleep(LONG)

    post.deliver = deliver
    post.put(1)
    async with asyncio.timeout(3):
        async with running(post, signal, grace=0.05):
            await stuck.wait()
