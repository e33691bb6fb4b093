"""
What every ``SessionStore`` keeps.
"""

from __future__ import annotations

from attrs import evolve

from todo_core.contracts.samples import HOUR, INSTANT, LONG_AGO, NOW, a_session, fresh_uuid, somebody
from todo_core.model.ids import SessionId
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
        return await work.sessions.caller(session.digest, now=NOW, idle_since=LONG_AGO)


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

    async def test_what_is_known_of_a_session_is_kept(self, unit_of_work: UnitOfWork) -> None:
        """
        A session is kept whole: what opened it and from which network, too.
        """
        user = await somebody(unit_of_work)
        session = evolve(a_session(user), user_agent="Läufer/1.0 (a phone)", network="192.0.2.0/24")
        async with unit_of_work.begin() as work:
            await work.sessions.add(session)
        assert await _caller(unit_of_work, session) == Caller(session, user)

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
            assert await work.sessions.caller(digest, now=end - INSTANT, idle_since=LONG_AGO) == caller
            assert await work.sessions.caller(digest, now=end, idle_since=LONG_AGO) is None
            assert await work.sessions.caller(digest, now=end + HOUR, idle_since=LONG_AGO) is None

    async def test_a_session_lives_while_it_is_seen(self, unit_of_work: UnitOfWork) -> None:
        """
        A session that was not seen after the given moment is not live.
        """
        caller = await _logged_in(unit_of_work)
        digest, seen = caller.session.digest, caller.session.last_seen_at
        async with unit_of_work.begin() as work:
            assert await work.sessions.caller(digest, now=NOW, idle_since=seen - INSTANT) == caller
            assert await work.sessions.caller(digest, now=NOW, idle_since=seen) is None
            assert await work.sessions.caller(digest, now=NOW, idle_since=seen + INSTANT) is None

    async def test_a_session_is_seen(self, unit_of_work: UnitOfWork) -> None:
        """
        From then on the session was last seen at that moment, and no other session was.
        """
        caller, other = await _logged_in(unit_of_work), await _logged_in(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.sessions.touch(caller.session.id, at=NOW + HOUR - INSTANT)
        seen = evolve(caller.session, last_seen_at=NOW + HOUR - INSTANT)
        assert await _caller(unit_of_work, caller.session) == evolve(caller, session=seen)
        assert await _caller(unit_of_work, other.session) == other

    async def test_seeing_a_session_that_is_gone(self, unit_of_work: UnitOfWork) -> None:
        """
        Nothing happens.
        """
        caller = await _logged_in(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.sessions.remove(caller.session.id, user_id=caller.user.id)
            await work.sessions.touch(caller.session.id, at=NOW)
        assert await _caller(unit_of_work, caller.session) is None

    async def test_the_sessions_of_a_user(self, unit_of_work: UnitOfWork) -> None:
        """
        All of the user's sessions are returned, the newest first, and nobody else's.
        """
        caller, _ = await _logged_in(unit_of_work), await _logged_in(unit_of_work)
        later = [a_session(caller.user), a_session(caller.user)]
        async with unit_of_work.begin() as work:
            for session in later:
                await work.sessions.add(session)
            found = await work.sessions.of_user(caller.user.id, now=NOW, idle_since=LONG_AGO)
        assert list(found) == [later[1], later[0], caller.session]

    async def test_only_live_sessions_of_a_user_are_shown(self, unit_of_work: UnitOfWork) -> None:
        """
        Sessions that have expired, or were not seen after the given moment, are not among them.
        """
        user = await somebody(unit_of_work)
        live, expired, idle = a_session(user), a_session(user, expires_at=NOW), a_session(user)
        async with unit_of_work.begin() as work:
            for session in (live, expired, evolve(idle, last_seen_at=NOW - HOUR)):
                await work.sessions.add(session)
            found = await work.sessions.of_user(user.id, now=NOW, idle_since=NOW - HOUR)
        assert list(found) == [live]

    async def test_a_user_without_sessions(self, unit_of_work: UnitOfWork) -> None:
        """
        There are none to return.
        """
        user = await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            assert list(await work.sessions.of_user(user.id, now=NOW, idle_since=LONG_AGO)) == []

    async def test_a_removed_session_is_not_live(self, unit_of_work: UnitOfWork) -> None:
        """
        A session that was removed is gone, and no other is.
        """
        caller, other = await _logged_in(unit_of_work), await _logged_in(unit_of_work)
        async with unit_of_work.begin() as work:
            assert await work.sessions.remove(caller.session.id, user_id=caller.user.id)
        assert await _caller(unit_of_work, caller.session) is None
        assert await _caller(unit_of_work, other.session) == other

    async def test_removing_twice(self, unit_of_work: UnitOfWork) -> None:
        """
        The second time there is none.
        """
        caller = await _logged_in(unit_of_work)
        for was_there in (True, False):
            async with unit_of_work.begin() as work:
                assert await work.sessions.remove(caller.session.id, user_id=caller.user.id) is was_there
        assert await _caller(unit_of_work, caller.session) is None

    async def test_removing_what_is_somebody_elses(self, unit_of_work: UnitOfWork) -> None:
        """
        The user has no such session, and it lives on; there is none with an id that nobody knows either.
        """
        caller, other = await _logged_in(unit_of_work), await _logged_in(unit_of_work)
        async with unit_of_work.begin() as work:
            assert not await work.sessions.remove(other.session.id, user_id=caller.user.id)
            assert not await work.sessions.remove(SessionId(fresh_uuid()), user_id=caller.user.id)
        assert await _caller(unit_of_work, other.session) == other

    async def test_removing_all_of_a_user(self, unit_of_work: UnitOfWork) -> None:
        """
        Every session of the user is forgotten, and nobody else's; how many is told.
        """
        caller, other = await _logged_in(unit_of_work), await _logged_in(unit_of_work)
        second = a_session(caller.user)
        async with unit_of_work.begin() as work:
            await work.sessions.add(second)
            assert await work.sessions.remove_all(caller.user.id) == 2
            assert await work.sessions.remove_all(caller.user.id) == 0
        assert await _caller(unit_of_work, caller.session) is None
        assert await _caller(unit_of_work, second) is None
        assert await _caller(unit_of_work, other.session) == other

    async def test_removing_all_but_one(self, unit_of_work: UnitOfWork) -> None:
        """
        The one that is named is kept; naming somebody else's keeps none, and does not touch it.
        """
        caller, other = await _logged_in(unit_of_work), await _logged_in(unit_of_work)
        second = a_session(caller.user)
        async with unit_of_work.begin() as work:
            await work.sessions.add(second)
            assert await work.sessions.remove_all(caller.user.id, but=caller.session.id) == 1
        assert await _caller(unit_of_work, caller.session) == caller
        assert await _caller(unit_of_work, second) is None
        async with unit_of_work.begin() as work:
            assert await work.sessions.remove_all(caller.user.id, but=other.session.id) == 1
        assert await _caller(unit_of_work, caller.session) is None
        assert await _caller(unit_of_work, other.session) == other

    async def test_removing_everyones(self, unit_of_work: UnitOfWork) -> None:
        """
        No session is left, whosever it was; how many there were is told.
        """
        callers = [await _logged_in(unit_of_work) for _ in range(3)]
        async with unit_of_work.begin() as work:
            assert await work.sessions.remove_everyones() == len(callers)
            assert await work.sessions.remove_everyones() == 0
        assert [await _caller(unit_of_work, caller.session) for caller in callers] == [None] * 3

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
