"""
Delivering mail when it is asked for: how long that may take, and what ends it.
"""

from __future__ import annotations

import asyncio
from collections import deque

import pytest
from attrs import evolve

from tests.contract.test_courier import AWAY, MISCONFIGURED, Post, Signal
from todo_core.contracts.samples import a_mail
from todo_core.errors import Unavailable
from todo_core.use_cases.pruning import Pruned
from todo_web.courier import Courier
from todo_web.draining import Drain, Drained

NOTHING = Pruned(users=0, mails=0, tokens=0, sessions=0, counters=0, todos=0, changes=0, answers=0)


class Pruning:
    """
    Counts how often it was asked, and takes its time.
    """

    def __init__(self, *, slow: float = 0.0) -> None:
        self.asked = 0
        self.slow = slow

    async def __call__(self) -> Pruned:
        self.asked += 1
        await asyncio.sleep(self.slow)
        return NOTHING


@pytest.fixture
def post() -> Post:
    """
    Return an outbox with five mails due, and a provider that takes everything.
    """
    return Post(deque(a_mail() for _ in range(5)))


def draining(post: Post, *, prune: Pruning | None = None, seconds: float = 5.0, grace: float = 0.05) -> Drain:
    """
    Return what is asked.
    """

    def courier() -> Courier:
        return Courier(mail=post, signal=Signal(), slots=2, poll=5.0, grace=grace)

    return Drain(courier, prune or Pruning(), seconds=seconds, pruning=0.05)


async def test_all_that_is_due_is_delivered(post):
    """
    Side by side, and it ends with the last mail.
    """
    post.slow = 0.01
    assert await draining(post)() == Drained(sent=5, others=0)
    assert post.most_under_way == 2


@pytest.mark.parametrize("complaint", [MISCONFIGURED, AWAY], ids=["misconfigured", "away"])
async def test_it_ends_with_the_first_complaint(post, complaint):
    """
    What is in flight then ends; the rest stays where it is, and burns no attempts.
    """
    post.slow = 0.01
    post.answer = lambda mail: evolve(complaint, mail=mail)
    assert await draining(post)() == Drained(sent=0, others=2)
    assert len(post.mails) == 3


async def test_it_ends_in_time_with_a_provider_that_hangs(post):
    """
    What did not arrive in time is given back.
    """
    post.slow = 60.0
    async with asyncio.timeout(10):
        drained = await draining(post, seconds=0.05)()
    assert drained == Drained(sent=0, others=2)
    assert (len(post.given_back), len(post.mails)) == (2, 3)


async def test_no_more_is_taken_when_the_time_is_over(post):
    """
    What is in flight arrives within the grace.
    """
    post.slow = 0.2
    drained = await draining(post, seconds=0.05, grace=5.0)()
    assert drained == Drained(sent=2, others=0)


async def test_who_asks_meanwhile_is_answered_with_the_same(post):
    """
    One round is enough for both, and it goes on when one of them hangs up.
    """
    post.slow = 0.05
    drain = draining(post)
    hasty, patient = asyncio.create_task(drain()), asyncio.create_task(drain())
    await asyncio.sleep(0.01)
    hasty.cancel()
    assert await patient == Drained(sent=5, others=0)
    assert post.most_under_way == 2


async def test_what_is_old_is_forgotten_once_an_hour(post):
    """
    However often the clock asks.
    """
    prune = Pruning()
    drain = draining(post, prune=prune)
    for _ in range(3):
        await drain()
    assert prune.asked == 1


async def test_forgetting_has_its_end_too(post):
    """
    What is left is forgotten next time.
    """
    async with asyncio.timeout(10):
        assert await draining(post, prune=Pruning(slow=60.0))() == Drained(sent=5, others=0)


async def test_a_database_that_is_away_is_told(post):
    """
    The clock that asked sees that it went wrong, and the next time all is tried again.
    """

    async def away() -> Pruned:
        raise Unavailable

    drain = draining(post)
    drain.prune, there = away, drain.prune
    with pytest.raises(Unavailable):
        await drain()
    drain.prune = there
    assert (await drain()).others == 0
    assert there.asked == 1


async def test_at_the_end_what_is_in_hand_is_given_back(post):
    """
    As when a courier is stopped.
    """
    post.slow = 60.0
    drain = draining(post, seconds=60.0)
    asked = asyncio.create_task(drain())
    await asyncio.sleep(0.01)
    async with asyncio.timeout(10):
        await drain.end()
    assert len(post.given_back) == 2
    await asyncio.gather(asked, return_exceptions=True)
