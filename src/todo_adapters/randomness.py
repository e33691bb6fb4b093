"""
Randomness, from the operating system.
"""

from __future__ import annotations

import secrets

from todo_core.ports import Randomness


class SystemRandomness(Randomness):
    """
    Draws from the kernel's cryptographic source.
    """

    def draw(self, size: int) -> bytes:
        return secrets.token_bytes(size)
