"""
What every ``UserStore`` keeps about people who leave for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from attrs import evolve

from todo_core.contracts.samples import (
    HOUR,
    INSTANT,
    LONG_AGO,
    NOW,
    a_mail,
    a_session,
    a_todo,
    a_token,
    an_event,
    somebody,
)
from todo_core.model.calendar import Calendar
from todo_core.model.email import EmailAddress
from todo_core.model.todo import TodoFilter, TodoSort
from todo_core.model.token import Purpose
from todo_core.model.user import User
from todo_core.ports import UnitOfWork


async def _of(unit_of_work: UnitOfWork, user: User) -> User | None:
    async with unit_of_work.begin() as work:
        return await work.users.by_id(user.id)


async def _leaver(unit_of_work: UnitOfWork, *, at: datetime = NOW) -> User:
    """
    Return a user who is to be erased *at* this moment.
    """
    user = await somebody(unit_of_work)
    async with unit_of_work.begin() as work:
        await work.users.set_erase_at(user.id, at=at)
    return evolve(user, erase_at=at)


async def _settle(unit_of_work: UnitOfWork, user: User) -> Callable[[], Awaitable[list[object]]]:
    """
    Give *user* one of everything, and return what lists how much of it there is.
    """
    session, token, mail = a_session(user), a_token(user), evolve(a_mail(), user_id=user.id)
    async with unit_of_work.begin() as work:
        await work.sessions.add(session)
        await work.tokens.issue(token)
        await work.outbox.add(mail)
        await work.events.add(an_event(user))
        await work.todos.add(a_todo(user))
        await work.calendars.put(Calendar(user.id, user.id.bytes, NOW))

    async def owned() -> list[object]:
        async with unit_of_work.begin() as work:
            return [
                *await work.sessions.of_user(user.id, now=NOW, idle_since=LONG_AGO),
                *filter(None, [await work.tokens.live(token.id, purpose=token.purpose, now=NOW)]),
                *filter(None, [await work.outbox.by_id(mail.id)]),
                *await work.events.of_user(user.id, limit=10),
                *filter(None, [await work.calendars.by_digest(user.id.bytes)]),
                *(await work.todos.page(TodoFilter(), TodoSort(), owner_id=user.id, after=None, limit=10)).items,
            ]

    return owned


class ErasureContract:
    """
    The promises of ``UserStore.erase`` and ``set_erase_at``; ``UserStoreContract`` has the others.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_a_user_is_to_be_erased_and_stays_after_all(self, unit_of_work: UnitOfWork) -> None:
        """
        The moment is noted; None takes it back, and nobody is erased.
        """
        user, other = await _leaver(unit_of_work), await somebody(unit_of_work)
        assert await _of(unit_of_work, user) == user
        assert await _of(unit_of_work, other) == other
        async with unit_of_work.begin() as work:
            await work.users.set_erase_at(user.id, at=None)
            assert list(await work.users.erase(now=NOW + HOUR, limit=10)) == []
        assert await _of(unit_of_work, user) == evolve(user, erase_at=None)

    async def test_whoever_is_to_go_is_erased(self, unit_of_work: UnitOfWork) -> None:
        """
        Those whose moment has come are forgotten and their addresses returned; those whose has not, stay.
        """
        leaver, later = await _leaver(unit_of_work), await _leaver(unit_of_work, at=NOW + INSTANT)
        stayer = await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            assert list(await work.users.erase(now=NOW, limit=10)) == [leaver.email]
        assert await _of(unit_of_work, leaver) is None
        assert await _of(unit_of_work, later) == later
        assert await _of(unit_of_work, stayer) == stayer

    async def test_who_may_take_an_address_back_stays(self, unit_of_work: UnitOfWork) -> None:
        """
        Until the token that does so is not live any more: it was used, was retired, or has expired.
        """
        used, retired, expiring = [await _leaver(unit_of_work) for _ in range(3)]
        tokens = [
            a_token(leaver, purpose=Purpose.UNDO_EMAIL_CHANGE, expires_at=NOW + HOUR)
            for leaver in (used, retired, expiring)
        ]
        async with unit_of_work.begin() as work:
            for token in tokens:
                assert await work.tokens.issue(token) is not None
            assert list(await work.users.erase(now=NOW + HOUR - INSTANT, limit=10)) == []
            await work.tokens.take(tokens[0].id, purpose=Purpose.UNDO_EMAIL_CHANGE, now=NOW)
            await work.tokens.retire_later(evolve(tokens[1], created_at=NOW - HOUR), now=NOW)
        async with unit_of_work.begin() as work:
            gone = await work.users.erase(now=NOW, limit=10)
            assert {address.text for address in gone} == {used.email.text, retired.email.text}
            assert list(await work.users.erase(now=NOW + HOUR, limit=10)) == [expiring.email]

    async def test_what_is_theirs_is_erased_with_them(self, unit_of_work: UnitOfWork) -> None:
        """
        Sessions, tokens, mail that was written for them, events, todos and calendars go; those of others stay.
        """
        leaver, stayer = await _leaver(unit_of_work), await somebody(unit_of_work)
        gone = await _settle(unit_of_work, leaver)
        async with unit_of_work.begin() as work:
            assert await work.outbox.claim(now=NOW, lease=leaver.id, lease_until=NOW + HOUR)
        kept = await _settle(unit_of_work, stayer)
        assert (len(await gone()), len(await kept())) == (6, 6)
        async with unit_of_work.begin() as work:
            await work.users.erase(now=NOW, limit=10)
        assert (len(await gone()), len(await kept())) == (0, 6)

    async def test_only_so_many_are_erased(self, unit_of_work: UnitOfWork) -> None:
        """
        Of more who are to go than asked for, as many go as were asked for; the others go next time.
        """
        leavers = {(await _leaver(unit_of_work)).email for _ in range(5)}
        erased: list[EmailAddress] = []
        for expected in (2, 2, 1, 0):
            async with unit_of_work.begin() as work:
                batch = await work.users.erase(now=NOW, limit=2)
            assert len(batch) == expected
            erased += batch
        assert (len(erased), set(erased)) == (5, leavers)

    async def test_of_many_erasers_each_erases_others(self, unit_of_work: UnitOfWork) -> None:
        """
        Several may erase at once: each address is returned to one of them, and nobody who is to go stays.
        """
        leavers = [(await _leaver(unit_of_work)).email for _ in range(12)]

        async def erase() -> list[EmailAddress]:
            erased: list[EmailAddress] = []
            for _ in range(12):
                async with unit_of_work.begin() as work:
                    erased += await work.users.erase(now=NOW, limit=2)
            return erased

        erased = [address for batch in await asyncio.gather(*(erase() for _ in range(4))) for address in batch]
        assert sorted(address.text for address in erased) == sorted(address.text for address in leavers)
