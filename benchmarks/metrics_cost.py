"""
What metrics cost a request: the layer that counts, alone, around an application that does nothing.

``uv run python benchmarks/metrics_cost.py`` measures it in memory and, in a process of its own, in files as several
processes count together; also what a page costs to write.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from starlette.routing import Route

ROUNDS = 7
REQUESTS = 20_000
ROUTES = 60
"""As many as an operator may see in use."""


async def nothing(*_: Any) -> None:
    """
    Neither hear nor say anything.
    """


async def seconds_of(app: Any) -> float:
    """
    Return how long it takes *app* to answer all requests, one after the other.
    """
    scopes = [{"type": "http", "method": "GET", "path": f"/{number}", "number": number} for number in range(ROUTES)]
    started = time.perf_counter()
    for number in range(REQUESTS):
        await app(dict(scopes[number % ROUTES]), nothing, nothing)
    return time.perf_counter() - started


async def measured() -> None:
    """
    Measure in this process, in turns with and without the layer.
    """
    from todo_web.metrics.meter import Meter  # noqa: PLC0415 - the mode is chosen before it is imported
    from todo_web.metrics.requests import RequestMeter  # noqa: PLC0415 - as above

    routes = [Route(f"/route/{number}/{{id}}", nothing) for number in range(ROUTES)]

    async def app(scope: Any, _: Any, send: Any) -> None:
        scope["route"] = routes[scope["number"]]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    meter = Meter()
    with_it = RequestMeter(app, meter)
    costs = list[float]()
    for _ in range(ROUNDS):
        bare, metered = await seconds_of(app), await seconds_of(with_it)
        costs.append((metered - bare) / REQUESTS * 1e6)
    pages = list[float]()
    for _ in range(ROUNDS):
        started = time.perf_counter()
        meter.page({})
        pages.append((time.perf_counter() - started) * 1e3)
    mode = "files" if "PROMETHEUS_MULTIPROC_DIR" in os.environ else "memory"
    print(
        f"{mode:7} {statistics.median(costs):5.1f} us a request ({min(costs):.1f}-{max(costs):.1f}),"
        f" {statistics.median(pages):5.1f} ms a page ({min(pages):.1f}-{max(pages):.1f})"
    )


if __name__ == "__main__":
    asyncio.run(measured())
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": folder}
            subprocess.run([sys.executable, __file__], env=environment, check=True)  # noqa: S603 - this very file
