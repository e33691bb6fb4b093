"""
The composition root: no type checker sees the arguments of its providers, so a test builds them all.
"""

from __future__ import annotations

from dependency_injector import providers

from tests.support.server import KEY
from todo_core.core import Core
from todo_web.container import Container
from todo_web.settings import load_settings

ENVIRONMENT = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "JWT_SECRET_KEY": KEY}


def test_every_provider_builds() -> None:
    """
    Each provider makes its thing; nothing is connected to yet.
    """
    container = Container(settings=load_settings(ENVIRONMENT), surroundings=ENVIRONMENT)
    for provider in container.traverse([providers.Singleton, providers.Factory]):
        assert provider() is not None
    assert isinstance(container.core(), Core)


def test_two_containers_share_nothing() -> None:
    """
    Each container has adapters of its own.
    """
    first, second = (
        Container(settings=load_settings(ENVIRONMENT | {"PORT": port}), surroundings=ENVIRONMENT)
        for port in ("8001", "8002")
    )
    assert first.core() is first.core()
    assert first.core() is not second.core()
    assert (first.settings().port, second.settings().port) == (8001, 8002)
