"""
What every ``UnitOfWork`` keeps.
"""

from __future__ import annotations

import asyncio

from attrs import evolve

from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import LONG_AGO, NOW, a_mail, a_session, a_todo, a_token, a_user, an_event, somebody
from todo_core.errors import Conflict, InvalidToken
from todo_core.model.user import User
from todo_core.ports import UnitOfWork, Work


async def _is_kept(unit_of_work: UnitOfWork, user: User) -> bool:
    async with unit_of_work.begin() as work:
        return await work.users.by_id(user.id) is not None


class UnitOfWorkContract:
    """
    The promises of ``UnitOfWork``.

    Fixtures:
        unit_of_work: a ``UnitOfWork``, all its stores empty.
    """

    async def test_changes_are_kept(self, unit_of_work: UnitOfWork) -> None:
        """
        All changes are kept when the block ends.
        """
        user, mail = a_user(), a_mail()
        async with unit_of_work.begin() as work:
            await work.users.add(user)
            await work.outbox.add(mail)
        async with unit_of_work.begin() as work:
            assert await work.users.by_id(user.id) == user
            assert await work.outbox.by_id(mail.id) == mail

    async def test_the_block_sees_its_own_changes(self, unit_of_work: UnitOfWork) -> None:
        """
        What a unit of work changed, it finds changed.
        """
        user = a_user()
        async with unit_of_work.begin() as work:
            assert await work.users.by_id(user.id) is None
            await work.users.add(user)
            assert await work.users.by_id(user.id) == user

    async def test_no_change_is_kept_when_the_block_raises(self, unit_of_work: UnitOfWork) -> None:
        """
        None of the changes is kept when the block raises, in whichever store it was made.
        """
        user = await somebody(unit_of_work)
        session, token, todo, mail = a_session(user), a_token(user), a_todo(user), a_mail()
        with raises(InvalidToken):
            async with unit_of_work.begin() as work:
                await work.users.set_disabled(user.id, at=NOW)
                await work.sessions.add(session)
                await work.tokens.issue(token)
                await work.todos.add(todo)
                await work.outbox.add(mail)
                await work.events.add(an_event(user))
                raise InvalidToken
        async with unit_of_work.begin() as work:
            assert await work.users.by_id(user.id) == user
            assert await work.sessions.caller(session.digest, now=NOW, idle_since=LONG_AGO) is None
            assert await work.tokens.live(token.id, purpose=token.purpose, now=NOW) is None
            assert await work.todos.get(todo.id, owner_id=user.id) is None
            assert await work.outbox.by_id(mail.id) is None
            assert list(await work.events.of_user(user.id, limit=1)) == []

    async def test_errors_come_out_as_they_are(self, unit_of_work: UnitOfWork) -> None:
        """
        What the block raises reaches the caller unchanged.
        """
        error = OSError("the block's own")
        try:
            async with unit_of_work.begin():
                raise error
        except OSError as raised:
            assert raised is error  # noqa: PT017 - contracts do without pytest

    async def test_a_cancelled_block_changes_nothing(self, unit_of_work: UnitOfWork) -> None:
        """
        A unit of work whose task is cancelled is undone, and others go on.
        """
        user = a_user()
        begun = asyncio.Event()

        async def never_done() -> None:
            async with unit_of_work.begin() as work:
                await work.users.add(user)
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(never_done())
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        assert not await _is_kept(unit_of_work, user)

    async def test_others_see_nothing_before_the_end(self, unit_of_work: UnitOfWork) -> None:
        """
        Another unit of work sees a change when the block has ended, or waits for that; it never sees half of it.
        """
        user = a_user()
        async with unit_of_work.begin() as work:
            await work.users.add(user)
            look = asyncio.create_task(_is_kept(unit_of_work, user))
            await asyncio.wait({look}, timeout=0.1)
            assert not look.done() or not look.result()
        await look
        assert await _is_kept(unit_of_work, user)

    async def test_many_at_once(self, unit_of_work: UnitOfWork) -> None:
        """
        Many units of work may be open at once, and each is kept.
        """
        users = [a_user() for _ in range(40)]

        async def register(user: User) -> None:
            async with unit_of_work.begin() as work:
                await work.users.add(user)
                await work.events.add(an_event(user))

        await asyncio.gather(*(register(user) for user in users))
        assert all([await _is_kept(unit_of_work, user) for user in users])

    async def test_a_second_thing_with_the_same_identity(self, unit_of_work: UnitOfWork) -> None:
        """
        A change that would make a second thing with the same identity is a conflict, and nothing is kept.
        """
        user = await somebody(unit_of_work)
        session, todo, event, token = a_session(user), a_todo(user), an_event(user), a_token(user)
        async with unit_of_work.begin() as work:
            await work.sessions.add(session)
            await work.todos.add(todo)
            await work.events.add(event)
            await work.tokens.issue(token)

        async def twice(name: str, work: Work) -> None:
            match name:
                case "user":
                    await work.users.add(evolve(a_user(), id=user.id))
                case "session":
                    await work.sessions.add(session)
                case "todo":
                    await work.todos.add(todo)
                case "event":
                    await work.events.add(event)
                case _:
                    await work.tokens.issue(token)

        for name in ("user", "session", "todo", "event", "token"):
            other = a_user()
            with raises(Conflict):
                async with unit_of_work.begin() as work:
                    await work.users.add(other)
                    await twice(name, work)
            assert not await _is_kept(unit_of_work, other)
