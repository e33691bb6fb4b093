"""
What is never to happen does not happen, and PostgreSQL answers every question as memory does.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Generator, Sequence

import pytest
from sqlalchemy import text

from tests.support.service_model import Stage
from tests.support.service_owners import play
from tests.support.service_world import POLICY
from tests.unit.driving import run
from todo_adapters.fakes import FakeClock
from todo_adapters.memory import MemoryUnitOfWork
from todo_adapters.postgres.engine import create_engine
from todo_adapters.postgres.tables import metadata
from todo_adapters.postgres.unit_of_work import PostgresUnitOfWork

EMPTY_ALL = text(f"TRUNCATE {', '.join(metadata.tables)}")
WISHED_FOR = os.environ.get("PROVE_STEPS")
"""How many steps `just prove` plays: other ones each time, where the tests always play the same."""


@pytest.fixture
def set_up(database_url: str) -> Generator[Callable[[FakeClock], Sequence[Stage]]]:
    """
    Yield what sets up two stages: one in memory, one on PostgreSQL, both empty.
    """
    engine = create_engine(database_url)

    async def empty() -> None:
        async with engine.connect() as connection:
            await connection.execute(EMPTY_ALL)

    with asyncio.Runner() as runner:

        def stages(clock: FakeClock) -> Sequence[Stage]:
            runner.run(empty())
            return [
                Stage(clock, POLICY, MemoryUnitOfWork(), run),
                Stage(clock, POLICY, PostgresUnitOfWork(engine), runner.run),
            ]

        yield stages
        runner.run(engine.dispose())


def test_both_stages_do_what_the_model_says(set_up):
    """
    In whatever order people, an operator and a courier act, and whatever the mail provider answers.
    """
    played = Counter[str]()
    while played["steps"] < int(WISHED_FOR or 1):
        played += play(set_up, examples=15, derandomize=not WISHED_FOR)
    print(f"\n{played['steps']} steps in {played['examples']} examples on each of two stages, without a difference")  # noqa: T201 - tells whoever wished for them
