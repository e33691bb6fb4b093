"""
Watching the service, as a whole: looking, writing the page, serving it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from attrs import field, frozen
from starlette.types import ASGIApp

from todo_web.metrics.deployment import Deployment
from todo_web.metrics.door import Door, Numbers, served
from todo_web.metrics.meter import FOLDER, Meter
from todo_web.metrics.requests import RequestMeter
from todo_web.metrics.sampler import Sampler
from todo_web.problems import Problems


@frozen(kw_only=True)
class Watch:
    """
    What a process that is watched has more than others.

    With a *port* the numbers are told there and nowhere else; without, beside everything else, and then only to
    those who bear the *token*.
    """

    meter: Meter
    sampler: Sampler
    deployment: Deployment
    problems: Problems
    host: str
    port: int | None
    token: str | None = field(repr=False)

    def door(self, app: ASGIApp) -> ASGIApp:
        """
        Return *app* with the way to the numbers, if they are not told elsewhere.
        """
        return app if self.port is not None else Door(app, self._numbers())

    def metered(self, app: ASGIApp) -> ASGIApp:
        """
        Return *app*, its requests counted.
        """
        return RequestMeter(app, self.meter)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """
        Look and tell while the block runs.
        """
        looking = asyncio.create_task(self.sampler.run(), name="sampler")
        try:
            async with self._served():
                yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    @asynccontextmanager
    async def _served(self) -> AsyncGenerator[None]:
        if self.port is None:
            yield
            return
        async with served(self._numbers(), host=self.host, port=self.port, shared=FOLDER in os.environ):
            yield

    def _numbers(self) -> ASGIApp:
        return Numbers(self.write, self.token, self.problems).app()

    async def write(self) -> bytes:
        """
        Return the page, as it is now.
        """
        self.sampler.look()
        return await asyncio.to_thread(self.meter.page, await self.deployment.numbers())
