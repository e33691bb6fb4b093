"""
What a password hasher promises.
"""

from __future__ import annotations

import asyncio
from time import process_time

from todo_core.errors import Unavailable
from todo_core.model.password import Password
from todo_core.ports import PasswordHasher

_RIGHT, _WRONG = Password("correct horse battery staple"), Password("correct horse battery stapler")
_NO_HASHES = (None, "", "garbage", "$argon2id$garbage", "$2b$12$not.one.of.ours", "$argon2id$v=19$m=1,t=1,p=1$ü$ü")


class PasswordHasherContract:
    """
    The promises of ``PasswordHasher``.

    Fixtures:
        hasher: a ``PasswordHasher``.
        newer_hasher: one that makes hashes of other parameters.
    """

    async def test_the_right_password_fits_its_hash(self, hasher: PasswordHasher) -> None:
        """
        A hash fits the password it was made of.
        """
        assert await hasher.verify(_RIGHT, await hasher.hash(_RIGHT)), "the right password must fit"

    async def test_another_password_does_not(self, hasher: PasswordHasher) -> None:
        """
        A hash fits no other password.
        """
        assert not await hasher.verify(_WRONG, await hasher.hash(_RIGHT)), "a wrong password must not fit"

    async def test_the_longest_passwords_differ_in_their_last_byte(self, hasher: PasswordHasher) -> None:
        """
        All of a password counts, up to its last byte, whatever it is made of.
        """
        password, other = Password("\N{SNOWMAN}" * 341), Password("\N{SNOWMAN}" * 340 + "\N{CLOUD}")
        assert not await hasher.verify(other, await hasher.hash(password)), "the whole password must count"

    async def test_each_hash_is_another(self, hasher: PasswordHasher) -> None:
        """
        Hashes are salted: the same password has another each time.
        """
        assert await hasher.hash(_RIGHT) != await hasher.hash(_RIGHT), "hashes must be salted"

    async def test_what_is_no_hash_fits_nothing(self, hasher: PasswordHasher) -> None:
        """
        Without a hash, or with one that is not a hash, the answer is no.
        """
        for no_hash in _NO_HASHES:
            assert not await hasher.verify(_RIGHT, no_hash), f"{no_hash!r} must fit no password"

    async def test_no_hash_takes_as_long_as_a_real_one(self, hasher: PasswordHasher) -> None:
        """
        Without a hash the answer takes as long as with one, so that time does not tell who has an account.
        """
        real = await _seconds(hasher, await hasher.hash(_RIGHT))
        for no_hash in _NO_HASHES:
            none = await _seconds(hasher, no_hash)
            assert abs(real - none) < 0.001 + max(real, none) / 2, f"{no_hash!r} took {none:.4f} s, a hash {real:.4f} s"

    async def test_a_hash_of_today_is_not_outdated(self, hasher: PasswordHasher) -> None:
        """
        A hash made with today's parameters is not outdated.
        """
        assert not hasher.is_outdated(await hasher.hash(_RIGHT)), "a fresh hash must not be outdated"

    async def test_a_hash_of_other_parameters_is_outdated(
        self, hasher: PasswordHasher, newer_hasher: PasswordHasher
    ) -> None:
        """
        A hash made with other parameters is outdated, and still fits its password.
        """
        old = await hasher.hash(_RIGHT)
        assert newer_hasher.is_outdated(old), "other parameters must be noticed"
        assert await newer_hasher.verify(_RIGHT, old), "an outdated hash must still fit"

    async def test_what_is_no_hash_is_outdated(self, hasher: PasswordHasher) -> None:
        """
        What is not a hash is outdated.
        """
        assert hasher.is_outdated("garbage"), "whatever is stored must be replaced by a hash of today"

    async def test_a_flood_is_answered_or_refused(self, hasher: PasswordHasher) -> None:
        """
        Of very many asked for at once each is made or refused with Unavailable; then it goes on as before.
        """
        answers = await asyncio.gather(*(hasher.hash(_RIGHT) for _ in range(200)), return_exceptions=True)
        strange = [answer for answer in answers if not isinstance(answer, str | Unavailable)]
        assert strange == [], "a flood may only be refused with Unavailable"
        assert await hasher.verify(_RIGHT, await hasher.hash(_RIGHT)), "after a flood it must work again"


async def _seconds(hasher: PasswordHasher, password_hash: str | None) -> float:
    """
    Return the processor time of one verification, which other programs on the machine do not stretch.
    """
    best = float("inf")
    for _ in range(5):
        start = process_time()
        await hasher.verify(_WRONG, password_hash)
        best = min(best, process_time() - start)
    return best
