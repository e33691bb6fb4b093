from __future__ import annotations

import asyncio
import os
import sys
import threading
from dataclasses import replace

import pytest

from tests.support.server import KEY
from todo_adapters.argon2 import OWASP_MINIMUM, Argon2PasswordHasher
from todo_adapters.fakes import PlainPasswordHasher
from todo_core.contracts.password_hasher import PasswordHasherContract
from todo_core.errors import Unavailable
from todo_core.model.password import Password
from todo_web.container import Container
from todo_web.settings import load_settings

_PASSWORD = Password("correct horse battery staple")


class TestArgon2(PasswordHasherContract):
    @pytest.fixture
    def hasher(self):
        hasher = Argon2PasswordHasher()
        yield hasher
        hasher.close()

    @pytest.fixture
    def newer_hasher(self):
        hasher = Argon2PasswordHasher(replace(OWASP_MINIMUM, time_cost=3))
        yield hasher
        hasher.close()

    async def test_it_is_argon2id_at_owasps_minimum_or_above(self, hasher):
        """
        A stored hash is Argon2id with 19 MiB, two passes and 16 bytes of salt at least.
        """
        _, scheme, version, costs, salt, _ = (await hasher.hash(_PASSWORD)).split("$")
        memory, time, lanes = (int(cost[2:]) for cost in costs.split(","))
        assert (scheme, version) == ("argon2id", "v=19")
        assert memory >= 19_456
        assert time >= 2
        assert lanes >= 1
        assert len(salt) * 6 // 8 >= 16

    async def test_the_queue_is_bounded(self):
        """
        With one thread and two places to wait, three of ten are served and seven are told to come back.
        """
        hasher = Argon2PasswordHasher(threads=1, longest_queue=2)
        answers = await asyncio.gather(*(hasher.hash(_PASSWORD) for _ in range(10)), return_exceptions=True)
        hasher.close()
        assert [type(answer) for answer in answers] == [str] * 3 + [Unavailable] * 7

    async def test_who_gives_up_leaves_the_queue(self):
        """
        The place of a cancelled caller is free again.
        """
        hasher = Argon2PasswordHasher(threads=1, longest_queue=1)
        first, waiting = (asyncio.create_task(hasher.hash(_PASSWORD)) for _ in range(2))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
        assert await hasher.hash(_PASSWORD)
        assert await first
        hasher.close()

    @pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux only")
    async def test_hashing_stands_back(self):
        """
        The threads that hash have a lower priority than the one that serves.
        """
        hasher = Argon2PasswordHasher(threads=1, niceness=7)
        await hasher.hash(_PASSWORD)
        (thread,) = (thread for thread in threading.enumerate() if thread.name.startswith("argon2"))
        theirs, ours = (os.getpriority(os.PRIO_PROCESS, n or 0) for n in (thread.native_id, threading.get_native_id()))
        hasher.close()
        assert theirs == max(7, ours)

    async def test_an_operator_can_make_hashes_dearer(self, hasher):
        """
        What the settings say stands in each new hash, and those made before are outdated.
        """
        environment = {"JWT_SECRET_KEY": KEY, "PASSWORD_HASH_MEMORY_KIB": "20480", "PASSWORD_HASH_PASSES": "3"}
        dearer = Container(settings=load_settings(environment), surroundings=environment).hasher()
        assert (await dearer.hash(_PASSWORD)).startswith("$argon2id$v=19$m=20480,t=3,p=1$")
        assert dearer.is_outdated(await hasher.hash(_PASSWORD))
        dearer.close()

    def test_repr_tells_nothing(self, hasher):
        """
        Its ``repr`` shows neither passwords nor hashes.
        """
        assert "argon2id" not in repr(hasher)


class TestPlain(PasswordHasherContract):
    @pytest.fixture
    def hasher(self):
        return PlainPasswordHasher()

    @pytest.fixture
    def newer_hasher(self):
        return PlainPasswordHasher(generation=2)

    async def test_it_notes_what_it_was_asked(self, hasher):
        """
        Every verification is noted, those without a hash too.
        """
        await hasher.verify(_PASSWORD, None)
        await hasher.verify(_PASSWORD, "plain$1$1$other")
        assert hasher.verifications == [None, "plain$1$1$other"]
