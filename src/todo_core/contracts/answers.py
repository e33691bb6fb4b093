"""
What every ``AnswerStore`` keeps.
"""

from __future__ import annotations

import asyncio

from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import INSTANT, NOW, an_answer, somebody
from todo_core.errors import InvalidToken
from todo_core.model.answer import KeptAnswer
from todo_core.ports import UnitOfWork


async def _keep(unit_of_work: UnitOfWork, answer: KeptAnswer) -> KeptAnswer | None:
    async with unit_of_work.begin() as work:
        return await work.answers.keep(answer)


async def _find(unit_of_work: UnitOfWork, answer: KeptAnswer) -> KeptAnswer | None:
    async with unit_of_work.begin() as work:
        return await work.answers.find(answer.key, owner_id=answer.owner_id)


class AnswerStoreContract:
    """
    The promises of ``AnswerStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_an_answer_is_kept(self, unit_of_work: UnitOfWork) -> None:
        """
        An answer is found under its owner's key, with all that was kept, and nothing was there before.
        """
        answer = an_answer(await somebody(unit_of_work), 'a "key"~', body=bytes(range(256)), at=NOW + INSTANT)
        assert await _find(unit_of_work, answer) is None
        assert await _keep(unit_of_work, answer) is None
        assert await _find(unit_of_work, answer) == answer

    async def test_the_first_answer_stays(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever keeps another under the same key is given the one that was there before, which stays.
        """
        owner = await somebody(unit_of_work)
        first, second = an_answer(owner, body=b"first"), an_answer(owner, body=b"second")
        await _keep(unit_of_work, first)
        assert await _keep(unit_of_work, second) == first
        assert await _find(unit_of_work, second) == first

    async def test_keys_are_their_owners(self, unit_of_work: UnitOfWork) -> None:
        """
        Another key, or the same of somebody else, has an answer of its own.
        """
        owner, other = await somebody(unit_of_work), await somebody(unit_of_work)
        answers = [an_answer(owner, body=b"1"), an_answer(other, body=b"2"), an_answer(owner, "KEY", body=b"3")]
        assert [await _keep(unit_of_work, answer) for answer in answers] == [None] * 3
        assert [await _find(unit_of_work, answer) for answer in answers] == answers

    async def test_of_many_keepers_one_does(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several who keep one under the same key at once, one does; the others are given that one.
        """
        owner = await somebody(unit_of_work)
        answers = [an_answer(owner, body=bytes([number])) for number in range(8)]
        given = await asyncio.gather(*(_keep(unit_of_work, answer) for answer in answers))
        kept = await _find(unit_of_work, answers[0])
        assert sorted(given, key=lambda one: one is not None) == [None, *[kept] * 7]
        assert kept == answers[given.index(None)]

    async def test_others_wait_for_the_end(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever keeps one while another unit of work does waits until that one ends, and keeps theirs if it is undone.
        """
        owner = await somebody(unit_of_work)
        first, second = an_answer(owner, body=b"first"), an_answer(owner, body=b"second")
        with raises(InvalidToken):
            async with unit_of_work.begin() as work:
                await work.answers.keep(first)
                keeping = asyncio.create_task(_keep(unit_of_work, second))
                await asyncio.wait({keeping}, timeout=0.1)
                assert not keeping.done()
                raise InvalidToken
        assert await keeping is None
        assert await _find(unit_of_work, first) == second

    async def test_old_answers_are_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """
        Up to so many are forgotten at once that were kept before the moment, and no other.
        """
        owner = await somebody(unit_of_work)
        recent = an_answer(owner, at=NOW)
        old = [an_answer(owner, f"old {number}", at=NOW - INSTANT) for number in range(5)]
        for answer in (recent, *old):
            await _keep(unit_of_work, answer)
        pruned = list[int]()
        for _ in range(4):
            async with unit_of_work.begin() as work:
                pruned.append(await work.answers.prune(before=NOW, limit=2))
        assert pruned == [2, 2, 1, 0]
        assert await _find(unit_of_work, recent) == recent
        assert [await _find(unit_of_work, answer) for answer in old] == [None] * 5
