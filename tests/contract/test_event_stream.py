"""
The answer that goes on: an event loop and a core of the test's own, no network.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast
from uuid import UUID

import pytest
from attrs import define, field

from todo_core.contracts.samples import NOW, a_session, a_user
from todo_core.errors import TooManyRequests, Unauthenticated, Unavailable
from todo_core.model.change import Change, ChangedThing, ChangeKind
from todo_core.model.ids import UserId
from todo_core.model.session import Caller
from todo_core.use_cases.changes import MOST_AT_ONCE, FollowChanges, News
from todo_web.event_stream import ChangeStream
from todo_web.streams import Streams

OPENING = b"retry: 2000\nid: 0\n\n"
LIFE = b":\n\n"
QUICK = (0.01, 0.02)
NEVER = (1e6, 1e6)
USER = a_user()
CALLER = Caller(a_session(USER), USER)


@define
class Bell:
    """
    A signal that the test rings; it knows how many follow.
    """

    is_heard: bool = True
    rung: list[asyncio.Event] = field(factory=list[asyncio.Event])

    @contextmanager
    def following(self, owner_id: UserId) -> Generator[asyncio.Event]:
        assert owner_id == USER.id
        event = asyncio.Event()
        self.rung.append(event)
        try:
            yield event
        finally:
            self.rung.remove(event)

    def ring(self) -> None:
        for event in self.rung:
            event.set()


@define
class Log:
    """
    A core that has so many changes, and perhaps an ``error`` to raise instead; it counts its looks.
    """

    latest: int = 0
    error: Exception | None = None
    looks: int = 0
    at_once: int = 0
    most_at_once: int = 0

    async def __call__(self, *, caller: Caller, after: int | None) -> News:
        assert caller is CALLER
        self.looks += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
        finally:
            self.at_once -= 1
        if self.error is not None:
            raise self.error
        start = self.latest if after is None else after
        found = [a_change(number) for number in range(start + 1, self.latest + 1)][:MOST_AT_ONCE]
        return News(found, start + len(found))


def a_change(number: int) -> Change:
    """
    Return a change with this *number*.
    """
    return Change(USER.id, number, NOW, ChangedThing.TODO, ChangeKind.ADDED, UUID(int=number), version=1)


@define
class Reader:
    """
    Whoever asked: what they were sent, and a hand that can stop taking.
    """

    status: int | None = None
    headers: dict[bytes, bytes] = field(factory=dict[bytes, bytes])
    pieces: list[bytes] = field(factory=list[bytes])
    is_complete: bool = False
    gone: asyncio.Event = field(factory=asyncio.Event)
    takes: asyncio.Event = field(factory=asyncio.Event)
    came: asyncio.Condition = field(factory=asyncio.Condition)

    async def receive(self) -> Mapping[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.pieces += [message["body"]] if message["body"] else []
            self.is_complete = not message["more_body"]
        async with self.came:
            self.came.notify_all()

    async def has(self, seen: Callable[[bytes], bool]) -> bytes:
        """
        Return all that has come, once it is as *seen* wants it.
        """
        async with asyncio.timeout(20), self.came:
            await self.came.wait_for(lambda: seen(b"".join(self.pieces)))
        return b"".join(self.pieces)


def numbers(text: bytes) -> list[int]:
    """
    Return the numbers of the changes that were told.
    """
    blocks = [block for block in text.split(b"\n\n") if b"event: change" in block]
    return [int(block.split(b"\n")[0].removeprefix(b"id: ")) for block in blocks]


@pytest.fixture
def bell() -> Bell:
    """
    Return the signal.
    """
    return Bell()


@pytest.fixture
def log() -> Log:
    """
    Return the core.
    """
    return Log()


@pytest.fixture
def streams(bell: Bell) -> Streams:
    """
    Return streams that rest as long as nobody rings.
    """
    return Streams(bell, rest=NEVER, life=NEVER)


@asynccontextmanager
async def reading(
    log: Log, streams: Streams, *, after: int | None = None, method: str = "GET"
) -> AsyncGenerator[tuple[Reader, asyncio.Task[None]]]:
    """
    Open a stream for the block.
    """
    reader = Reader()
    reader.takes.set()
    answer = ChangeStream(cast("FollowChanges", log), streams, caller=CALLER, after=after)
    task = asyncio.create_task(answer({"type": "http", "method": method}, reader.receive, reader.send))
    yield reader, task
    reader.gone.set()
    async with asyncio.timeout(20):
        await asyncio.gather(task, return_exceptions=True)


async def test_a_stream_opens_at_once(log, streams):
    """
    A reader learns where they stand before anything happens, and proxies are told not to wait for more.
    """
    async with reading(log, streams) as (reader, _):
        assert await reader.has(lambda text: OPENING in text) == OPENING + LIFE
        assert reader.status == 200
        assert reader.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
        assert reader.headers[b"x-accel-buffering"] == b"no"
        assert b"content-length" not in reader.headers


async def test_a_ring_brings_news(log, streams, bell):
    """
    Also one that comes between the stream's beginning and its first rest.
    """
    async with reading(log, streams) as (reader, _):
        await reader.has(lambda text: OPENING in text)
        for latest in (1, 3):
            log.latest = latest
            bell.ring()
            await reader.has(lambda text, latest=latest: b"id: %d\n" % latest in text)
        await asyncio.sleep(0.05)
        assert numbers(b"".join(reader.pieces)) == [1, 2, 3]
        assert log.looks == 3, "a ring is answered by one look"


async def test_one_who_comes_back_is_told_what_they_missed(log, streams):
    """
    A page at a time, without resting between, each change once.
    """
    log.latest = 2 * MOST_AT_ONCE + 1
    async with reading(log, streams, after=1) as (reader, _):
        text = await reader.has(lambda text: b"id: %d\n" % log.latest in text)
    assert numbers(text) == list(range(2, log.latest + 1))
    assert text.startswith(b"retry: 2000\nid: 1\n\n")


async def test_signs_of_life(log, bell):
    """
    While nothing happens there is a comment after each rest; more often when the signal is not heard.
    """
    for is_heard, rest, poll in ((True, QUICK, 1e6), (False, NEVER, 0.01)):
        bell.is_heard = is_heard
        async with reading(log, Streams(bell, rest=rest, poll=poll, life=NEVER)) as (reader, _):
            await reader.has(lambda text: text.count(LIFE) >= 4)


async def test_the_stream_ends_with_the_session(log, streams, bell):
    """
    At the next look, properly, and without what is new.
    """
    async with reading(log, streams) as (reader, task):
        await reader.has(lambda text: OPENING in text)
        log.latest, log.error = 1, Unauthenticated()
        bell.ring()
        await asyncio.wait_for(task, 20)
        assert reader.is_complete
        assert numbers(b"".join(reader.pieces)) == []


async def test_a_database_that_is_away_does_not_end_it(log, bell):
    """
    It shows life, and tells the news when they can be had again, each once.
    """
    log.latest = 7
    async with reading(log, Streams(bell, rest=QUICK, life=NEVER)) as (reader, _):
        await reader.has(lambda text: b"id: 7\n" in text)
        log.error, looks = Unavailable("away"), log.looks
        log.latest = 8
        await reader.has(lambda _: log.looks > looks + 3)
        log.error = None
        text = await reader.has(lambda text: b"id: 8\n" in text)
    assert numbers(text) == [8]


async def test_a_fault_is_not_hidden(log, streams, bell):
    """
    What nobody expected goes on to whoever logs it.
    """
    async with reading(log, streams) as (reader, task):
        await reader.has(lambda text: OPENING in text)
        log.error = ZeroDivisionError()
        bell.ring()
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(task, 20)


@pytest.mark.parametrize("error", [Unavailable("away"), Unauthenticated()])
async def test_what_goes_wrong_first_is_answered_as_elsewhere(log, streams, bell, error):
    """
    Before the first byte an error leaves as such, and its place is free again.
    """
    log.error = error
    async with reading(log, streams) as (reader, task):
        with pytest.raises(type(error)):
            await asyncio.wait_for(task, 20)
        assert reader.status is None
        assert bell.rung == []


async def test_everybody_has_so_many_places(log, bell):
    """
    One more is refused until one is given back.
    """
    streams = Streams(bell, most=2, rest=NEVER, life=NEVER)
    async with reading(log, streams) as (one, _):
        await one.has(lambda text: OPENING in text)
        async with reading(log, streams) as (two, _):
            await two.has(lambda text: OPENING in text)
            async with reading(log, streams) as (_, refused):
                with pytest.raises(TooManyRequests):
                    await asyncio.wait_for(refused, 20)
        async with reading(log, streams) as (three, _):
            await three.has(lambda text: OPENING in text)
    assert not streams._open


@pytest.mark.parametrize("takes", [True, False])
async def test_a_reader_who_goes_is_let_go(log, streams, bell, takes):
    """
    At once, be it that the stream waits for news or that the reader takes nothing any more, and their place with them.
    """
    async with reading(log, streams) as (reader, task):
        await reader.has(lambda text: OPENING in text)
        assert len(bell.rung) == 1
        if not takes:
            reader.takes.clear()
            log.latest = 1
            bell.ring()
            await asyncio.sleep(0.05)
        reader.gone.set()
        await asyncio.wait_for(task, 20)
        assert bell.rung == []


async def test_all_end_when_the_program_does(log, streams):
    """
    Properly, so that browsers come back; and those that begin then end as well.
    """
    async with reading(log, streams) as (reader, task):
        await reader.has(lambda text: OPENING in text)
        streams.end()
        await asyncio.wait_for(task, 20)
        assert reader.is_complete
    async with reading(log, streams) as (reader, task):
        await asyncio.wait_for(task, 20)
        assert reader.is_complete


async def test_a_stream_does_not_live_for_ever(log, bell):
    """
    It ends properly, and the reader begins another.
    """
    async with reading(log, Streams(bell, rest=NEVER, life=QUICK)) as (reader, task):
        await asyncio.wait_for(task, 20)
        assert reader.is_complete


async def test_a_slow_reader_makes_nothing_grow(log, bell):
    """
    While a piece is not taken nothing more is looked for; and who takes too long is left, their place free again.
    """
    streams = Streams(bell, rest=NEVER, life=NEVER, patience=0.5)
    async with reading(log, streams) as (reader, task):
        await reader.has(lambda text: OPENING in text)
        reader.takes.clear()
        log.latest = 10 * MOST_AT_ONCE
        looks = log.looks
        bell.ring()
        await asyncio.wait_for(task, 20)
        assert log.looks == looks + 1
        assert bell.rung == []


async def test_few_look_at_once(log, bell):
    """
    However many streams there are, they leave most connections to others.
    """
    streams = Streams(bell, most=50, rest=QUICK, life=(0.5, 0.5))
    tasks = []
    for _ in range(50):
        reader = Reader()
        reader.takes.set()
        answer = ChangeStream(cast("FollowChanges", log), streams, caller=CALLER, after=None)
        tasks.append(answer({"type": "http", "method": "GET"}, reader.receive, reader.send))
    await asyncio.wait_for(asyncio.gather(*tasks), 20)
    assert log.most_at_once == 4


async def test_asking_for_the_head_takes_no_place(log, streams, bell):
    """
    The headers come, and nothing else.
    """
    async with reading(log, streams, method="HEAD") as (reader, task):
        await asyncio.wait_for(task, 20)
        assert reader.status == 200
        assert reader.pieces == []
        assert reader.is_complete
        assert bell.rung == []
        assert log.looks == 0
