"""
The limits' counters in Redis: what holds while it is away, and that everything holds again when it is back.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.people import Person
from tests.support.redis import RedisServer, running_redis
from tests.support.server import PASSWORD, TodoServer, run_todo
from tests.support.smtp import SmtpServer


@pytest.fixture
def redis(tmp_path: Path) -> Generator[RedisServer]:
    """
    Yield a Redis that the test may stop.
    """
    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
def settings(settings: dict[str, str], redis: RedisServer) -> dict[str, str]:
    """
    Return the settings of a deployment that counts there, the general limit among what is counted.
    """
    return settings | {"REDIS_URL": redis.url, "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_PER_MINUTE": "1000"}


def test_who_forgot_is_served_while_redis_is_away(server: TodoServer, mail: SmtpServer, redis: RedisServer) -> None:
    """
    A reset is asked for, mailed and carried out; log-ins, sign-ups and bad tokens are put off. The service is ready.
    """
    ann = Person(server, mail)
    ann.sign_up()
    session = ann.log_in()
    redis.stop()
    with server.client(session) as client:
        assert client.get("/todos").status_code == 200
        assert client.get("/ready").json()["status"] == "ready"
        new = {"email": ann.email, "password": "an entirely new password"}
        for path, body in (
            ("login", {"email": ann.email, "password": PASSWORD}),
            ("register", {**new, "email": "bob@example.org"}),
            ("password-reset/confirm", {"token": "bad", "new_password": new["password"]}),
        ):
            refused = client.post(f"/auth/{path}", json=body)
            assert refused.status_code == 503, path
            assert int(refused.headers["retry-after"]) >= 1
        token = ann.forget_password()
        confirmed = client.post("/auth/password-reset/confirm", json={"token": token, "new_password": new["password"]})
        assert confirmed.status_code == 204
        redis.start()
        assert ann.log_in(new["password"])
    assert "redis is away" in server.output
    assert "redis is back" in server.output


def test_the_limits_hold_in_redis(settings: dict[str, str], tmp_path: Path) -> None:
    """
    Every process of a service counts there: what one has allowed is used up at another.
    """
    settings |= {"RATE_LIMIT_RESET_CLIENT": "3/hour"}
    statuses = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        with TodoServer(folder, settings) as server, server.client() as client:
            wish = {"email": f"{name}@example.org"}
            statuses += [client.post("/auth/password-reset", json=wish).status_code for _ in range(2)]
    assert statuses == [202, 202, 202, 429]


def test_the_check_names_redis(settings: dict[str, str], redis: RedisServer, tmp_path: Path) -> None:
    """
    ``todo check`` and ``todo doctor`` say whether Redis answers, and what to do if not.
    """
    sound = run_todo("check", settings=settings, folder=tmp_path)
    assert (sound.returncode, "redis     ok" in sound.stdout) == (0, True), sound.stdout
    redis.stop()
    unsound = run_todo("check", settings=settings, folder=tmp_path)
    assert (unsound.returncode, "redis     ConnectionError" in unsound.stdout) == (1, True), unsound.stdout
    advised = run_todo("doctor", settings=settings, folder=tmp_path)
    assert advised.returncode == 1
    assert "REDIS_URL" in advised.stdout
