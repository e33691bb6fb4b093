"""
What is never to happen to anybody's todos does not happen on PostgreSQL either, which answers as memory does.
"""

from __future__ import annotations

import os
from collections import Counter

from tests.support.todo_machine import play

WISHED_FOR = os.environ.get("PROVE_STEPS")
"""How many steps `just prove` plays: other ones each time, where the tests always play the same."""


def test_both_stages_keep_what_was_sent_and_nothing_else(set_up):
    """
    In whatever order clients write, see less than there is, and send again.
    """
    played = Counter[str]()
    while played["steps"] < int(WISHED_FOR or 1):
        played += play(set_up, examples=15, derandomize=not WISHED_FOR)
    print(f"\n{played['steps']} steps in {played['examples']} examples on each of two stages, without a difference")  # noqa: T201 - tells whoever wished for them
