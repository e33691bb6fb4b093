"""
How benchmarks print: what was promised, what was seen, and on which machine.
"""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg

_LIBRARIES = ("todo-app", "aiosmtplib", "psycopg", "sqlalchemy", "uvicorn")


def print_machine(database_url: str) -> None:
    """
    Print when and on what this runs.
    """
    memory = Path("/proc/meminfo").read_text("utf-8").split()[1]
    with psycopg.connect(database_url) as connection:
        server = connection.info.server_version // 10000
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f} before it began")
    print(f"{platform.machine()}, {os.cpu_count()} cores, {int(memory) >> 20} GB, {platform.system()}")
    print(f"Python {platform.python_version()}, PostgreSQL {server}, ", end="")
    print(", ".join(f"{name} {version(name)}" for name in _LIBRARIES))


def print_figure(name: str, *, goal: str, seen: str, held: bool) -> None:
    """
    Print a figure beside its goal.
    """
    print(f"{name:34} {seen:>28}   goal {goal:24} {'held' if held else 'NOT HELD'}")


def spread(values: Sequence[float], unit: str = "s") -> str:
    """
    Return the median of *values*, the least and the most.
    """
    return f"{statistics.median(values):.2f} {unit} ({min(values):.2f} to {max(values):.2f})"


def percentile(values: Sequence[float], share: float) -> float:
    """
    Return the value below which so large a *share* of them lies.
    """
    return sorted(values)[min(len(values) - 1, round(share * (len(values) - 1)))]
