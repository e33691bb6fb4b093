"""
Signals to this very process, whose handlers are the test's own.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Generator

import pytest

from todo_web.ending import told_to_end


@pytest.fixture(params=[signal.SIGTERM, signal.SIGINT])
def number(request: pytest.FixtureRequest) -> signal.Signals:
    """
    Return each signal that tells a server to end.
    """
    found: signal.Signals = request.param
    return found


@pytest.fixture
def heard(number: signal.Signals) -> Generator[list[int]]:
    """
    Yield the signals that came to whoever runs us.
    """
    numbers: list[int] = []
    before = signal.signal(number, lambda which, _: numbers.append(which))
    yield numbers
    signal.signal(number, before)


async def test_both_are_told(number: signal.Signals, heard: list[int]) -> None:
    """
    We at once, and whoever runs us as before; after the block only they.
    """
    told = asyncio.Event()
    handler = signal.getsignal(number)
    with told_to_end(told.set):
        signal.raise_signal(number)
        await asyncio.wait_for(told.wait(), 20)
        assert heard == [number]
    assert signal.getsignal(number) is handler
    told.clear()
    signal.raise_signal(number)
    await asyncio.sleep(0.05)
    assert not told.is_set()
    assert heard == [number, number]


async def test_what_ends_the_process_at_once_stays(number: signal.Signals) -> None:
    """
    Where nobody handles the signal it goes on to end the process.
    """
    before = signal.signal(number, signal.SIG_DFL)
    with told_to_end(lambda: None):
        assert signal.getsignal(number) is signal.SIG_DFL
    assert signal.getsignal(number) is signal.SIG_DFL
    signal.signal(number, before)


def test_in_a_thread_nothing_is_heard(number: signal.Signals) -> None:
    """
    Signals come to the main thread only, and nobody else may ask for them.
    """
    handler, seen = signal.getsignal(number), list[object]()

    def enter() -> None:
        with told_to_end(lambda: None):
            seen.append(signal.getsignal(number))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [handler]
