"""
What a list of breached passwords promises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from todo_core.model.password import Password
from todo_core.ports import BreachedPasswords

DEADLINE = 5.0
"""Seconds within which a list must answer: nobody waits longer for a new password to be taken."""

_OWN = Password("only here: \N{SNOWMAN} 4711")


class BreachedPasswordsContract:
    """
    The promises of ``BreachedPasswords``.

    Fixtures:
        breached_passwords: a ``BreachedPasswords``.
        stolen: passwords that it knows to be public; none, for a list that knows of none.
        outage: cuts it off from whomever it asks.
    """

    async def test_what_was_stolen_is_included(
        self, breached_passwords: BreachedPasswords, stolen: Collection[Password]
    ) -> None:
        """
        A password that it knows to be public is included.
        """
        for password in stolen:
            assert await breached_passwords.includes(password), f"{password.text!r} is public"

    async def test_what_was_not_is_not(self, breached_passwords: BreachedPasswords) -> None:
        """
        Any other password is not.
        """
        assert not await breached_passwords.includes(_OWN), "nobody has this password"

    async def test_an_outage_refuses_nobody(
        self, breached_passwords: BreachedPasswords, stolen: Collection[Password], outage: Callable[[], None]
    ) -> None:
        """
        What cannot be found out is a no, within seconds, and nothing is raised.
        """
        outage()
        async with asyncio.timeout(DEADLINE):
            for password in (*stolen, _OWN):
                assert not await breached_passwords.includes(password), "an outage must refuse nobody"

    async def test_its_repr_shows_no_password(
        self, breached_passwords: BreachedPasswords, stolen: Collection[Password]
    ) -> None:
        """
        Its ``repr`` shows no password, neither before nor after it was asked for it.
        """
        for password in (*stolen, _OWN):
            await breached_passwords.includes(password)
            assert password.text not in repr(breached_passwords), "repr() must show no password"

    async def test_it_can_be_closed(self, breached_passwords: BreachedPasswords) -> None:
        """
        It can be closed, twice as well, and whether or not it was ever asked.
        """
        await breached_passwords.close()
        await breached_passwords.close()
