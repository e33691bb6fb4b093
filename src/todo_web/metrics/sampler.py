"""
What is not counted as it happens but looked at, each second: how full things are, and what the process takes.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import define, field

from todo_web.metrics import catalog
from todo_web.metrics.catalog import Kind, Metric
from todo_web.metrics.meter import Meter
from todo_web.version import VERSION

Look = Callable[[], float]
"""Tells a number as it is now; of a counter, how many there ever were."""

_SELF = Path("/proc/self")


def of_the_process() -> Mapping[Metric, Look]:
    """
    Return what can be told of any process; memory and files on Linux only.
    """
    looks: dict[Metric, Look] = {catalog.PROCESSES: lambda: 1.0, catalog.CPU: time.process_time}
    if sys.platform == "linux":
        looks |= {catalog.MEMORY: _memory, catalog.FILES: _files, catalog.FILES_MOST: _most_files}
    return looks


def _memory() -> float:
    return float((_SELF / "statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _files() -> float:
    return float(len(os.listdir(_SELF / "fd")))  # noqa: PTH208 - quicker, and each second


def _most_files() -> float:
    import resource  # noqa: PLC0415 - Windows has none

    return float(resource.getrlimit(resource.RLIMIT_NOFILE)[0])


@define
class Sampler:
    """
    Looks at the *looks*, and measures how late it comes to that.
    """

    meter: Meter
    looks: Mapping[Metric, Look]
    every: float = 1.0
    _counted: dict[Metric, float] = field(factory=dict[Metric, float], init=False)

    async def run(self) -> None:
        """
        Look each second, until cancelled.
        """
        self.meter.set(catalog.BUILD, 1.0, VERSION, platform.python_version())
        loop = asyncio.get_running_loop()
        while True:
            self.look()
            due = loop.time() + self.every
            await asyncio.sleep(self.every)
            self.meter.observe(catalog.LAG, max(0.0, loop.time() - due))

    def look(self) -> None:
        """
        Say how it is now.
        """
        for metric, look in self.looks.items():
            value = look()
            if metric.kind is Kind.COUNTER:
                self.meter.add(metric, amount=max(0.0, value - self._counted.get(metric, 0.0)))
                self._counted[metric] = value
            else:
                self.meter.set(metric, value)
