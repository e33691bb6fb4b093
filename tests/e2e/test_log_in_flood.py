"""
More log-ins at once than can be hashed.
"""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import httpx2
from attrs import define, field
from dependency_injector import providers

from tests.support.app import client_of, container_for
from todo_adapters.argon2 import Argon2PasswordHasher

THREADS, PLACES, FLOOD = 2, 3, 12


@define
class Holding:
    """
    argon2-cffi, which takes until it is released, and counts how many hashes are made at once.
    """

    argon2: Any
    released: threading.Event = field(factory=threading.Event)
    now: int = 0
    most: int = 0
    _lock: Any = field(factory=threading.Lock)

    def hash(self, text: str) -> str:
        """
        Wait, then hash.
        """
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.released.wait(60)
        with self._lock:
            self.now -= 1
        return str(self.argon2.hash(text))

    def verify(self, *args: str) -> bool:
        """
        Verify at once: what is verified here is no hash.
        """
        return bool(self.argon2.verify(*args))


def test_the_surplus_is_told_to_come_again_and_others_are_served(database_url: str) -> None:
    """
    Never are more hashed at once than there are threads; who finds the queue full is answered 503 with Retry-After.

    Those in the queue are answered in their turn, and meanwhile everybody else is served.
    """
    container, _ = container_for(database_url, COURIER="apart", RATE_LIMIT_LOGIN="1000/minute")
    hasher = Argon2PasswordHasher(threads=THREADS, longest_queue=PLACES)
    hasher._argon2 = holding = Holding(hasher._argon2)  # type: ignore[assignment]  # a stand-in for the library
    container.hasher.override(providers.Object(hasher))
    with client_of(container) as client, ThreadPoolExecutor(FLOOD) as pool:
        body = {"email": "nobody@example.org", "password": "correct horse battery staple"}
        asked = [pool.submit(client.post, "/api/v1/auth/login", json=body) for _ in range(FLOOD)]
        try:
            refused = first(asked, FLOOD - THREADS - PLACES)
            assert client.get("/api/v1/ready").status_code == 200
            assert sum(one.done() for one in asked) == len(refused)
        finally:
            holding.released.set()
        assert {answer.status_code for answer in refused} == {503}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        assert {answer.headers["content-type"] for answer in refused} == {"application/problem+json"}
        statuses = sorted(one.result(60).status_code for one in asked)
    assert statuses == [401] * (THREADS + PLACES) + [503] * len(refused)
    assert holding.most == THREADS


def first(asked: list[Future[httpx2.Response]], number: int) -> list[httpx2.Response]:
    """
    Return the first answers, so many.
    """
    waiting = set(asked)
    while len(asked) - len(waiting) < number:
        done, waiting = wait(waiting, timeout=60, return_when=FIRST_COMPLETED)
        assert done, "nobody else is answered"
    return [one.result() for one in asked if one.done()]
