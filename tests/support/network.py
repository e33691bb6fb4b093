"""
Faults of the network, as far as one machine has them.
"""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

_CALLERS = 4
"""More than a queue of length zero holds: Linux takes one, and leaves the next without an answer."""


@contextmanager
def blocked() -> Generator[int]:
    """
    Yield a port where nobody is answered or refused, because as many as it bears already wait there.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(_CALLERS):
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
