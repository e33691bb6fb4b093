"""
What is never to happen does not happen, with the stores in memory.
"""

from __future__ import annotations

from tests.support.service_model import Stage
from tests.support.service_owners import play
from tests.support.service_world import POLICY
from tests.unit.driving import run
from todo_adapters.memory import MemoryUnitOfWork


def test_the_service_does_what_its_model_says():
    """
    In whatever order people, an operator and a courier act, and whatever the mail provider answers.
    """
    play(lambda clock: [Stage(clock, POLICY, MemoryUnitOfWork(), run)], examples=60, derandomize=True)
