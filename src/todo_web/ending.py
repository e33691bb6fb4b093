"""
Hearing that the process is told to end.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def told_to_end(call: Callable[[], None]) -> Generator[None]:
    """
    Call *call* as soon as this process is told to end, and let whoever runs it do what they do.

    A server first waits for the requests in flight and only then ends the lifespan, so what never ends by itself must
    hear of it here. Where signals do not come, as in a thread, or end the process at once, there is nothing to hear.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def heed(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(call)
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number, handler in handlers.items():
        if callable(handler):
            signal.signal(number, heed)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
