"""
What is never to happen does not happen, and PostgreSQL answers every question as memory does.
"""

from __future__ import annotations

import os
from collections import Counter

from tests.support.service_owners import play

WISHED_FOR = os.environ.get("PROVE_STEPS")
"""How many steps `just prove` plays: other ones each time, where the tests always play the same."""


def test_both_stages_do_what_the_model_says(set_up):
    """
    In whatever order people, an operator and a courier act, and whatever the mail provider answers.
    """
    played = Counter[str]()
    while played["steps"] < int(WISHED_FOR or 1):
        played += play(set_up, examples=15, derandomize=not WISHED_FOR)
    print(f"\n{played['steps']} steps in {played['examples']} examples on each of two stages, without a difference")  # noqa: T201 - tells whoever wished for them
