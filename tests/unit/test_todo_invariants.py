"""
What is never to happen to anybody's todos does not happen, with the stores in memory.
"""

from __future__ import annotations

from tests.support.service_model import Stage
from tests.support.service_world import POLICY
from tests.support.todo_machine import play
from tests.unit.driving import run
from todo_adapters.memory import MemoryUnitOfWork


def test_nothing_that_nobody_sent_changes_and_nothing_is_lost():
    """
    In whatever order clients write, see less than there is, and send again.
    """
    play(lambda clock: [Stage(clock, POLICY, MemoryUnitOfWork(), run)], examples=120, derandomize=True)
