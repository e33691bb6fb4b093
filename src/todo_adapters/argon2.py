"""
Passwords hashed with Argon2id, in threads of their own.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from todo_core.errors import Unavailable
from todo_core.model.password import Password
from todo_core.ports import PasswordHasher

T = TypeVar("T")

# OWASP Password Storage Cheat Sheet: at least 19 MiB, two passes, one lane, 16 bytes of salt.
OWASP_MINIMUM = argon2.Parameters(
    type=argon2.Type.ID, version=19, salt_len=16, hash_len=32, time_cost=2, memory_cost=19_456, parallelism=1
)


def _spare_cores() -> int:
    return max(1, (os.cpu_count() or 1) - 1)


class Argon2PasswordHasher(PasswordHasher):
    """
    Hashes in a few threads of low priority, so that a storm of log-ins slows nobody else's requests down.

    Args:
        parameters: how hard a hash is to make; raise them and hashes made before become outdated.
        threads: how many are made at once; each takes ``memory_cost`` KiB while it lasts.
        longest_queue: how many more may wait; whoever comes then is told ``Unavailable``.
        niceness: how far the threads stand behind the others, 0 to 19; heeded on Linux only.

    ``places`` is how many may be made and wait at once, ``refused`` how many were one too many.
    """

    def __init__(
        self,
        parameters: argon2.Parameters = OWASP_MINIMUM,
        *,
        threads: int | None = None,
        longest_queue: int = 16,
        niceness: int = 19,
    ) -> None:
        self.places = (threads or _spare_cores()) + longest_queue
        self.refused = 0
        self._at_once = threads or _spare_cores()
        self._asked = 0
        self._argon2 = argon2.PasswordHasher.from_parameters(parameters)
        self._places = threading.BoundedSemaphore(self.places)
        self._threads = ThreadPoolExecutor(
            threads or _spare_cores(), "argon2", initializer=_step_back, initargs=(niceness,)
        )

    async def hash(self, password: Password) -> str:
        return await self._in_thread(lambda: self._argon2.hash(password.text))

    async def verify(self, password: Password, password_hash: str | None) -> bool:
        return await self._in_thread(lambda: self._matches(password.text, password_hash or ""))

    def is_outdated(self, password_hash: str) -> bool:
        try:
            return self._argon2.check_needs_rehash(password_hash)
        except InvalidHashError:
            return True

    @property
    def running(self) -> int:
        """
        How many hashes are being made.
        """
        return min(self._asked, self._at_once)

    @property
    def waiting(self) -> int:
        """
        How many wait for a thread.
        """
        return max(0, self._asked - self._at_once)

    def close(self) -> None:
        """
        Finish the hashes that have begun, drop those that wait, and let the threads go.
        """
        self._threads.shutdown(cancel_futures=True)

    def _matches(self, text: str, password_hash: str) -> bool:
        try:
            return self._argon2.verify(password_hash, text)
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError, UnicodeEncodeError):
            self._argon2.hash(text)  # there is nothing to compare with: only take the time
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            self.refused += 1
            raise Unavailable("too many passwords wait to be hashed")
        future = self._threads.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        self._asked += 1
        try:
            hashed = await asyncio.wrap_future(future)
        finally:
            self._asked -= 1
        return hashed


def _step_back(niceness: int) -> None:
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it; hashing goes on at the usual priority
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, max(niceness, os.getpriority(os.PRIO_PROCESS, thread)))
