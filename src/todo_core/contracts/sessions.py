"""
What every ``SessionStore`` keeps.
"""

from __future__ import annotations

from todo_core.contracts.samples import HOUR, INSTANT, NOW, a_session, somebody
from todo_core.model.session import Caller, Session
from todo_core.ports import UnitOfWork


async def _logged_in(unit_of_work: UnitOfWork) -> Caller:
    user = await somebody(unit_of_work)
    caller = Caller(a_session(user), user)
    async with unit_of_work.begin() as work:
        await work.sessions.add(caller.session)
    return caller


async def _caller(unit_of_work: UnitOfWork, session: Session) -> Caller | None:
    async with unit_of_work.begin() as work:
        return await work.sessions.caller(session.digest, now=NOW)


class SessionStoreContract:
    """
    The promises of ``SessionStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_a_session_is_found_by_its_digest(self, unit_of_work: UnitOfWork) -> None:
        """
        The live session with this digest is returned, with its user.
        """
        await _logged_in(unit_of_work)
        caller = await _logged_in(unit_of_work)
        assert await _caller(unit_of_work, caller.session) == caller

    async def test_an_unknown_digest(self, unit_of_work: UnitOfWork) -> None:
        """
        A digest that belongs to no session finds nobody.
        """
        caller = await _logged_in(unit_of_work)
        assert await _caller(unit_of_work, a_session(caller.user)) is None

    async def test_a_session_lives_until_it_expires(self, unit_of_work: UnitOfWork) -> None:
        """
        A session is live until the moment at which it expires, and no longer.
        """
        caller = await _logged_in(unit_of_work)
        digest, end = caller.session.digest, caller.session.expires_at
        async with unit_of_work.begin() as work:
            assert await work.sessions.caller(digest, now=end - INSTANT) == caller
            assert await work.sessions.caller(digest, now=end) is None
            assert await work.sessions.caller(digest, now=end + HOUR) is None

    async def test_a_removed_session_is_not_live(self, unit_of_work: UnitOfWork) -> None:
        """
        A session that was removed is gone, and no other is.
        """
        caller, other = await _logged_in(unit_of_work), await _logged_in(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.sessions.remove(caller.session.id)
        assert await _caller(unit_of_work, caller.session) is None
        assert await _caller(unit_of_work, other.session) == other

    async def test_removing_twice(self, unit_of_work: UnitOfWork) -> None:
        """
        Nothing happens when the session is gone already.
        """
        caller = await _logged_in(unit_of_work)
        for _ in range(2):
            async with unit_of_work.begin() as work:
                await work.sessions.remove(caller.session.id)
        assert await _caller(unit_of_work, caller.session) is None

    async def test_removing_all_of_a_user(self, unit_of_work: UnitOfWork) -> None:
        """
        Every session of the user is forgotten, and nobody else's.
        """
        caller, other = await _logged_in(unit_of_work), await _logged_in(unit_of_work)
        second = a_session(caller.user)
        async with unit_of_work.begin() as work:
            await work.sessions.add(second)
            await work.sessions.remove_all(caller.user.id)
        assert await _caller(unit_of_work, caller.session) is None
        assert await _caller(unit_of_work, second) is None
        assert await _caller(unit_of_work, other.session) == other

    async def test_a_disabled_user_has_no_live_session(self, unit_of_work: UnitOfWork) -> None:
        """
        While its user is disabled a session is not live; afterwards it is.
        """
        caller = await _logged_in(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.users.set_disabled(caller.user.id, at=NOW)
        assert await _caller(unit_of_work, caller.session) is None
        async with unit_of_work.begin() as work:
            await work.users.set_disabled(caller.user.id, at=None)
        assert await _caller(unit_of_work, caller.session) == caller

    async def test_what_has_expired_is_pruned(self, unit_of_work: UnitOfWork) -> None:
        """
        Sessions that expired before the moment are forgotten, so many at a time, and no others.
        """
        caller = await _logged_in(unit_of_work)
        old = [a_session(caller.user, expires_at=caller.session.expires_at - INSTANT) for _ in range(3)]
        async with unit_of_work.begin() as work:
            for session in old:
                await work.sessions.add(session)
            pruned = [await work.sessions.prune(before=caller.session.expires_at, limit=2) for _ in range(3)]
        assert pruned == [2, 1, 0]
        assert [await _caller(unit_of_work, session) for session in old] == [None] * 3
        assert await _caller(unit_of_work, caller.session) == caller
