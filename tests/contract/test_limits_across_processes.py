from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.redis import running_redis

ROOT = Path(__file__).parents[2]
PROCESSES, HITS, LIMIT = 4, 15, 20


def allowed(url: str) -> int:
    """
    Return how many hits are allowed when processes hit a limit of twenty, fifteen times each, all at once.
    """
    command = [sys.executable, "-m", "tests.support.hits", url, str(HITS), str(LIMIT)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        for _ in range(PROCESSES)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("now\n")
            process.stdin.flush()
        return sum(int(process.communicate(timeout=60)[0]) for process in processes)
    finally:
        for process in processes:
            process.kill()
            process.wait(timeout=10)


@pytest.mark.usefixtures("engine")
async def test_on_postgres(database_url: str) -> None:
    """
    Of sixty hits by four processes at once, exactly as many are allowed as the limit says.
    """
    assert await asyncio.to_thread(allowed, database_url) == LIMIT


def test_on_redis(tmp_path: Path) -> None:
    """
    The same holds when Redis counts.
    """
    with running_redis(tmp_path) as redis:
        assert allowed(redis.url) == LIMIT
