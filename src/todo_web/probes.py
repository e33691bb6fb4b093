"""
Probes of what the service itself must see to.
"""

from __future__ import annotations

from datetime import timedelta

from todo_core.errors import Unavailable
from todo_core.ports import Ports

LONGEST_WAIT = timedelta(minutes=10)
"""How long a mail may be due before the outbox counts as stuck; twice the longest wait between two tries."""


async def check_outbox(ports: Ports) -> None:
    """
    Return if mail is being delivered.

    Raises:
        Unavailable: some has been due for more than ten minutes, or the outbox cannot be asked.
    """
    now = ports.clock.now()
    async with ports.unit_of_work.begin() as work:
        oldest = await work.outbox.oldest_due(now=now)
    if oldest is not None and now - oldest > LONGEST_WAIT:
        raise Unavailable(f"mail has been due for {(now - oldest).total_seconds():.0f} s; does a courier run?")
