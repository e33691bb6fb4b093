"""
What every ``UserStore`` keeps.
"""

from __future__ import annotations

import asyncio

from attrs import evolve

from todo_core.contracts.erasure import ErasureContract
from todo_core.contracts.expectations import raises
from todo_core.contracts.samples import (
    HOUR,
    NOW,
    a_session,
    a_todo,
    a_token,
    a_user,
    an_event,
    somebody,
)
from todo_core.errors import Conflict
from todo_core.model.user import User
from todo_core.ports import UnitOfWork


async def _of(unit_of_work: UnitOfWork, user: User) -> User | None:
    async with unit_of_work.begin() as work:
        return await work.users.by_id(user.id)


class UserStoreContract(ErasureContract):
    """
    The promises of ``UserStore``.

    Fixtures:
        unit_of_work: a ``UnitOfWork`` with the store in it, empty.
    """

    async def test_a_user_is_found_by_id(self, unit_of_work: UnitOfWork) -> None:
        """
        The user with this id is returned, with everything that was kept.
        """
        user = evolve(a_user(), display_name="Änn", locale="de", timezone="Europe/Vienna", verified_at=NOW)
        async with unit_of_work.begin() as work:
            assert await work.users.add(user)
        assert await _of(unit_of_work, user) == user

    async def test_a_user_need_not_choose_a_language(self, unit_of_work: UnitOfWork) -> None:
        """
        A user who chose none is kept without one.
        """
        user = evolve(a_user(), locale=None)
        async with unit_of_work.begin() as work:
            assert await work.users.add(user)
        assert await _of(unit_of_work, user) == user

    async def test_a_user_is_found_by_address(self, unit_of_work: UnitOfWork) -> None:
        """
        The user with this address is returned.
        """
        await somebody(unit_of_work)
        user = await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            assert await work.users.by_email(user.email) == user

    async def test_nobody_is_found(self, unit_of_work: UnitOfWork) -> None:
        """
        Where there is no such user, None is returned.
        """
        stranger = a_user()
        async with unit_of_work.begin() as work:
            assert await work.users.by_id(stranger.id) is None
            assert await work.users.by_email(stranger.email) is None

    async def test_an_address_is_taken_once(self, unit_of_work: UnitOfWork) -> None:
        """
        A user whose address is taken is not kept, and the one who has it is left alone.
        """
        first = await somebody(unit_of_work)
        second = a_user(first.email.text)
        async with unit_of_work.begin() as work:
            assert not await work.users.add(second)
            assert await work.users.by_email(first.email) == first
            assert await work.users.by_id(second.id) is None

    async def test_of_many_at_once_one_gets_the_address(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several who ask for one address at once, one gets it.
        """
        rivals = [a_user("ann@example.org") for _ in range(8)]

        async def add(user: User) -> bool:
            async with unit_of_work.begin() as work:
                return await work.users.add(user)

        kept = await asyncio.gather(*(add(user) for user in rivals))
        assert sum(kept) == 1
        async with unit_of_work.begin() as work:
            assert await work.users.by_email(rivals[0].email) == rivals[kept.index(True)]

    async def test_an_unverified_account_is_claimed(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever claims the address of an account that was never verified gives it a password and a name.
        """
        first = await somebody(unit_of_work)
        second = evolve(a_user(first.email.text), password_hash="another", display_name="Ann")
        async with unit_of_work.begin() as work:
            assert await work.users.claim(second)
        assert await _of(unit_of_work, first) == evolve(first, password_hash="another", display_name="Ann")
        assert await _of(unit_of_work, second) is None

    async def test_a_verified_account_is_not_claimed(self, unit_of_work: UnitOfWork) -> None:
        """
        An address that somebody verified is theirs, and stays as it is.
        """
        first = await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.users.set_verified(first.id, at=NOW)
            assert not await work.users.claim(evolve(a_user(first.email.text), password_hash="another"))
        assert await _of(unit_of_work, first) == evolve(first, verified_at=NOW)

    async def test_a_free_address_is_claimed(self, unit_of_work: UnitOfWork) -> None:
        """
        Where there is no account yet, claiming opens one.
        """
        user = a_user()
        async with unit_of_work.begin() as work:
            assert await work.users.claim(user)
        assert await _of(unit_of_work, user) == user

    async def test_a_held_user_changes_for_nobody_else(self, unit_of_work: UnitOfWork) -> None:
        """
        Who holds a user sees it as it stays until the unit of work ends; others wait, and see what became of it.
        """
        user = await somebody(unit_of_work)
        seen: list[str] = []

        async def change(number: int) -> None:
            async with unit_of_work.begin() as work:
                held = await work.users.hold(user.id)
                assert held is not None
                await asyncio.sleep(0.01)
                seen.append(held.password_hash)
                await work.users.set_password_hash(user.id, f"hash {number}")

        await asyncio.gather(*(change(number) for number in range(4)))
        assert len(set(seen)) == 4
        async with unit_of_work.begin() as work:
            assert await work.users.hold(a_user().id) is None

    async def test_a_user_is_held_by_address(self, unit_of_work: UnitOfWork) -> None:
        """
        Whoever waits for an address that is given up meanwhile holds nobody.
        """
        user = await somebody(unit_of_work)

        async def wait_for_it() -> User | None:
            async with unit_of_work.begin() as work:
                return await work.users.hold_by_email(user.email)

        async with unit_of_work.begin() as work:
            assert await work.users.hold_by_email(user.email) == user
            waiter = asyncio.create_task(wait_for_it())
            await asyncio.sleep(0.05)
            await work.users.change_email(user.id, a_user().email, at=NOW)
        assert await waiter is None
        async with unit_of_work.begin() as work:
            assert await work.users.hold_by_email(user.email) is None

    async def test_a_changed_password_is_noted(self, unit_of_work: UnitOfWork) -> None:
        """
        The user has the new hash, and it is known since when; everybody else keeps theirs.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.users.change_password(user.id, "another", at=NOW)
        assert await _of(unit_of_work, user) == evolve(user, password_hash="another", password_changed_at=NOW)
        assert await _of(unit_of_work, other) == other

    async def test_a_password_hash_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        The user has the new hash; everybody else keeps theirs.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.users.set_password_hash(user.id, "another")
        assert await _of(unit_of_work, user) == evolve(user, password_hash="another")
        assert await _of(unit_of_work, other) == other

    async def test_the_first_verification_counts(self, unit_of_work: UnitOfWork) -> None:
        """
        The moment of the first confirmation stays, however often the address is confirmed.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        for moment in (NOW, NOW + HOUR):
            async with unit_of_work.begin() as work:
                await work.users.set_verified(user.id, at=moment)
        assert await _of(unit_of_work, user) == evolve(user, verified_at=NOW)
        assert await _of(unit_of_work, other) == other

    async def test_an_address_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        The user has the new address, verified at the moment that was told, and the old one is free.
        """
        user, other = await somebody(unit_of_work, verified_at=NOW), await somebody(unit_of_work)
        new = a_user().email
        async with unit_of_work.begin() as work:
            await work.users.change_email(user.id, new, at=NOW + HOUR)
            assert await work.users.by_email(user.email) is None
        assert await _of(unit_of_work, user) == evolve(user, email=new, verified_at=NOW + HOUR)
        assert await _of(unit_of_work, other) == other

    async def test_the_address_one_has_is_verified_anew(self, unit_of_work: UnitOfWork) -> None:
        """
        Replacing an address by itself takes it from nobody.
        """
        user = await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.users.change_email(user.id, user.email, at=NOW)
        assert await _of(unit_of_work, user) == evolve(user, verified_at=NOW)

    async def test_somebody_elses_address_is_not_given_away(self, unit_of_work: UnitOfWork) -> None:
        """
        ``Conflict`` tells that somebody has the address, verified or not; both keep theirs.
        """
        user = await somebody(unit_of_work)
        for verified_at in (None, NOW):
            holder = await somebody(unit_of_work, verified_at=verified_at)
            with raises(Conflict):
                async with unit_of_work.begin() as work:
                    await work.users.change_email(user.id, holder.email, at=NOW)
            assert await _of(unit_of_work, holder) == holder
            assert await _of(unit_of_work, user) == user

    async def test_of_many_who_change_to_an_address_one_gets_it(self, unit_of_work: UnitOfWork) -> None:
        """
        Of several who ask for one address at once, one gets it, and the others a ``Conflict``.
        """
        rivals, wanted = [await somebody(unit_of_work) for _ in range(8)], a_user().email

        async def change(user: User) -> bool:
            try:
                async with unit_of_work.begin() as work:
                    await work.users.change_email(user.id, wanted, at=NOW)
            except Conflict:
                return False
            return True

        changed = await asyncio.gather(*(change(user) for user in rivals))
        assert sum(changed) == 1
        async with unit_of_work.begin() as work:
            assert await work.users.by_email(wanted) == evolve(
                rivals[changed.index(True)], email=wanted, verified_at=NOW
            )

    async def test_an_unverified_account_is_dropped(self, unit_of_work: UnitOfWork) -> None:
        """
        The account of the address is forgotten with everything it owns, and no other; the address is free.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        session, token, todo = a_session(user), a_token(user), a_todo(user)
        async with unit_of_work.begin() as work:
            await work.sessions.add(session)
            await work.tokens.issue(token)
            await work.events.add(an_event(user))
            await work.todos.add(todo)
        async with unit_of_work.begin() as work:
            await work.users.drop_unverified(user.email)
            await work.users.drop_unverified(a_user().email)
        assert await _of(unit_of_work, user) is None
        assert await _of(unit_of_work, other) == other
        async with unit_of_work.begin() as work:
            assert await work.sessions.remove_all(user.id) == 0
            assert await work.tokens.live(token.id, purpose=token.purpose, now=NOW) is None
            assert list(await work.events.of_user(user.id, limit=10)) == []
            assert await work.todos.get(todo.id, owner_id=user.id) is None
            assert await work.users.add(a_user(user.email.text))

    async def test_a_verified_account_is_not_dropped(self, unit_of_work: UnitOfWork) -> None:
        """
        An address that somebody verified is theirs, and everything they own stays.
        """
        user = await somebody(unit_of_work, verified_at=NOW)
        todo = a_todo(user)
        async with unit_of_work.begin() as work:
            await work.todos.add(todo)
            await work.users.drop_unverified(user.email)
        assert await _of(unit_of_work, user) == user
        async with unit_of_work.begin() as work:
            assert await work.todos.get(todo.id, owner_id=user.id) == todo

    async def test_a_user_is_kept_out_and_let_in_again(self, unit_of_work: UnitOfWork) -> None:
        """
        Disabling notes the moment; None takes it back.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        async with unit_of_work.begin() as work:
            await work.users.set_disabled(user.id, at=NOW)
        assert await _of(unit_of_work, user) == evolve(user, disabled_at=NOW)
        assert await _of(unit_of_work, other) == other
        async with unit_of_work.begin() as work:
            await work.users.set_disabled(user.id, at=None)
        assert await _of(unit_of_work, user) == user

    async def test_a_profile_is_replaced(self, unit_of_work: UnitOfWork) -> None:
        """
        The user has the new name, language and time zone, or none of the first two; everybody else keeps theirs.
        """
        user, other = await somebody(unit_of_work), await somebody(unit_of_work)
        for name, locale in (("Änn", "de-AT"), (None, None)):
            async with unit_of_work.begin() as work:
                await work.users.set_profile(user.id, display_name=name, locale=locale, timezone="Europe/Vienna")
            changed = evolve(user, display_name=name, locale=locale, timezone="Europe/Vienna")
            assert await _of(unit_of_work, user) == changed
        assert await _of(unit_of_work, other) == other
